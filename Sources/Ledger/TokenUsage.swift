/// The tokens of one request, in buckets that do not overlap: their sum is what was processed.
public struct TokenUsage: Sendable, Hashable, Codable {
  /// Where the numbers come from.
  public enum Provenance: String, Sendable, Codable {
    /// The provider said so.
    case provider
    /// Counted here, because the provider said nothing.
    case estimated
  }

  /// Input that was neither read from nor written to a cache.
  public var input: Int
  /// Input read from the provider's cache.
  public var cacheRead: Int
  /// Input written to the provider's cache for five minutes, or for the provider's own default time.
  public var cacheWrite5m: Int
  /// Input written to the provider's cache for an hour.
  public var cacheWrite1h: Int
  /// Output shown, without ``reasoning``.
  public var output: Int
  /// Output spent on reasoning, billed as output almost everywhere.
  public var reasoning: Int
  /// Where the numbers come from.
  public var provenance: Provenance
  /// The provider's numbers contradict each other, and were bent to make sense.
  public var isSuspect: Bool
  /// What the provider says the request cost, where it does: then that is the truth, whatever rates are known.
  public var reportedCost: Money?

  /// Makes a usage. Negative counts become zero and make it suspect.
  public init(
    input: Int = 0, cacheRead: Int = 0, cacheWrite5m: Int = 0, cacheWrite1h: Int = 0, output: Int = 0,
    reasoning: Int = 0, provenance: Provenance, isSuspect: Bool = false, reportedCost: Money? = nil
  ) {
    let counts = [input, cacheRead, cacheWrite5m, cacheWrite1h, output, reasoning]
    self.input = max(0, input)
    self.cacheRead = max(0, cacheRead)
    self.cacheWrite5m = max(0, cacheWrite5m)
    self.cacheWrite1h = max(0, cacheWrite1h)
    self.output = max(0, output)
    self.reasoning = max(0, reasoning)
    self.provenance = provenance
    self.isSuspect = isSuspect || counts.contains { $0 < 0 }
    self.reportedCost = reportedCost
  }

  /// All input, cached or not.
  public var totalInput: Int { Self.sum(input, cacheRead, cacheWrite5m, cacheWrite1h) }
  /// All output, shown or not.
  public var totalOutput: Int { Self.sum(output, reasoning) }
  /// Everything.
  public var total: Int { Self.sum(totalInput, totalOutput) }

  /// The sum, at most the largest number: counts may come from anywhere, and no sum of them may end the process.
  private static func sum(_ counts: Int...) -> Int {
    counts.reduce(0) { sum, count in
      let (result, overflow) = sum.addingReportingOverflow(count)
      return overflow ? (count < 0 ? .min : .max) : result
    }
  }

  /// Both together; estimated or suspect when one of them is. The cost is known when it is of both, or when the other
  /// one is nothing at all.
  public func adding(_ other: TokenUsage) -> TokenUsage {
    TokenUsage(
      input: Self.sum(input, other.input), cacheRead: Self.sum(cacheRead, other.cacheRead),
      cacheWrite5m: Self.sum(cacheWrite5m, other.cacheWrite5m),
      cacheWrite1h: Self.sum(cacheWrite1h, other.cacheWrite1h), output: Self.sum(output, other.output),
      reasoning: Self.sum(reasoning, other.reasoning),
      provenance: provenance == .provider && other.provenance == .provider ? .provider : .estimated,
      isSuspect: isSuspect || other.isSuspect, reportedCost: costWith(other))
  }

  private func costWith(_ other: TokenUsage) -> Money? {
    switch (reportedCost, other.reportedCost) {
    case (let mine?, let theirs?): try? mine.adding(theirs)
    case (let mine?, nil): other.total == 0 ? mine : nil
    case (nil, let theirs?): total == 0 ? theirs : nil
    case (nil, nil): nil
    }
  }
}

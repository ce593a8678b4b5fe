/// How many tokens models count where o200k_base counts one, learned from the usage that providers report.
///
/// For each model it keeps the mean of that ratio and its mean deviation, both weighted exponentially (half of the weight
/// lies on the last fourteen requests), and how many deviations above the mean stay above `quantile` of all requests.
/// That number is not taken from a distribution but steered: a request above the high estimate raises it, one below
/// lowers it a little, so that in the long run the share of requests above is `1 - quantile` whatever the
/// ratios are like. One wild report moves the mean by a bounded step only.
///
/// Before a model has `minimumSamples` the high estimate is a guess: where money is reserved, use the bound of
/// `TokenCounter` until `Estimate.isReliable`. `TokenCounter.measure` does so.
public struct TokenCalibration: Sendable, Hashable {
  /// The share of requests that have at most the high estimate, in the long run.
  public static let quantile = 0.99
  /// From how many reports on an estimate is reliable.
  public static let minimumSamples = 32
  /// How many models are kept; the one that has been learned from least recently goes first.
  public static let maxModels = 256
  /// Reports on shorter input are not learned from: what stands around the text weighs too much in them.
  public static let minimumTokens = 64

  /// How many tokens a model will count.
  public struct Estimate: Sendable, Hashable {
    /// The number to expect.
    public var expected: Int
    /// The number that `quantile` of all requests do not exceed; never below `expected`.
    public var high: Int
    /// How many reports it rests on.
    public var samples: Int

    /// Whether money may be reserved by `high`.
    public var isReliable: Bool { samples >= TokenCalibration.minimumSamples }
  }

  private var models: [String: ModelRatio] = [:]
  private var clock = 0

  /// Nothing is known yet.
  public init() {}

  /// For which models there is something, in no order.
  public var knownModels: some Collection<String> { models.keys }

  /// Learns from a report.
  ///
  /// - Parameters:
  ///   - model: The model, as spelled in `estimate`.
  ///   - counted: Our count of the request's input: `TokenMeasure.counted`.
  ///   - reported: All input tokens that the provider reported for it, those read from and written to a cache included.
  /// - Returns: Whether it could be learned from: not if the input is short (`minimumTokens`), or the numbers cannot be
  ///   of one text.
  @discardableResult
  public mutating func learn(model: String, counted: Int, reported: Int) -> Bool {
    guard counted >= Self.minimumTokens, reported > 0 else { return false }
    let ratio = Double(reported) / Double(counted)
    guard ModelRatio.plausible.contains(ratio) else { return false }
    clock += 1
    models[model, default: ModelRatio()].learn(ratio, clock: clock)
    if models.count > Self.maxModels, let oldest = models.min(by: { $0.value.learnedAt < $1.value.learnedAt }) {
      models[oldest.key] = nil
    }
    return true
  }

  /// How many tokens a model will count where o200k_base counts `counted`; a guess for a model that nothing is known of.
  public func estimate(_ counted: Int, model: String) -> Estimate {
    let ratio = models[model] ?? ModelRatio()
    // No input is that long; it keeps products in the range of numbers.
    let count = Double(min(max(0, counted), 1 << 50))
    let expected = Int((count * ratio.mean).rounded())
    let high = Int((count * ratio.high).rounded(.up))
    return Estimate(expected: expected, high: max(expected, high), samples: ratio.samples)
  }

  /// Forgets a model.
  public mutating func forget(model: String) { models[model] = nil }
}

extension TokenCalibration: Codable {
  private enum CodingKeys: String, CodingKey {
    case models
  }

  /// Reads what was stored. Entries that cannot be are left out.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let stored = try container.decode([String: ModelRatio].self, forKey: .models).filter { $0.value.isValid }
    let kept = stored.sorted { ($0.value.learnedAt, $0.key) > ($1.value.learnedAt, $1.key) }.prefix(Self.maxModels)
    // The order is kept, the numbers start anew.
    for (model, ratio) in kept.reversed() {
      clock += 1
      models[model] = ratio
      models[model]?.learnedAt = clock
    }
  }

  /// Writes what is known, in a form that `init(from:)` reads.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(models, forKey: .models)
  }
}

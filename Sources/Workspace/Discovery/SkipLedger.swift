/// What was left out of a workspace folder, by path and reason: counts stay exact as single paths change.
public struct SkipLedger: Sendable {
  /// How many paths are left out, by reason; no reason has a zero.
  public private(set) var counts: [SkipReason: Int] = [:]
  /// What the walk left out, with the number of the reason.
  private var walked = PathList()
  /// Numbers in `walked` of those to which that does not apply any more.
  private var dropped: Set<Int> = []
  /// What was left out since.
  private var added: [String: SkipReason] = [:]

  /// Examples given for each reason.
  static let exampleLimit = 20

  /// Makes an empty ledger.
  public init() {}

  /// Takes down what a walk leaves out. Paths must be distinct, and `finish` be called after the last.
  mutating func append(_ path: some Collection<UInt8>, _ reason: SkipReason) {
    walked.append(path, tag: Self.tag(reason))
    counts[reason, default: 0] += 1
  }

  mutating func append(contentsOf other: SkipLedger) {
    walked.append(contentsOf: other.walked)
    counts.merge(other.counts, uniquingKeysWith: +)
  }

  mutating func finish() { walked.sort() }

  /// Sets why a path is left out now; nil if it is not, or is gone.
  ///
  /// - Parameter path: as `FileEntry.path` spells it.
  public mutating func set(_ path: String, _ reason: SkipReason?) {
    if let number = number(of: path), !dropped.contains(number) {
      let known = SkipReason.allCases[Int(walked.tag(number))]
      if known == reason { return }
      dropped.insert(number)
      uncount(known)
    }
    if let known = added.removeValue(forKey: path) { uncount(known) }
    if let reason {
      added[path] = reason
      counts[reason, default: 0] += 1
    }
  }

  /// Forgets all that lies in a directory that is gone or left out as a whole, but not the directory itself.
  public mutating func removeContents(of directory: String) {
    let range = PathText.bytes(directory).withUnsafeBufferPointer { walked.numbers(below: $0) }
    for number in range where dropped.insert(number).inserted {
      uncount(SkipReason.allCases[Int(walked.tag(number))])
    }
    for path in added.keys where path.utf8.starts(with: (directory + "/").utf8) {
      if let known = added.removeValue(forKey: path) { uncount(known) }
    }
  }

  /// All paths that are left out.
  public var all: [(path: String, reason: SkipReason)] {
    let known = (0..<walked.count).lazy.filter { !dropped.contains($0) }.map { number in
      (walked.withPath(number) { PathText.string($0) }, SkipReason.allCases[Int(walked.tag(number))])
    }
    return Array(known) + added.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// The first few paths that are left out, by reason.
  public var examples: [SkipReason: [String]] {
    var result: [SkipReason: [String]] = [:]
    for (path, reason) in all where result[reason, default: []].count < Self.exampleLimit {
      result[reason, default: []].append(path)
    }
    return result
  }

  private func number(of path: String) -> Int? {
    PathText.bytes(path).withUnsafeBufferPointer { walked.number(of: $0) }
  }

  private mutating func uncount(_ reason: SkipReason) {
    let left = counts[reason, default: 0] - 1
    counts[reason] = left > 0 ? left : nil
  }

  private static func tag(_ reason: SkipReason) -> UInt8 {
    UInt8(SkipReason.allCases.firstIndex(of: reason) ?? 0)
  }
}

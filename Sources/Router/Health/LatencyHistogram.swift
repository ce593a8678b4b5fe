#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// How long something took lately: a histogram with logarithmic bins whose past fades, in constant space.
struct LatencyHistogram: Sendable {
  /// From 1 ms up, four bins a doubling: a percentile is exact to 19 %, up to four minutes.
  private static let binsPerDoubling = 4.0
  private static let binCount = 72
  /// All counts are halved beyond so many samples, so that the last few hundred decide.
  private static let maxWeight: Float = 256

  private var bins = [Float](repeating: 0, count: LatencyHistogram.binCount)
  private var weight: Float = 0
  /// How many were added in all.
  private(set) var count = 0
  /// The mean in which the newest sample counts a fifth; `nil` before the first.
  private(set) var mean: Duration?
  /// When the last one was added.
  private(set) var lastAdded: Duration?

  /// Adds a sample.
  mutating func add(_ value: Duration, at now: Duration) {
    let milliseconds = max(1, value / .milliseconds(1))
    let bin = min(Self.binCount - 1, Int(log2(milliseconds) * Self.binsPerDoubling))
    bins[bin] += 1
    weight += 1
    count += 1
    mean = mean.map { $0 + (value - $0) / 5 } ?? value
    lastAdded = now
    if weight > Self.maxWeight {
      for index in bins.indices { bins[index] /= 2 }
      weight /= 2
    }
  }

  /// The upper bound of the bin in which the percentile (0 to 1) lies; `nil` before the first sample.
  func percentile(_ share: Double) -> Duration? {
    guard weight > 0 else { return nil }
    let wanted = Float(share) * weight
    var sum: Float = 0
    for (index, bin) in bins.enumerated() {
      sum += bin
      if sum >= wanted, bin > 0 { return Self.upperBound(index) }
    }
    return Self.upperBound(Self.binCount - 1)
  }

  private static func upperBound(_ bin: Int) -> Duration {
    .microseconds(Int64(exp2(Double(bin + 1) / binsPerDoubling) * 1000))
  }
}

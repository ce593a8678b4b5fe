/// When a second deployment is asked because the first one is slow.
public struct HedgingPolicy: Sendable, Hashable {
  /// Which share of earlier first tokens came sooner than the wait; over 0, under 1.
  public var quantile = 0.95
  /// The wait when the deployment was not measured often enough; otherwise it waits for its ``quantile``.
  public var delay = Duration.seconds(3)
  /// The longest wait.
  public var maxDelay = Duration.seconds(10)
  /// The shortest wait.
  public var minDelay = Duration.milliseconds(100)
  /// How many times a deployment must have been measured for its percentile to count.
  public var minSamples = 20

  /// The values above.
  public init() {}

  /// How long to wait for a deployment that has been this fast.
  func delay(_ latency: LatencyHistogram) -> Duration {
    let usual = latency.count >= minSamples ? latency.percentile(quantile) ?? delay : delay
    return max(minDelay, min(maxDelay, usual))
  }
}

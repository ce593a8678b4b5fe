/// How patient a route is.
///
/// A repeat is another attempt at a deployment that the same request has tried before. Going on to a deployment that it
/// has not tried is none, and is never limited: while one is healthy, no request is lost.
public struct RetryPolicy: Sendable, Hashable {
  /// Attempts at one deployment that is overloaded, limits the rate or fails.
  public var attemptsPerDeployment = 3
  /// Attempts at one deployment that does not answer in time, cannot be reached or breaks off.
  public var attemptsWhenUnreachable = 2
  /// Repeats in all.
  public var maxRepeats = 8
  /// The shortest wait before a repeat.
  public var minDelay = Duration.zero
  /// The first wait without advice; doubled each time.
  public var firstDelay = Duration.milliseconds(500)
  /// The longest wait without advice.
  public var maxDelay = Duration.seconds(8)
  /// The longest wait a provider may ask for: beyond, its deployment is given up.
  public var maxRetryAfter = Duration.seconds(20)
  /// All waits together, for providers and in queues.
  public var maxTotalDelay = Duration.seconds(30)
  /// Tokens of answer when neither request nor deployment says.
  public var defaultMaxOutputTokens = 1024
  /// A shorter answer is not worth asking for.
  public var minimumOutputTokens = 16

  /// The values above.
  public init() {}
}

/// How often a request may be repeated within a group, by what went wrong. `nil` leaves ``RetryPolicy``'s numbers.
///
/// Empty accounts and refused keys are never asked again, whatever stands here.
public struct RepeatLimits: Sendable, Hashable {
  /// After any failure that is not named below.
  public var any: Int?
  /// After timeouts and broken connections.
  public var timeout: Int?
  /// After limits of the rate.
  public var rateLimit: Int?
  /// After failures of the server, overload included.
  public var server: Int?
  /// After requests that were called wrong.
  public var badRequest: Int?

  /// Makes limits.
  public init(
    any: Int? = nil, timeout: Int? = nil, rateLimit: Int? = nil, server: Int? = nil, badRequest: Int? = nil
  ) {
    self.any = any
    self.timeout = timeout
    self.rateLimit = rateLimit
    self.server = server
    self.badRequest = badRequest
  }

  /// What is said here; else there.
  public func over(_ weaker: RepeatLimits) -> RepeatLimits {
    RepeatLimits(
      any: any ?? weaker.any, timeout: timeout ?? (any == nil ? weaker.timeout : nil),
      rateLimit: rateLimit ?? (any == nil ? weaker.rateLimit : nil),
      server: server ?? (any == nil ? weaker.server : nil),
      badRequest: badRequest ?? (any == nil ? weaker.badRequest : nil))
  }
}

/// How patient a route is.
public struct RetryPolicy: Sendable, Hashable {
  /// Attempts at one deployment that is overloaded, limits the rate or fails.
  public var attemptsPerDeployment = 3
  /// Attempts at one deployment that does not answer in time, cannot be reached or breaks off.
  public var attemptsWhenUnreachable = 2
  /// Attempts in all.
  public var maxAttempts = 8
  /// The first wait without advice; doubled each time.
  public var firstDelay = Duration.milliseconds(500)
  /// The longest wait without advice.
  public var maxDelay = Duration.seconds(8)
  /// The longest wait a provider may ask for: beyond, its deployment is given up.
  public var maxRetryAfter = Duration.seconds(20)
  /// All waits together.
  public var maxTotalDelay = Duration.seconds(30)
  /// Tokens of answer when neither request nor deployment says.
  public var defaultMaxOutputTokens = 1024
  /// A shorter answer is not worth asking for.
  public var minimumOutputTokens = 16

  /// The values above.
  public init() {}
}

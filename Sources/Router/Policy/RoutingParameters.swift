public import HTTPTransport

/// What the user says about using a deployment: limits, preferences, patience.
public struct RoutingParameters: Sendable, Hashable {
  /// How long to wait for a deployment. What is `nil` leaves the endpoint's own value.
  public struct Timeouts: Sendable, Hashable {
    /// Name resolution, TCP and TLS together.
    public var connect: Duration?
    /// From the request to the first token. Comments that keep a connection alive are no tokens.
    public var firstToken: Duration?
    /// Between two chunks.
    public var betweenChunks: Duration?
    /// From the start to the last byte.
    public var total: Duration?

    /// Makes timeouts.
    public init(
      connect: Duration? = nil, firstToken: Duration? = nil, betweenChunks: Duration? = nil, total: Duration? = nil
    ) {
      self.connect = connect
      self.firstToken = firstToken
      self.betweenChunks = betweenChunks
      self.total = total
    }

    /// What the transport is to keep: `base` where nothing else is said. The first byte may take as long as the first
    /// token may.
    public func applied(to base: HTTPTimeouts) -> HTTPTimeouts {
      HTTPTimeouts(
        connect: connect ?? base.connect, firstByte: firstToken ?? base.firstByte, idle: betweenChunks ?? base.idle,
        total: total ?? base.total)
    }
  }

  /// The user's own name of this deployment (`model_info.id`). Its health is kept under it while it changes otherwise.
  public var id: String?
  /// Its share of the requests, relative to the group's other weights. Not negative.
  public var weight: Double?
  /// Requests in any 60 seconds.
  public var rpm: Int?
  /// Tokens in any 60 seconds, in and out together.
  public var tpm: Int?
  /// Lower ones are used first; the next only when none of the lower can be used. 0 when not given.
  public var order: Int?
  /// Requests at the same time.
  public var maxParallelRequests: Int?
  /// What requests may ask for. `default` serves requests without tags.
  public var tags: [String]
  /// How often a request may be repeated here; over the policy's numbers.
  public var maxRetries: Int?
  /// How long it is left alone after failing, at first; over the policy's.
  public var cooldownTime: Duration?
  /// How long to wait.
  public var timeouts: Timeouts

  /// Makes parameters; nothing is limited when nothing is said.
  public init(
    id: String? = nil, weight: Double? = nil, rpm: Int? = nil, tpm: Int? = nil, order: Int? = nil,
    maxParallelRequests: Int? = nil, tags: [String] = [], maxRetries: Int? = nil, cooldownTime: Duration? = nil,
    timeouts: Timeouts = Timeouts()
  ) {
    self.id = id
    self.weight = weight
    self.rpm = rpm
    self.tpm = tpm
    self.order = order
    self.maxParallelRequests = maxParallelRequests
    self.tags = tags
    self.maxRetries = maxRetries
    self.cooldownTime = cooldownTime
    self.timeouts = timeouts
  }
}

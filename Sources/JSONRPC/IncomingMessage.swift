/// A call of the peer, in the order of arrival.
public enum IncomingMessage: Sendable {
  /// A call that must be answered.
  case request(IncomingRequest)
  /// A call that must not be answered.
  case notification(method: String, params: RawJSON?)
}

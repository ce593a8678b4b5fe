/// How requests are shared out among deployments of one name.
public struct RoutingParameters: Sendable, Hashable {
  /// Nothing in particular.
  public init() {}
}

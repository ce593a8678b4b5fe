import Configuration

/// How requests are shared out among deployments of one name.
public struct RoutingParameters: Sendable, Hashable {
  /// Nothing in particular.
  public init() {}

  /// What an entry says, and the router's settings where it says nothing.
  init(_ entry: ModelEntry, _ router: RouterSettings) {}
}

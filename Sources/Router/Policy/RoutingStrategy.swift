/// How a deployment is chosen among those of a group that can be used. Ties are broken evenly, but for ``preference``.
public enum RoutingStrategy: String, Sendable, Hashable, CaseIterable {
  /// The first.
  case preference
  /// By chance: by weights if there are any, else by rpm, else by tpm, else evenly.
  case simpleShuffle = "simple-shuffle"
  /// The one with the fewest requests under way.
  case leastBusy = "least-busy"
  /// The one that answers soonest. Those that were not measured lately go first, so that they are.
  case latency = "latency-based-routing"
  /// The one that costs least.
  case cost = "cost-based-routing"
  /// The one that has used the least share of its limits.
  case usage = "usage-based-routing"

  /// Reads LiteLLM's names.
  public init?(name: String) {
    switch name {
    case "usage-based-routing-v2": self = .usage
    case "latency-based": self = .latency
    case "cost-based": self = .cost
    case "usage-based": self = .usage
    default: self.init(rawValue: name)
    }
  }
}

internal import Configuration
internal import Ledger
internal import Router

/// Which model a prompt goes to, and why: what the request says, else what is set for the task, else for all, else
/// whatever comes first. `auto` leaves it to ``ModelSelector``.
struct ModelChoice: Sendable {
  /// The name that leaves the choice to the program.
  static let auto = "auto"

  /// The group; nil for whatever comes first.
  var name: String?
  /// For the user.
  var reason: String
  /// Whether another may be chosen when this one fails.
  var isAutomatic = false

  /// What the configuration says for a task, if anything.
  static func configured(_ task: ModelTask, _ settings: CiceroneSettings) -> (name: String, reason: String)? {
    if let name = settings.tasks[task.settingsName]?.model?.value {
      return (name, "set for \(task.rawValue) by the configuration")
    }
    return settings.model.map { ($0.value, "set by the configuration") }
  }
}

extension ModelTask {
  /// Its name in the configuration.
  var settingsName: CiceroneSettings.TaskName {
    switch self {
    case .ask: .ask
    case .explain: .explain
    case .hoverSummary: .hoverSummary
    case .rewriteQuery: .rewriteQuery
    case .summarise: .summarise
    }
  }
}

extension ModelRouter {
  /// The groups to choose from, in order, without those that were tried already.
  func candidates(without tried: Set<String>) -> [ModelSelector.Candidate] {
    var order: [String] = []
    var groups: [String: ModelSelector.Candidate] = [:]
    for item in snapshot().deployments where !tried.contains(item.deployment.name) {
      let name = item.deployment.name
      if groups[name] == nil {
        order.append(name)
        groups[name] = ModelSelector.Candidate(name: name, deployments: [], isAvailable: false)
      }
      groups[name]?.deployments.append(item.deployment)
      switch item.health.state {
      case .healthy, .probing: groups[name]?.isAvailable = true
      case .coolingDown, .disabled: break
      }
      if let latency = item.health.firstTokenP50 {
        let known = groups[name]?.firstToken
        groups[name]?.firstToken = known.map { min($0, latency) } ?? latency
      }
    }
    return order.compactMap { groups[$0] }
  }
}

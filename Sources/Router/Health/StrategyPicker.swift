import Ledger

/// Chooses among deployments that can all be used.
struct StrategyPicker {
  let table: HealthTable
  let request: AcquisitionRequest
  let now: Duration

  /// One of `options`, of which there is one at least.
  func pick(_ options: [AcquisitionOption]) -> (AcquisitionOption, ChoiceReason) {
    guard options.count > 1 else { return (options[0], .only) }
    switch request.strategy ?? suggested() {
    case .preference: return (options[0], .preference)
    case .simpleShuffle: return (shuffled(options), .shuffle)
    case .leastBusy: return (least(options) { Double(health($0).inFlight) }, .leastBusy)
    case .cost: return (least(options) { Double($0.cost.picoUSD) }, .cost)
    case .usage: return (least(options, by: usedShare), .usage)
    case .latency: return (least(options, buffer: request.latencyBuffer, by: latency), .latency)
    }
  }

  /// By chance where someone gave weights or limits: that is what these are for.
  private func suggested() -> RoutingStrategy {
    let hasWeights = request.options.contains {
      let parameters = table.slots[$0.slot].parameters
      return parameters.weight != nil || parameters.rpm != nil || parameters.tpm != nil
    }
    return hasWeights ? .simpleShuffle : .preference
  }

  private func health(_ option: AcquisitionOption) -> DeploymentHealth { table.slots[option.slot].health }

  private func shuffled(_ options: [AcquisitionOption]) -> AcquisitionOption {
    for key in [\RoutingParameters.weight, \.rpmWeight, \.tpmWeight] {
      let weights = options.map { max(0, table.slots[$0.slot].parameters[keyPath: key] ?? 0) }
      let sum = weights.reduce(0, +)
      guard sum > 0, sum.isFinite else { continue }
      var left = request.random() * sum
      var last = 0
      for (index, weight) in weights.enumerated() where weight > 0 {
        last = index
        left -= weight
        if left < 0 { break }
      }
      return options[last]
    }
    return options[min(options.count - 1, Int(request.random() * Double(options.count)))]
  }

  /// One of those whose value is the least, or within the buffer of it.
  private func least(
    _ options: [AcquisitionOption], buffer: Double = 0, by value: (AcquisitionOption) -> Double
  ) -> AcquisitionOption {
    let values = options.map(value)
    let bound = (values.min() ?? 0) * (1 + max(0, buffer))
    let best = options.indices.filter { values[$0] <= bound }
    return options[best[min(best.count - 1, Int(request.random() * Double(best.count)))]]
  }

  private func usedShare(_ option: AcquisitionOption) -> Double {
    let slot = table.slots[option.slot]
    let window = slot.health.window
    // Without limits only the amount tells them apart, and those with limits come later by any share.
    guard slot.parameters.rpm != nil || slot.parameters.tpm != nil else { return Double(window.tokens) * 1e-12 }
    let requests = slot.parameters.rpm.map { Double(window.requests) / Double(max(1, $0)) } ?? 0
    let tokens = slot.parameters.tpm.map { Double(window.tokens) / Double(max(1, $0)) } ?? 0
    return max(requests, tokens)
  }

  /// The time to the first token; none where it was not measured lately.
  private func latency(_ option: AcquisitionOption) -> Double {
    let histogram = health(option).firstToken
    guard let mean = histogram.mean, let last = histogram.lastAdded, now - last < request.latencyLife else { return 0 }
    return mean / .seconds(1)
  }
}

extension RoutingParameters {
  fileprivate var rpmWeight: Double? { rpm.map(Double.init) }
  fileprivate var tpmWeight: Double? { tpm.map(Double.init) }
}

import Ledger
import Providers

/// What is known of all deployments: limits, failures, speed. Plain data that is told the time, so that it can be tested
/// in any time; ``RouterState`` shares it.
struct HealthTable: Sendable {
  /// One deployment.
  struct Slot: Sendable {
    var parameters: RoutingParameters
    var account: Int
    var health = DeploymentHealth()
  }

  private(set) var slots: [Slot] = []
  private(set) var accounts: [AccountHealth] = []
  private var slotByID: [DeploymentID: Int] = [:]
  private var accountByKey: [Deployment.Account: Int] = [:]

  /// Finds or makes the places of `deployments`. A new set of deployments is a change of the configuration: keys that
  /// were refused are tried again.
  mutating func adopt(_ deployments: [Deployment], forgettingRefusals: Bool = true) -> [Int] {
    if forgettingRefusals { for index in accounts.indices { accounts[index].refusal = nil } }
    var seen: [DeploymentID: Int] = [:]
    return deployments.map { deployment in
      var id = DeploymentID(deployment)
      id.ordinal = seen[id, default: 0]
      seen[DeploymentID(deployment), default: 0] += 1
      let account = self.account(deployment.account)
      if let slot = slotByID[id] {
        slots[slot].parameters = deployment.routing
        slots[slot].account = account
        return slot
      }
      slots.append(Slot(parameters: deployment.routing, account: account))
      slotByID[id] = slots.count - 1
      return slots.count - 1
    }
  }

  private mutating func account(_ key: Deployment.Account) -> Int {
    if let index = accountByKey[key] { return index }
    accounts.append(AccountHealth())
    accountByKey[key] = accounts.count - 1
    return accounts.count - 1
  }

  /// Chooses one of the options that can be used now and notes the request there, in one step: limits hold however many
  /// ask at the same time. `kept` has the slots whose tokens others stand in line for, with the time at which these have
  /// room: smaller requests do not pass them.
  mutating func acquire(
    _ request: AcquisitionRequest, at now: Duration, kept: [Int: Duration] = [:]
  ) -> Acquisition {
    var usable: [AcquisitionOption] = []
    usable.reserveCapacity(request.options.count)
    var obstacles: [AcquisitionObstacle] = []
    for option in request.options {
      slots[option.slot].health.window.advance(to: now)
      if let obstacle = obstacle(option, isOnlyChance: request.isOnlyChance, kept: kept[option.slot], at: now) {
        obstacles.append(obstacle)
      } else {
        usable.append(option)
      }
    }
    guard let lowest = usable.map({ slots[$0.slot].parameters.order ?? 0 }).min() else {
      return .unavailable(obstacles)
    }
    usable.removeAll { (slots[$0.slot].parameters.order ?? 0) != lowest }
    let (option, reason) = StrategyPicker(table: self, request: request, now: now).pick(usable)
    return .granted(grant(option, reason, at: now))
  }

  private mutating func grant(
    _ option: AcquisitionOption, _ reason: ChoiceReason, at now: Duration
  ) -> AcquisitionGrant {
    let account = slots[option.slot].account
    let isProbe = slots[option.slot].health.cooldown.phase == .open
    let probe = isProbe ? slots[option.slot].health.cooldown.probe() : nil
    let isAccountProbe = accounts[account].cooldown.phase == .open
    let accountProbe = isAccountProbe ? accounts[account].cooldown.probe() : nil
    let tokens = min(option.tokens, slots[option.slot].parameters.tpm ?? option.tokens)
    slots[option.slot].health.inFlight += 1
    let stamp = slots[option.slot].health.window.add(tokens: tokens, at: now)
    return AcquisitionGrant(
      candidate: option.candidate, slot: option.slot, tokens: tokens, probe: probe, accountProbe: accountProbe,
      started: now, reason: isProbe || isAccountProbe ? .probe : reason, stamp: stamp)
  }

  /// Why the option cannot be used now, if so.
  private func obstacle(
    _ option: AcquisitionOption, isOnlyChance: Bool, kept: Duration?, at now: Duration
  ) -> AcquisitionObstacle? {
    let slot = slots[option.slot]
    let account = accounts[slot.account]
    func obstacle(_ reason: SkipReason, until: Duration? = nil, isFinal: Bool = false) -> AcquisitionObstacle {
      AcquisitionObstacle(candidate: option.candidate, reason: reason, until: until, isFinal: isFinal)
    }
    if account.refusal != nil { return obstacle(.account(.authentication), isFinal: true) }
    switch account.cooldown.access(at: now) {
    case .free, .probe: break
    // Nobody waits for an account to be filled.
    case .notBefore, .beingProbed: return obstacle(.account(.billing), isFinal: true)
    }
    let cooldown = slot.health.cooldown
    if !isOnlyChance || cooldown.advisedUntil > now {
      switch cooldown.access(at: now) {
      case .free, .probe: break
      case .notBefore(let time):
        return obstacle(.coolingDown(slot.health.cooldownKind ?? .server, time - now), until: time)
      case .beingProbed: return obstacle(.probing)
      }
    }
    if let most = slot.parameters.maxParallelRequests, slot.health.inFlight >= max(1, most) {
      return obstacle(.maxParallelRequests)
    }
    let (rpm, tpm) = (slot.parameters.rpm, slot.parameters.tpm)
    guard rpm != nil || tpm != nil else { return nil }
    // A limit of nothing lets nothing through, however long one waits.
    if rpm.map({ $0 <= 0 }) ?? false { return obstacle(.requestsPerMinute(.seconds(60)), isFinal: true) }
    if tpm.map({ $0 <= 0 }) ?? false { return obstacle(.tokensPerMinute(.seconds(60)), isFinal: true) }
    let window = slot.health.window
    guard let time = window.roomAt(tokens: option.tokens, rpm: rpm, tpm: tpm) else {
      return kept.map { obstacle(.tokensPerMinute($0 - now), until: $0) }
    }
    let isByRequests = window.roomAt(tokens: 0, rpm: rpm, tpm: nil) != nil
    return obstacle(
      isByRequests ? .requestsPerMinute(time - now) : .tokensPerMinute(time - now), until: time)
  }

  /// The first token of a request arrived: the deployment works, whatever follows.
  mutating func firstToken(_ grant: AcquisitionGrant, at now: Duration) -> [HealthChange] {
    slots[grant.slot].health.firstToken.add(now - grant.started, at: now)
    return works(grant)
  }

  private mutating func works(_ grant: AcquisitionGrant) -> [HealthChange] {
    if accounts[slots[grant.slot].account].cooldown.succeed(grant.accountProbe) {
      accounts[slots[grant.slot].account].billingError = nil
    }
    guard slots[grant.slot].health.cooldown.succeed(grant.probe) else { return [] }
    slots[grant.slot].health.cooldownKind = nil
    slots[grant.slot].health.failures.removeAll()
    return [.recovered]
  }

  /// A request ended. Without an alternative, a deployment is not left alone for what passes by itself, unless the
  /// provider asked for it.
  mutating func end(
    _ grant: AcquisitionGrant, _ outcome: AttemptOutcome, hasAlternative: Bool, policy: CooldownPolicy,
    at now: Duration
  ) -> [HealthChange] {
    slots[grant.slot].health.inFlight -= 1
    slots[grant.slot].health.window.advance(to: now)
    var used: Int?
    var changes: [HealthChange] = []
    switch outcome {
    case .answered(let tokens, let output, let streaming):
      used = tokens
      slots[grant.slot].health.answered += 1
      if let streaming, output > 1, streaming >= .milliseconds(1) {
        let speed = Double(output) / (streaming / .seconds(1))
        slots[grant.slot].health.tokensPerSecond =
          slots[grant.slot].health.tokensPerSecond.map { $0 + (speed - $0) / 5 } ?? speed
      }
      changes = works(grant)
    case .abandoned(let tokens):
      used = tokens
      abandonProbes(grant)
    case .failed(let error, let tokens):
      used = tokens
      changes = failed(grant, error, hasAlternative: hasAlternative, policy: policy, at: now)
    }
    if let used { slots[grant.slot].health.window.settle(grant.stamp, by: used - grant.tokens) }
    return changes
  }

  private mutating func abandonProbes(_ grant: AcquisitionGrant) {
    slots[grant.slot].health.cooldown.abandon(grant.probe)
    accounts[slots[grant.slot].account].cooldown.abandon(grant.accountProbe)
  }

  private mutating func failed(
    _ grant: AcquisitionGrant, _ error: ProviderError, hasAlternative: Bool, policy: CooldownPolicy, at now: Duration
  ) -> [HealthChange] {
    let slot = grant.slot
    switch error.kind {
    case .cancelled:
      abandonProbes(grant)
      return []
    case .context, .contentPolicy, .badRequest:
      // Its answer is not what was hoped for, but it answers.
      return works(grant)
    // This request is larger than a minute allows: that says nothing about others.
    case .rateLimit where error.status == 413:
      abandonProbes(grant)
      return []
    default: break
    }
    slots[slot].health.failed += 1
    slots[slot].health.lastError = (error.kind, now)
    guard policy.isEnabled else {
      abandonProbes(grant)
      return []
    }
    if error.kind == .authentication || error.kind == .billing { return closeAccount(grant, error, policy, at: now) }
    accounts[slots[slot].account].cooldown.abandon(grant.accountProbe)
    let isAtOnce: Bool =
      switch error.kind {
      case .permission, .notFound, .overloaded, .rateLimit: policy.failuresByKind[error.kind] == nil
      default: false
      }
    let isDue =
      (isAtOnce || slots[slot].health.countFailure(error.kind, at: now, policy: policy)) && hasAlternative
    let before = slots[slot].health.cooldown
    let advised = policy.advised(error)
    guard isDue || before.isProbing(grant.probe) || advised != nil else { return [] }
    let first = policy.first(error.kind, deployment: slots[slot].parameters.cooldownTime)
    slots[slot].health.cooldown.fail(
      at: now, first: isDue ? first : advised ?? first, cap: policy.maxTime, advised: advised,
      probe: grant.probe)
    guard slots[slot].health.cooldown != before, slots[slot].health.cooldown.until > now else { return [] }
    slots[slot].health.cooldownKind = error.kind
    return [.coolingDown(error.kind, slots[slot].health.cooldown.until - now)]
  }

  private mutating func closeAccount(
    _ grant: AcquisitionGrant, _ error: ProviderError, _ policy: CooldownPolicy, at now: Duration
  ) -> [HealthChange] {
    let account = slots[grant.slot].account
    // The deployment itself is neither better nor worse for it.
    slots[grant.slot].health.cooldown.abandon(grant.probe)
    if error.kind == .authentication {
      let isNew = accounts[account].refusal == nil
      accounts[account].refusal = error
      accounts[account].cooldown.abandon(grant.accountProbe)
      return isNew ? [.accountClosed(.authentication, nil)] : []
    }
    let before = accounts[account].cooldown
    accounts[account].cooldown.fail(
      at: now, first: policy.billingTime, cap: policy.maxBillingTime, advised: policy.advised(error),
      probe: grant.accountProbe)
    accounts[account].billingError = error
    guard accounts[account].cooldown != before else { return [] }
    return [.accountClosed(.billing, accounts[account].cooldown.until - now)]
  }

  /// A grant that was never used: as if it had not been.
  mutating func takeBack(_ grant: AcquisitionGrant, at now: Duration) {
    slots[grant.slot].health.inFlight -= 1
    slots[grant.slot].health.window.advance(to: now)
    slots[grant.slot].health.window.settle(grant.stamp, by: -grant.tokens)
    slots[grant.slot].health.window.takeBack(grant.stamp)
    abandonProbes(grant)
  }

  /// The error for which a slot's account is closed.
  func accountError(_ slot: Int) -> ProviderError? {
    accounts[slots[slot].account].refusal ?? accounts[slots[slot].account].billingError
  }
}

/// What a deployment is recognised by when the configuration is read again.
struct DeploymentID: Hashable, Sendable {
  var name: String
  var given: String?
  var model: String?
  var account: Deployment.Account
  /// Which one of several that are the same in all else.
  var ordinal = 0

  init(_ deployment: Deployment) {
    name = deployment.name
    given = deployment.routing.id
    model = given == nil ? deployment.model : nil
    account = deployment.account
  }
}

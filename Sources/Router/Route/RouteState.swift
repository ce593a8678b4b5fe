import Providers

/// Which deployments to try next: a finite state machine without clocks, connections or shared state.
///
/// It goes through groups of deployments: the one asked for, then those that follow it. **Invariants:** no group is
/// entered twice, whatever circles the configuration has; a deployment that was not tried is always tried before one is
/// repeated within a group; repeats and waits are bounded; nothing is tried after the route is over. So it ends.
struct RouteState {
  /// What to do.
  enum Step: Equatable {
    /// Try one of these candidates.
    case attempt([Int])
    /// Wait until that time, or until one of these, for which others stand in line, can be used.
    case wait(until: Duration, queue: [Int])
    /// Go on with another group: ``RouteState/enter(_:)`` is called next.
    case enter(Transition)
    /// Nothing is left to try.
    case giveUp
  }

  /// From one group to another.
  struct Transition: Equatable {
    var group: String
    /// `nil` for the group that was asked for.
    var from: String?
    var cause: FallbackCause
    /// Whether the user configured it, and not only the order of the deployments.
    var isConfigured: Bool
  }

  /// What the machine must know of a deployment.
  struct Candidate {
    var account: Int
    var contextTokens: Int?
    var maxRetries: Int?
    fileprivate var group = 0
    fileprivate var attempts = 0
    fileprivate var isClosed = false
    fileprivate var isRefused = false
    /// When it may be repeated.
    fileprivate var notBefore = Duration.zero
    /// Whether it is to be repeated before the group is left.
    fileprivate var staysFirst = false
    /// Whether others are in its way, and until when that is known to last.
    fileprivate var isBlocked = false
    fileprivate var blockedUntil: Duration?

    init(account: Int, contextTokens: Int? = nil, maxRetries: Int? = nil) {
      self.account = account
      self.contextTokens = contextTokens
      self.maxRetries = maxRetries
    }
  }

  private struct Group {
    var name: String
    var repeats = 0
    var cause = FallbackCause.failure
    /// For which causes its successors are in line.
    var expanded: Set<FallbackCause> = []
  }

  private let policy: RoutingPolicy
  private(set) var candidates: [Candidate] = []
  private var groups: [Group] = []
  private var pending: [Transition]
  private var visited: Set<String> = []
  private var entering: Transition?
  private var fallbacks = 0
  private var repeats = 0
  private var delayed = Duration.zero
  /// Accounts that are empty or whose key was refused: not asked again, by whatever group.
  private var closedAccounts: Set<Int> = []
  /// Only models that are known to read more than this are of use.
  private var contextFloor: Int?
  private(set) var isOver = false

  /// A route through `names`: the first is asked for, the others follow when it fails.
  init(_ names: [String], policy: RoutingPolicy) {
    self.policy = policy
    pending = names.enumerated().map { index, name in
      Transition(group: name, from: index == 0 ? nil : names[index - 1], cause: .failure, isConfigured: false)
    }
  }

  /// The next step at `now`.
  mutating func next(at now: Duration) -> Step {
    while !isOver {
      if let ready = ready(at: now) { return .attempt(ready) }
      if let current = groups.indices.last {
        let own = candidates.indices.filter { candidates[$0].group == current }
        if let step = wait(for: own.filter { isOpen($0) && candidates[$0].staysFirst }, at: now) { return step }
      }
      if let transition = nextGroup() {
        entering = transition
        return .enter(transition)
      }
      let open = candidates.indices.filter(isOpen)
      guard !open.isEmpty else { break }
      if let step = wait(for: open, at: now) { return step }
    }
    return .giveUp
  }

  private func isOpen(_ index: Int) -> Bool { !candidates[index].isClosed }

  /// Those of one group that can be tried now: ones that were not tried before, else others; of the first group that has
  /// any.
  private func ready(at now: Duration) -> [Int]? {
    var ready = candidates.indices.filter {
      isOpen($0) && !candidates[$0].isBlocked && candidates[$0].notBefore <= now
    }
    let untried = ready.filter { candidates[$0].attempts == 0 }
    if !untried.isEmpty {
      ready = untried
    } else if repeats >= policy.retry.maxRepeats {
      return nil
    }
    guard let first = ready.map({ candidates[$0].group }).min() else { return nil }
    return ready.filter { candidates[$0].group == first }
  }

  /// A wait for the first of them, if it is not too long; those that take too long are closed.
  private mutating func wait(for indices: [Int], at now: Duration) -> Step? {
    let deadline = now + max(.zero, policy.retry.maxTotalDelay - delayed)
    var until: Duration?
    var queue: [Int] = []
    for index in indices {
      let candidate = candidates[index]
      let isRepeat = candidate.attempts > 0
      let time: Duration?
      if candidate.isBlocked {
        time =
          candidate.blockedUntil.map { max($0, candidate.notBefore) }
          ?? (candidate.notBefore > now ? candidate.notBefore : nil)
      } else {
        time = candidate.notBefore
      }
      if deadline <= now || time.map({ $0 > deadline }) ?? false || (isRepeat && repeats >= policy.retry.maxRepeats) {
        candidates[index].isClosed = true
        continue
      }
      if candidate.isBlocked, candidate.notBefore <= now { queue.append(index) }
      if let time { until = min(until ?? time, time) }
    }
    if until == nil, queue.isEmpty { return nil }
    return .wait(until: max(until ?? deadline, now + .milliseconds(1)), queue: queue)
  }

  private mutating func nextGroup() -> Transition? {
    if let current = groups.indices.last { expand(current, groups[current].cause) }
    while !pending.isEmpty {
      let transition = pending.removeFirst()
      if transition.isConfigured, fallbacks >= policy.maxFallbacks { continue }
      let name = policy.group(transition.group)
      guard visited.insert(name).inserted else { continue }
      if transition.isConfigured { fallbacks += 1 }
      return Transition(
        group: name, from: transition.from, cause: transition.cause, isConfigured: transition.isConfigured)
    }
    return nil
  }

  /// Puts the groups that follow one in line.
  private mutating func expand(_ group: Int, _ cause: FallbackCause) {
    guard groups[group].expanded.insert(cause).inserted else { return }
    let name = groups[group].name
    for successor in policy.successors(of: name, cause: cause) {
      pending.append(Transition(group: successor, from: name, cause: cause, isConfigured: true))
    }
  }

  /// Whether the request could go to more than one deployment.
  var hasAlternative: Bool {
    if candidates.count(where: { !$0.isRefused }) > 1 || !pending.isEmpty { return true }
    return groups.last.map { !policy.successors(of: $0.name, cause: .failure).isEmpty } ?? false
  }

  /// The deployments of the group that ``Step/enter(_:)`` named. Returns their numbers.
  mutating func enter(_ members: [Candidate]) -> Range<Int> {
    let transition = entering
    entering = nil
    groups.append(Group(name: transition?.group ?? ""))
    let first = candidates.count
    for member in members {
      var candidate = member
      candidate.group = groups.count - 1
      // What the user named for long input may be of unknown size.
      if let contextFloor, transition?.cause != .context || candidate.contextTokens != nil {
        candidate.isClosed = (candidate.contextTokens ?? 0) <= contextFloor
      }
      if closedAccounts.contains(candidate.account) { candidate.isClosed = true }
      candidates.append(candidate)
    }
    return first..<candidates.count
  }

  /// Candidates that a second request could go to while the first is under way: not tried, in the same group.
  func hedges(at now: Duration) -> [Int] {
    guard let current = groups.indices.last, !isOver else { return [] }
    return candidates.indices.filter {
      candidates[$0].group == current && isOpen($0) && !candidates[$0].isBlocked && candidates[$0].attempts == 0
        && candidates[$0].notBefore <= now
    }
  }

  /// An attempt begins. Returns how often the candidate was tried before.
  mutating func started(_ index: Int) -> Int {
    if candidates[index].attempts > 0 {
      repeats += 1
      groups[candidates[index].group].repeats += 1
    }
    candidates[index].attempts += 1
    candidates[index].staysFirst = false
    return candidates[index].attempts - 1
  }

  /// It cannot be tried in this route: price, limits or size forbid it.
  mutating func refused(_ index: Int, isForContext: Bool) {
    candidates[index].isClosed = true
    candidates[index].isRefused = true
    if isForContext { groups[candidates[index].group].cause = .context }
  }

  /// It cannot be tried now. `isFinal` when waiting is of no use.
  mutating func unavailable(_ index: Int, until: Duration?, isFinal: Bool) {
    if isFinal { candidates[index].isClosed = true }
    candidates[index].isBlocked = true
    candidates[index].blockedUntil = until
    candidates[index].staysFirst = false
  }

  /// A wait of that length is over.
  mutating func waited(_ duration: Duration) {
    // However fast a clock stands, waits add up.
    delayed += max(duration, .milliseconds(1))
    for index in candidates.indices { candidates[index].isBlocked = false }
  }

  /// No more waiting: what stood in line is given up.
  mutating func queueIsFull() {
    for index in candidates.indices where candidates[index].isBlocked { candidates[index].isClosed = true }
  }

  /// The attempt failed at `now`. `jitter` is from 0 to 1, and shortens waits without advice by up to a quarter.
  mutating func failed(_ index: Int, _ error: ProviderError, at now: Duration, jitter: Double) {
    switch error.kind {
    case .badRequest:
      guard error.shouldRetry == true || policy.repeatLimit(.badRequest, in: name(of: index)) != nil else {
        isOver = true
        return
      }
      `repeat`(index, error, limit: policy.retry.attemptsPerDeployment, at: now, jitter: jitter, staysFirst: true)
      if candidates[index].isClosed { isOver = true }
    case .rateLimit, .overloaded, .server:
      `repeat`(
        index, error, limit: policy.retry.attemptsPerDeployment, at: now, jitter: jitter,
        staysFirst: error.kind != .rateLimit)
    case .timeout, .network, .truncated:
      `repeat`(index, error, limit: policy.retry.attemptsWhenUnreachable, at: now, jitter: jitter, staysFirst: true)
    case .authentication, .billing:
      let account = candidates[index].account
      closedAccounts.insert(account)
      for other in candidates.indices where candidates[other].account == account { candidates[other].isClosed = true }
    case .permission, .notFound: candidates[index].isClosed = true
    case .context:
      // Only a model that is known to take more.
      let size = max(contextFloor ?? 0, candidates[index].contextTokens ?? 0)
      contextFloor = size
      for other in candidates.indices where (candidates[other].contextTokens ?? 0) <= size {
        candidates[other].isClosed = true
      }
      candidates[index].isClosed = true
      groups[candidates[index].group].cause = .context
      expand(candidates[index].group, .context)
    case .contentPolicy:
      let successors = policy.successors(of: name(of: index), cause: .contentPolicy)
      guard !successors.isEmpty else {
        isOver = true
        return
      }
      for other in candidates.indices { candidates[other].isClosed = true }
      pending.removeAll()
      expand(candidates[index].group, .contentPolicy)
      // Nothing but these follows, wherever the route stands.
      if let current = groups.indices.last {
        groups[current].cause = .contentPolicy
        groups[current].expanded.insert(.contentPolicy)
      }
    case .cancelled: isOver = true
    }
  }

  /// The deployment broke off in the middle of an answer that another one is to continue.
  mutating func brokeOff(_ index: Int) { candidates[index].isClosed = true }

  /// The group of a candidate.
  func name(of index: Int) -> String { groups[candidates[index].group].name }

  private mutating func `repeat`(
    _ index: Int, _ error: ProviderError, limit: Int, at now: Duration, jitter: Double, staysFirst: Bool
  ) {
    let candidate = candidates[index]
    let mayRepeat: Bool
    if let own = candidate.maxRetries {
      mayRepeat = candidate.attempts <= own
    } else if let configured = policy.repeatLimit(error.kind, in: name(of: index)) {
      mayRepeat = groups[candidate.group].repeats < configured
    } else {
      mayRepeat = candidate.attempts < limit
    }
    guard mayRepeat, error.shouldRetry != false else {
      candidates[index].isClosed = true
      return
    }
    if let advised = error.retryAfter {
      guard advised <= policy.retry.maxRetryAfter else {
        candidates[index].isClosed = true
        return
      }
      candidates[index].notBefore = now + max(advised, policy.retry.minDelay)
    } else {
      let doublings = min(16, max(0, candidate.attempts - 1))
      let delay = min(policy.retry.maxDelay, policy.retry.firstDelay * (1 << doublings))
      candidates[index].notBefore = now + max(policy.retry.minDelay, delay * (1 - 0.25 * min(1, max(0, jitter))))
    }
    candidates[index].staysFirst = staysFirst
  }
}

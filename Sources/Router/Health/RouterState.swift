import Ledger
import Providers
import Synchronization

/// What all requests of a process know together: which deployments work, how busy and how fast they are.
///
/// Make one a process and give it to every router: cooldowns and limits then outlive changes of the configuration.
public final class RouterState: Sendable {
  private struct Waiter {
    var id: UInt64
    var request: AcquisitionRequest
    var continuation: Continuation

    typealias Continuation = CheckedContinuation<AcquisitionGrant?, Never>
  }

  private struct Shared {
    var table = HealthTable()
    var waiters: [Waiter] = []
    /// Those who wait or are about to; `true` when it was cancelled before it stood in line.
    var isCancelled: [UInt64: Bool] = [:]
    var nextWaiter: UInt64 = 0
    var nextRoute: UInt64 = 0
  }

  private let shared = Mutex(Shared())
  /// Where time comes from.
  public let clock: RouterClock
  let alarms: AlarmClock

  /// Nothing is known yet.
  public init(clock: RouterClock = .system) {
    self.clock = clock
    alarms = AlarmClock(clock)
  }

  func adopt(_ deployments: [Deployment], forgettingRefusals: Bool) -> [Int] {
    shared.withLock { $0.table.adopt(deployments, forgettingRefusals: forgettingRefusals) }
  }

  func routeID() -> UInt64 {
    shared.withLock {
      $0.nextRoute += 1
      return $0.nextRoute
    }
  }

  /// A look at one deployment.
  func health(_ slot: Int) -> DeploymentHealth { shared.withLock { $0.table.slots[slot].health } }

  /// The error for which a deployment's account is closed.
  func accountError(_ slot: Int) -> ProviderError? { shared.withLock { $0.table.accountError(slot) } }

  func snapshot(_ slots: [Int]) -> [DeploymentSnapshot.Health] {
    let now = clock.now()
    return shared.withLock { shared in slots.map { shared.table.snapshot($0, at: now) } }
  }

  /// How many wait for capacity.
  var waiting: Int { shared.withLock { $0.waiters.count } }

  /// Takes one of the options if any can be used now. Whoever waits already has the first choice.
  func acquire(_ request: AcquisitionRequest) -> Acquisition {
    let now = clock.now()
    let (outcome, grants) = shared.withLock { shared in
      let (grants, kept) = Self.serve(&shared, at: now)
      return (shared.table.acquire(request, at: now, kept: kept), grants)
    }
    Self.deliver(grants)
    return outcome
  }

  /// What waiting came to.
  enum Waited: Sendable {
    /// Capacity.
    case granted(AcquisitionGrant)
    /// Nothing by then, or the task was cancelled.
    case inVain
    /// Too many wait already.
    case full
  }

  /// Waits in line for one of the options, at most until `deadline`.
  func wait(_ request: AcquisitionRequest, until deadline: Duration, maxLength: Int) async -> Waited {
    let id: UInt64? = shared.withLock {
      guard $0.waiters.count < maxLength else { return nil }
      $0.nextWaiter += 1
      $0.isCancelled[$0.nextWaiter] = false
      return $0.nextWaiter
    }
    guard let id else { return .full }
    let alarm = alarms.set(at: deadline) { [weak self] in self?.leave(id, isDue: true) }
    let grant = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let now = clock.now()
        let (isGone, grants) = shared.withLock { shared in
          if shared.isCancelled[id] == true { return (true, [Delivery]()) }
          shared.waiters.append(Waiter(id: id, request: request, continuation: continuation))
          // What was given back in the meantime is not announced again.
          return (false, Self.serve(&shared, at: now).grants)
        }
        if isGone { continuation.resume(returning: nil) }
        Self.deliver(grants)
      }
    } onCancel: {
      leave(id)
    }
    alarms.cancel(alarm)
    shared.withLock { _ = $0.isCancelled.removeValue(forKey: id) }
    return grant.map { .granted($0) } ?? .inVain
  }

  /// The line is left empty-handed, by whoever's time is up only if there is no room for it just then. Those behind may
  /// move up.
  private func leave(_ id: UInt64, isDue: Bool = false) {
    let now = clock.now()
    let (continuation, grants) = shared.withLock { shared -> (Waiter.Continuation?, [Delivery]) in
      var grants = isDue ? Self.serve(&shared, at: now).grants : []
      guard let index = shared.waiters.firstIndex(where: { $0.id == id }) else {
        if shared.isCancelled[id] != nil { shared.isCancelled[id] = true }
        return (nil, grants)
      }
      let continuation = shared.waiters.remove(at: index).continuation
      grants += Self.serve(&shared, at: now).grants
      return (continuation, grants)
    }
    continuation?.resume(returning: nil)
    Self.deliver(grants)
  }

  func firstToken(_ grant: AcquisitionGrant) -> [HealthChange] {
    change { $0.firstToken(grant, at: $1) }
  }

  func end(
    _ grant: AcquisitionGrant, _ outcome: AttemptOutcome, hasAlternative: Bool, policy: CooldownPolicy
  ) -> [HealthChange] {
    change { $0.end(grant, outcome, hasAlternative: hasAlternative, policy: policy, at: $1) }
  }

  func takeBack(_ grant: AcquisitionGrant) {
    _ = change { table, now in
      table.takeBack(grant, at: now)
      return []
    }
  }

  private typealias Delivery = (continuation: Waiter.Continuation, grant: AcquisitionGrant)

  /// Changes the table, and gives what became free to those who wait.
  private func change(_ body: (inout HealthTable, Duration) -> [HealthChange]) -> [HealthChange] {
    let now = clock.now()
    let (changes, grants) = shared.withLock { shared in
      let changes = body(&shared.table, now)
      return (changes, Self.serve(&shared, at: now).grants)
    }
    Self.deliver(grants)
    return changes
  }

  /// Goes through the line in its order. Where a request lacks room for its tokens, nothing behind it is served: smaller
  /// ones would use up the room again and again. `kept` has these slots, with the time at which there is room.
  private static func serve(_ shared: inout Shared, at now: Duration) -> (grants: [Delivery], kept: [Int: Duration]) {
    guard !shared.waiters.isEmpty else { return ([], [:]) }
    var grants: [Delivery] = []
    var kept: [Int: Duration] = [:]
    shared.waiters.removeAll { waiter in
      switch shared.table.acquire(waiter.request, at: now, kept: kept) {
      case .granted(let grant):
        grants.append((waiter.continuation, grant))
        return true
      case .unavailable(let obstacles):
        for obstacle in obstacles {
          guard case .tokensPerMinute = obstacle.reason, let until = obstacle.until,
            let option = waiter.request.options.first(where: { $0.candidate == obstacle.candidate })
          else { continue }
          kept[option.slot] = max(kept[option.slot] ?? until, until)
        }
        return false
      }
    }
    return (grants, kept)
  }

  private static func deliver(_ grants: [Delivery]) {
    for (continuation, grant) in grants { continuation.resume(returning: grant) }
  }
}

/// A grant in the hands of a route: given back when it is let go of.
final class Lease: Sendable {
  let grant: AcquisitionGrant
  private let state: RouterState
  private let policy: CooldownPolicy
  private let isOver = Atomic(false)

  init(_ grant: AcquisitionGrant, _ state: RouterState, _ policy: CooldownPolicy) {
    self.grant = grant
    self.state = state
    self.policy = policy
  }

  deinit { _ = end(.abandoned(tokens: grant.tokens), hasAlternative: true) }

  func firstToken() -> [HealthChange] { state.firstToken(grant) }

  /// The request ended. Only the first time counts.
  func end(_ outcome: AttemptOutcome, hasAlternative: Bool) -> [HealthChange] {
    guard !isOver.exchange(true, ordering: .acquiringAndReleasing) else { return [] }
    return state.end(grant, outcome, hasAlternative: hasAlternative, policy: policy)
  }

  /// It was never sent.
  func takeBack() {
    guard !isOver.exchange(true, ordering: .acquiringAndReleasing) else { return }
    state.takeBack(grant)
  }
}

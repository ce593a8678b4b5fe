import Providers

/// Which deployment to try next: a finite state machine without clocks or connections.
///
/// Every failure either uses up an attempt or closes a deployment, so the machine ends. Nothing is tried after the first
/// delta has reached the user.
struct RouteState {
  /// What to do.
  enum Step: Equatable {
    /// Try the deployment of that index after a wait.
    case attempt(Int, after: Duration)
    /// Nothing is left to try.
    case giveUp
  }

  /// What the machine must know of a deployment.
  struct Candidate {
    var account: Deployment.Account
    var contextTokens: Int?
    fileprivate var attempts = 0
    fileprivate var isClosed = false
    /// When it may be tried again, counted from the start of the route.
    fileprivate var notBefore = Duration.zero

    init(account: Deployment.Account, contextTokens: Int?) {
      self.account = account
      self.contextTokens = contextTokens
    }
  }

  private let policy: RetryPolicy
  private var candidates: [Candidate]
  private var current: Int?
  /// The one to repeat before others are tried.
  private var sticky: Int?
  private var attempts = 0
  private var delayed = Duration.zero
  private var isOver = false

  init(_ candidates: [Candidate], policy: RetryPolicy) {
    self.candidates = candidates
    self.policy = policy
  }

  /// The next step at `now`, counted from the start of the route.
  mutating func next(at now: Duration) -> Step {
    guard !isOver, attempts < policy.maxAttempts else { return .giveUp }
    let open = candidates.indices.filter { !candidates[$0].isClosed }
    let choice =
      sticky.flatMap { open.contains($0) ? $0 : nil }
      ?? open.first { candidates[$0].attempts == 0 }
      ?? open.min { candidates[$0].notBefore < candidates[$1].notBefore }
    guard let choice else { return .giveUp }
    let wait = max(.zero, candidates[choice].notBefore - now)
    guard delayed + wait <= policy.maxTotalDelay else {
      // Another may be ready sooner.
      candidates[choice].isClosed = true
      return next(at: now)
    }
    delayed += wait
    attempts += 1
    candidates[choice].attempts += 1
    current = choice
    sticky = nil
    return .attempt(choice, after: wait)
  }

  /// The attempt was not made, for the budget does not allow it. It does not count.
  mutating func refused() {
    guard let current else { return }
    attempts -= 1
    candidates[current].isClosed = true
  }

  /// The attempt failed at `now`. `jitter` is from 0 to 1, and shortens waits without advice by up to a quarter.
  mutating func failed(_ error: ProviderError, afterDelta: Bool, at now: Duration, jitter: Double) {
    guard let current else { return }
    guard !afterDelta, error.kind != .cancelled else {
      isOver = true
      return
    }
    switch error.kind {
    case .badRequest where error.shouldRetry == true, .rateLimit, .overloaded, .server:
      let staysFirst = error.kind != .rateLimit
      `repeat`(current, error, limit: policy.attemptsPerDeployment, at: now, jitter: jitter, staysFirst: staysFirst)
    case .timeout, .network, .truncated:
      `repeat`(current, error, limit: policy.attemptsWhenUnreachable, at: now, jitter: jitter, staysFirst: true)
    case .authentication, .billing:
      let account = candidates[current].account
      for index in candidates.indices where candidates[index].account == account { candidates[index].isClosed = true }
    case .permission, .notFound: candidates[current].isClosed = true
    case .context:
      // Only a model that is known to take more.
      let size = candidates[current].contextTokens ?? 0
      for index in candidates.indices where (candidates[index].contextTokens ?? 0) <= size {
        candidates[index].isClosed = true
      }
      candidates[current].isClosed = true
    case .badRequest, .contentPolicy, .cancelled: isOver = true
    }
  }

  private mutating func `repeat`(
    _ index: Int, _ error: ProviderError, limit: Int, at now: Duration, jitter: Double, staysFirst: Bool
  ) {
    guard candidates[index].attempts < limit, error.shouldRetry != false else {
      candidates[index].isClosed = true
      return
    }
    if let advised = error.retryAfter {
      guard advised <= policy.maxRetryAfter else {
        candidates[index].isClosed = true
        return
      }
      candidates[index].notBefore = now + advised
    } else {
      let doublings = min(16, candidates[index].attempts - 1)
      let delay = min(policy.maxDelay, policy.firstDelay * (1 << doublings))
      candidates[index].notBefore = now + delay * (1 - 0.25 * min(1, max(0, jitter)))
    }
    if staysFirst { sticky = index }
  }
}

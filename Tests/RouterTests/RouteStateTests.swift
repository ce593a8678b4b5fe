import Providers
import SeededInput
import Testing

@testable import Router

/// Drives the machine through groups whose deployments are named by a letter for their account.
struct RouteMachine {
  var state: RouteState
  var groups: [String: String]
  var contexts: [String: [Int?]] = [:]
  var now = Duration.zero
  var waited = Duration.zero
  var entered: [String] = []

  init(_ names: [String], _ groups: [String: String], policy: RoutingPolicy = RoutingPolicy()) {
    self.groups = groups
    state = RouteState(names, policy: policy)
  }

  /// The next attempt: the first of those that may be made, after waiting as long as it takes.
  mutating func attempt() -> (index: Int, wait: Duration)? {
    var wait = Duration.zero
    while true {
      switch state.next(at: now) {
      case .giveUp: return nil
      case .enter(let transition):
        entered.append(transition.group)
        let sizes = contexts[transition.group] ?? []
        _ = state.enter(
          (groups[transition.group] ?? "").enumerated().map { index, account in
            RouteState.Candidate(
              account: Int(account.asciiValue ?? 0), contextTokens: sizes.indices.contains(index) ? sizes[index] : nil)
          })
      case .wait(let until, _):
        wait += until - now
        state.waited(until - now)
        now = until
      case .attempt(let indices):
        waited += wait
        _ = state.started(indices[0])
        return (indices[0], wait)
      }
    }
  }

  /// The attempts that follow when each one fails in the same way: index and wait in milliseconds.
  mutating func trace(_ error: ProviderError) -> [String] {
    var steps: [String] = []
    while let (index, wait) = attempt() {
      steps.append("\(index)+\(wait / .milliseconds(1))")
      state.failed(index, error, at: now, jitter: 0)
      if steps.count > 50 { break }
    }
    return steps
  }
}

struct RouteStateTests {
  /// One group for each word.
  func trace(_ layout: String, _ error: ProviderError, contexts: [String: [Int?]] = [:]) -> [String] {
    let words = layout.split(separator: " ").map(String.init)
    let names = words.indices.map { "g\($0)" }
    var machine = RouteMachine(names, Dictionary(uniqueKeysWithValues: zip(names, words)))
    machine.contexts = contexts
    return machine.trace(error)
  }

  @Test func badRequestsAndPolicyEndTheRoute() {
    #expect(trace("ab c", failure(.badRequest)) == ["0+0.0"])
    #expect(trace("ab c", failure(.contentPolicy)) == ["0+0.0"])
    #expect(trace("ab c", failure(.cancelled)) == ["0+0.0"])
  }

  @Test func billingAndAuthenticationAreNeverRetriedAndCloseTheAccount() {
    for kind in [ProviderError.Kind.billing, .authentication] {
      #expect(trace("a", failure(kind, retryAfter: .zero, shouldRetry: true)) == ["0+0.0"])
      #expect(trace("aab", failure(kind)) == ["0+0.0", "2+0.0"])
    }
  }

  @Test func closedAccountsStayClosedInGroupsThatFollow() {
    for kind in [ProviderError.Kind.billing, .authentication] {
      #expect(trace("a ab a c", failure(kind)) == ["0+0.0", "2+0.0", "4+0.0"])
    }
  }

  @Test func billingIsNeverRetriedWhateverIsConfigured() {
    var policy = RoutingPolicy()
    policy.repeats = RepeatLimits(any: 9, timeout: 9, rateLimit: 9, server: 9, badRequest: 9)
    var machine = RouteMachine(["g"], ["g": "a"], policy: policy)
    #expect(machine.trace(failure(.billing, retryAfter: .zero, shouldRetry: true)) == ["0+0.0"])
  }

  @Test func permissionAndNotFoundCloseTheDeployment() {
    #expect(trace("aab", failure(.notFound)) == ["0+0.0", "1+0.0", "2+0.0"])
    #expect(trace("aab", failure(.permission)) == ["0+0.0", "1+0.0", "2+0.0"])
  }

  @Test func contextWantsALargerOne() {
    #expect(trace("abc", failure(.context), contexts: ["g0": [100, 50, 200]]) == ["0+0.0", "2+0.0"])
    #expect(trace("ab", failure(.context)) == ["0+0.0"])
    #expect(trace("a b c", failure(.context), contexts: ["g0": [100], "g1": [80], "g2": [200]]) == ["0+0.0", "2+0.0"])
  }

  @Test func failuresGoToTheNextOfTheGroupAtOnceAndLeaveItLast() {
    #expect(trace("a", failure(.overloaded)) == ["0+0.0", "0+500.0", "0+1000.0"])
    #expect(trace("ab", failure(.server)) == ["0+0.0", "1+0.0", "0+500.0", "1+0.0", "0+1000.0", "1+0.0"])
    #expect(trace("a b", failure(.server)) == ["0+0.0", "0+500.0", "0+1000.0", "1+0.0", "1+500.0", "1+1000.0"])
  }

  @Test func rateLimitsMoveOnAtOnceAndComeBack() {
    for layout in ["ab", "a b"] {
      let steps = trace(layout, failure(.rateLimit, retryAfter: .seconds(3)))
      #expect(steps.prefix(3) == ["0+0.0", "1+0.0", "0+3000.0"])
    }
    #expect(trace("a", failure(.rateLimit)) == ["0+0.0", "0+500.0", "0+1000.0"])
  }

  @Test func unreachableIsTriedOnceMore() {
    for kind in [ProviderError.Kind.timeout, .network, .truncated] {
      #expect(trace("a b", failure(kind)) == ["0+0.0", "0+500.0", "1+0.0", "1+500.0"])
    }
  }

  @Test func adviceIsHonouredUpToABound() {
    #expect(trace("a", failure(.rateLimit, retryAfter: .milliseconds(250))) == ["0+0.0", "0+250.0", "0+250.0"])
    #expect(trace("a", failure(.rateLimit, retryAfter: .zero)) == ["0+0.0", "0+0.0", "0+0.0"])
    #expect(trace("ab", failure(.rateLimit, retryAfter: .seconds(99_999))) == ["0+0.0", "1+0.0"])
    #expect(trace("ab", failure(.server, shouldRetry: false)) == ["0+0.0", "1+0.0"])
    #expect(trace("a", failure(.badRequest, shouldRetry: true)).count == 3)
    // Two waits of 18 s are more than all waits may take together.
    #expect(trace("a", failure(.rateLimit, retryAfter: .seconds(18))) == ["0+0.0", "0+18000.0"])
  }

  @Test func jitterShortensByAQuarterAtMost() {
    var machine = RouteMachine(["g"], ["g": "a"])
    _ = machine.attempt()
    machine.state.failed(0, failure(.server), at: .zero, jitter: 1)
    #expect(machine.attempt()?.wait == .milliseconds(375))
  }

  @Test func repeatsAreLimitedAsConfigured() {
    func attempts(_ kind: ProviderError.Kind, _ change: (inout RoutingPolicy) -> Void) -> Int {
      var policy = RoutingPolicy()
      change(&policy)
      var machine = RouteMachine(["g"], ["g": "a"], policy: policy)
      return machine.trace(failure(kind)).count
    }
    #expect(attempts(.server) { $0.repeats.any = 0 } == 1)
    #expect(attempts(.server) { $0.repeats.any = 5 } == 6)
    #expect(attempts(.server) { $0.repeats = RepeatLimits(any: 5, server: 1) } == 2)
    #expect(attempts(.timeout) { $0.repeats = RepeatLimits(any: 5, timeout: 0) } == 1)
    #expect(attempts(.server) { $0.groupRepeats["g"] = RepeatLimits(server: 4) } == 5)
    #expect(attempts(.server) { $0.groupRepeats["other"] = RepeatLimits(server: 4) } == 3)
    #expect(attempts(.badRequest) { $0.repeats.badRequest = 2 } == 3)
    // Whatever is configured, there is a bound.
    #expect(attempts(.server) { $0.repeats.any = 1000 } <= 1 + RetryPolicy().maxRepeats)
  }

  @Test func goingToAnotherDeploymentIsNoRepeat() {
    var policy = RoutingPolicy()
    policy.repeats.any = 0
    var machine = RouteMachine(["g"], ["g": "abcdefghijklmnop"], policy: policy)
    #expect(machine.trace(failure(.server)).count == 16)
  }

  @Test func fallbacksFollowInOrderAndCirclesEnd() {
    var policy = RoutingPolicy()
    policy.repeats.any = 0
    policy.fallbacks = ["a": ["b", "c", "a"], "b": ["a", "d"], "c": ["c"], "d": ["b"]]
    var machine = RouteMachine(["a"], ["a": "1", "b": "2", "c": "3", "d": "4"], policy: policy)
    #expect(machine.trace(failure(.server)).count == 4)
    #expect(machine.entered == ["a", "b", "c", "d"])
    policy.maxFallbacks = 2
    machine = RouteMachine(["a"], ["a": "1", "b": "2", "c": "3", "d": "4"], policy: policy)
    _ = machine.trace(failure(.server))
    #expect(machine.entered == ["a", "b", "c"])
  }

  @Test func aliasesInACircleEnd() {
    var policy = RoutingPolicy()
    policy.aliases = ["a": "b", "b": "a"]
    policy.fallbacks = ["*": ["a", "b", "c"]]
    var machine = RouteMachine(["a"], ["c": "1"], policy: policy)
    #expect(machine.trace(failure(.billing)) == ["0+0.0"])
  }

  @Test func defaultFallbacksFollowTheGroupsOwn() {
    var policy = RoutingPolicy()
    policy.repeats.any = 0
    policy.fallbacks = ["a": ["b"]]
    policy.defaultFallbacks = ["z"]
    var machine = RouteMachine(["a"], ["a": "1", "b": "2", "z": "3"], policy: policy)
    _ = machine.trace(failure(.server))
    #expect(machine.entered == ["a", "b", "z"])
    machine = RouteMachine(["b"], ["b": "2", "z": "3"], policy: policy)
    _ = machine.trace(failure(.server))
    #expect(machine.entered == ["b", "z"])
  }

  @Test func contextAndPolicyHaveFallbacksOfTheirOwn() {
    var policy = RoutingPolicy()
    policy.fallbacks = ["a": ["plain"]]
    policy.contextWindowFallbacks = ["a": ["long"]]
    policy.contentPolicyFallbacks = ["a": ["lax"]]
    let groups = ["a": "12", "plain": "3", "long": "4", "lax": "5"]
    var machine = RouteMachine(["a"], groups, policy: policy)
    machine.contexts = ["a": [10, 10], "plain": [5]]
    #expect(machine.trace(failure(.context)).count == 2)
    #expect(machine.entered == ["a", "long", "plain"])
    machine = RouteMachine(["a"], groups, policy: policy)
    #expect(machine.trace(failure(.contentPolicy)).count == 2)
    #expect(machine.entered == ["a", "lax"])
    machine = RouteMachine(["a"], groups, policy: policy)
    #expect(machine.trace(failure(.notFound)).count == 3)
    #expect(machine.entered == ["a", "plain"])
  }

  @Test func whatIsTooSmallIsNotAskedAndItsContextFallbackIs() {
    var policy = RoutingPolicy()
    policy.contextWindowFallbacks = ["a": ["long"]]
    var machine = RouteMachine(["a"], ["a": "1", "long": "2"], policy: policy)
    _ = machine.state.next(at: .zero)
    _ = machine.state.enter([RouteState.Candidate(account: 1)])
    machine.state.refused(0, isForContext: true)
    #expect(machine.attempt()?.index == 1)
    #expect(machine.entered == ["long"])
  }

  @Test func whatIsBusyIsWaitedForLast() {
    var machine = RouteMachine(["a", "b"], ["a": "1", "b": "2"])
    _ = machine.state.next(at: .zero)
    _ = machine.state.enter([RouteState.Candidate(account: 1)])
    #expect(machine.state.next(at: .zero) == .attempt([0]))
    machine.state.unavailable(0, until: .seconds(5), isFinal: false)
    guard case .enter = machine.state.next(at: .zero) else { return #expect(Bool(false)) }
    _ = machine.state.enter([RouteState.Candidate(account: 2)])
    #expect(machine.state.next(at: .zero) == .attempt([1]))
    machine.state.unavailable(1, until: nil, isFinal: false)
    #expect(machine.state.next(at: .zero) == .wait(until: .seconds(5), queue: [0, 1]))
    machine.state.waited(.seconds(5))
    #expect(machine.state.next(at: .seconds(5)) == .attempt([0]))
    machine.state.unavailable(0, until: .seconds(60), isFinal: false)
    machine.state.unavailable(1, until: nil, isFinal: true)
    // It would take longer than all waits may.
    #expect(machine.state.next(at: .seconds(5)) == .giveUp)
  }

  @Test func everyRouteEnds() {
    var random = SeededGenerator(seed: 7)
    func number(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &random) }
    let names = ["a", "b", "c", "d", "e", "f"]
    for _ in 0..<3000 {
      var policy = RoutingPolicy()
      for name in names {
        func some() -> [String] { (0..<number(4)).map { _ in names[number(6)] } }
        if number(2) == 0 { policy.fallbacks[name] = some() }
        if number(3) == 0 { policy.contextWindowFallbacks[name] = some() }
        if number(3) == 0 { policy.contentPolicyFallbacks[name] = some() }
        if number(4) == 0 { policy.aliases[name] = names[number(6)] }
      }
      if number(4) == 0 { policy.repeats.any = number(20) }
      var groups: [String: String] = [:]
      for name in names {
        groups[name] = (0..<number(4)).map { _ in ["x", "y", "z"][number(3)] }.joined()
      }
      var machine = RouteMachine(
        names.shuffled(using: &random).prefix(1 + number(3)).map { $0 }, groups, policy: policy)
      var count = 0
      while let (index, _) = machine.attempt() {
        count += 1
        machine.now += .milliseconds(number(2000))
        switch number(5) {
        case 0: machine.state.refused(index, isForContext: number(2) == 0)
        case 1:
          let until: Duration? = number(2) == 0 ? nil : machine.now + .seconds(number(40))
          machine.state.unavailable(index, until: until, isFinal: number(4) == 0)
        default:
          let kind = ProviderError.Kind.allCases[number(ProviderError.Kind.allCases.count)]
          let advice: Duration? = number(2) == 0 ? nil : .seconds(number(40))
          machine.state.failed(index, failure(kind, retryAfter: advice), at: machine.now, jitter: 0.5)
        }
        if count > 10_000 { break }
      }
      #expect(count < 10_000)
      #expect(machine.waited <= policy.retry.maxTotalDelay + .milliseconds(count))
      #expect(Set(machine.entered).count == machine.entered.count)
    }
  }
}

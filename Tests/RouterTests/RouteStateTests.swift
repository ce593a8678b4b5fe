import HTTPTransport
import Providers
import Testing

@testable import Router

struct RouteStateTests {
  /// `layout` names the account of each candidate; contexts grow with the index when `growing`.
  func machine(_ layout: String, contexts: [Int?] = [], policy: RetryPolicy = RetryPolicy()) -> RouteState {
    RouteState(
      layout.enumerated().map { index, account in
        RouteState.Candidate(
          account: Deployment.Account(scheme: .https, host: String(account), port: 443, credential: .none),
          contextTokens: contexts.indices.contains(index) ? contexts[index] : nil)
      }, policy: policy)
  }

  /// The attempts that follow when each one fails in the same way: index and wait in milliseconds.
  func trace(_ layout: String, _ error: ProviderError, contexts: [Int?] = []) -> [String] {
    var machine = machine(layout, contexts: contexts)
    var now = Duration.zero
    var steps: [String] = []
    while case .attempt(let index, let wait) = machine.next(at: now) {
      steps.append("\(index)+\(wait / .milliseconds(1))")
      now += wait
      machine.failed(error, afterDelta: false, at: now, jitter: 0)
      if steps.count > 50 { break }
    }
    return steps
  }

  @Test func badRequestsAndPolicyEndTheRoute() {
    #expect(trace("abc", failure(.badRequest)) == ["0+0.0"])
    #expect(trace("abc", failure(.contentPolicy)) == ["0+0.0"])
    #expect(trace("abc", failure(.cancelled)) == ["0+0.0"])
  }

  @Test func billingAndAuthenticationAreNeverRetriedAndCloseTheAccount() {
    for kind in [ProviderError.Kind.billing, .authentication] {
      #expect(trace("a", failure(kind, retryAfter: .zero, shouldRetry: true)) == ["0+0.0"])
      #expect(trace("aab", failure(kind)) == ["0+0.0", "2+0.0"])
    }
  }

  @Test func permissionAndNotFoundCloseTheDeployment() {
    #expect(trace("aab", failure(.notFound)) == ["0+0.0", "1+0.0", "2+0.0"])
    #expect(trace("aab", failure(.permission)) == ["0+0.0", "1+0.0", "2+0.0"])
  }

  @Test func contextWantsALargerOne() {
    #expect(trace("abc", failure(.context), contexts: [100, 50, 200]) == ["0+0.0", "2+0.0"])
    #expect(trace("ab", failure(.context), contexts: [nil, nil]) == ["0+0.0"])
  }

  @Test func overloadBacksOffThenMovesOn() {
    #expect(trace("a", failure(.overloaded)) == ["0+0.0", "0+500.0", "0+1000.0"])
    #expect(trace("ab", failure(.server)) == ["0+0.0", "0+500.0", "0+1000.0", "1+0.0", "1+500.0", "1+1000.0"])
  }

  @Test func rateLimitsMoveOnAtOnceAndComeBack() {
    #expect(trace("ab", failure(.rateLimit, retryAfter: .seconds(3))).prefix(3) == ["0+0.0", "1+0.0", "0+3000.0"])
    #expect(trace("a", failure(.rateLimit)) == ["0+0.0", "0+500.0", "0+1000.0"])
  }

  @Test func unreachableIsTriedOnceMore() {
    for kind in [ProviderError.Kind.timeout, .network, .truncated] {
      #expect(trace("ab", failure(kind)) == ["0+0.0", "0+500.0", "1+0.0", "1+500.0"])
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
    var machine = machine("a")
    _ = machine.next(at: .zero)
    machine.failed(failure(.server), afterDelta: false, at: .zero, jitter: 1)
    #expect(machine.next(at: .zero) == .attempt(0, after: .milliseconds(375)))
  }

  @Test func nothingFollowsADelta() {
    var machine = machine("ab")
    _ = machine.next(at: .zero)
    machine.failed(failure(.server), afterDelta: true, at: .zero, jitter: 0)
    #expect(machine.next(at: .zero) == .giveUp)
  }

  @Test func aRefusalDoesNotCount() {
    var machine = machine("ab")
    _ = machine.next(at: .zero)
    machine.refused()
    #expect(machine.next(at: .zero) == .attempt(1, after: .zero))
    machine.refused()
    #expect(machine.next(at: .zero) == .giveUp)
    #expect(RouteState([], policy: RetryPolicy()).isEmptyRoute)
  }

  @Test func everyRouteEnds() {
    var seed: UInt64 = 7
    func random(_ bound: Int) -> Int {
      seed ^= seed << 13
      seed ^= seed >> 7
      seed ^= seed << 17
      return Int(seed % UInt64(bound))
    }
    let policy = RetryPolicy()
    for _ in 0..<2000 {
      var machine = machine(String((0..<random(5)).map { _ in ["a", "b", "c"][random(3)] }.joined()))
      var now = Duration.zero
      var waited = Duration.zero
      var count = 0
      while case .attempt(_, let wait) = machine.next(at: now) {
        count += 1
        waited += wait
        now += wait
        if random(4) == 0 {
          machine.refused()
          count -= 1
        } else {
          let kind = ProviderError.Kind.allCases[random(ProviderError.Kind.allCases.count)]
          let advice: Duration? = random(2) == 0 ? nil : .seconds(random(40))
          machine.failed(failure(kind, retryAfter: advice), afterDelta: false, at: now, jitter: 0.5)
        }
      }
      #expect(count <= policy.maxAttempts)
      #expect(waited <= policy.maxTotalDelay)
    }
  }
}

extension RouteState {
  var isEmptyRoute: Bool {
    var copy = self
    return copy.next(at: .zero) == .giveUp
  }
}

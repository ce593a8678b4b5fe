import Ledger
import Providers
import SeededInput
import Testing

@testable import Router

/// A table in a time of its own, with one deployment for each of the parameters.
struct TableRig {
  var table = HealthTable()
  var slots: [Int]
  var now = Duration.zero
  var policy = CooldownPolicy()
  var random = SeededGenerator(seed: 1)
  var deployments: [Deployment]

  init(_ routing: [RoutingParameters], keys: [String]? = nil) throws {
    deployments = try routing.enumerated().map { index, routing in
      try deployment("g", key: keys?[index] ?? "k\(index)", routing: routing)
    }
    slots = table.adopt(deployments)
  }

  mutating func acquire(
    _ candidates: [Int]? = nil, tokens: Int = 10, strategy: RoutingStrategy? = nil, costs: [Int64]? = nil,
    isOnlyChance: Bool = false
  ) -> Acquisition {
    let options = (candidates ?? Array(slots.indices)).map {
      AcquisitionOption(
        candidate: $0, slot: slots[$0], tokens: tokens, cost: Money(picoUSD: costs?[$0] ?? 0))
    }
    return table.acquire(
      AcquisitionRequest(
        options: options, strategy: strategy, isOnlyChance: isOnlyChance,
        random: { [share = Double.random(in: 0..<1, using: &random)] in share }), at: now)
  }

  mutating func grant(_ candidates: [Int]? = nil, strategy: RoutingStrategy? = nil) throws -> AcquisitionGrant {
    guard case .granted(let grant) = acquire(candidates, strategy: strategy) else { throw NotGranted() }
    return grant
  }

  struct NotGranted: Error {}

  @discardableResult
  mutating func fail(
    _ grant: AcquisitionGrant, _ kind: ProviderError.Kind, retryAfter: Duration? = nil, hasAlternative: Bool = true,
    tokens: Int = 0
  ) -> [HealthChange] {
    table.end(
      grant, .failed(failure(kind, retryAfter: retryAfter), tokens: tokens), hasAlternative: hasAlternative,
      policy: policy, at: now)
  }

  @discardableResult
  mutating func answer(_ grant: AcquisitionGrant, after: Duration = .zero, tokens: Int? = 10) -> [HealthChange] {
    now += after
    let first = table.firstToken(grant, at: now)
    return first
      + table.end(
        grant, .answered(tokens: tokens, output: 5, streaming: .seconds(1)), hasAlternative: true, policy: policy,
        at: now)
  }

  var reasons: [String] {
    mutating get {
      guard case .unavailable(let obstacles) = acquire() else { return [] }
      return obstacles.map(\.reason.label)
    }
  }
}

struct HealthTableTests {
  @Test func threeFailuresInAMinuteMakeACooldownAndOneProbeEndsIt() throws {
    var rig = try TableRig([RoutingParameters()])
    for kind in [ProviderError.Kind.server, .timeout] {
      #expect(rig.fail(try rig.grant(), kind).isEmpty)
      rig.now += .seconds(20)
    }
    #expect(rig.fail(try rig.grant(), .network) == [.coolingDown(.network, .seconds(30))])
    #expect(rig.reasons == ["cooling_down"])
    rig.now += .seconds(30)
    let probe = try rig.grant()
    #expect(probe.probe != nil)
    #expect(probe.reason == .probe)
    #expect(rig.reasons == ["probing"])
    #expect(rig.fail(probe, .server) == [.coolingDown(.server, .seconds(60))])
    rig.now += .seconds(60)
    let second = try rig.grant()
    #expect(rig.answer(second) == [.recovered])
    #expect(try rig.grant().probe == nil)
  }

  @Test func failuresFarApartDoNotAddUp() throws {
    var rig = try TableRig([RoutingParameters()])
    for _ in 0..<10 {
      rig.fail(try rig.grant(), .server)
      rig.now += .seconds(31)
    }
    #expect(rig.reasons.isEmpty)
  }

  @Test func everyClassHasItsCooldown() throws {
    func after(_ kind: ProviderError.Kind, retryAfter: Duration? = nil, hasAlternative: Bool = true) throws -> String {
      var rig = try TableRig([RoutingParameters()])
      let grant = try rig.grant()
      let changes = rig.fail(grant, kind, retryAfter: retryAfter, hasAlternative: hasAlternative)
      guard let change = changes.first else { return "none" }
      return switch change {
      case .coolingDown(_, let duration): "\(duration.milliseconds)"
      case .accountClosed(_, let duration): "account \(duration?.milliseconds ?? -1)"
      case .recovered: "recovered"
      }
    }
    #expect(try after(.authentication) == "account -1")
    #expect(try after(.billing) == "account 600000")
    #expect(try after(.billing, hasAlternative: false) == "account 600000")
    #expect(try after(.permission) == "60000")
    #expect(try after(.notFound) == "60000")
    #expect(try after(.rateLimit) == "5000")
    #expect(try after(.rateLimit, retryAfter: .milliseconds(1500)) == "5000")
    #expect(try after(.rateLimit, retryAfter: .seconds(90)) == "90000")
    #expect(try after(.rateLimit, hasAlternative: false) == "none")
    #expect(try after(.rateLimit, retryAfter: .milliseconds(1500), hasAlternative: false) == "1500")
    // Nobody is left alone for years.
    #expect(try after(.rateLimit, retryAfter: .seconds(1e9)) == "21600000")
    #expect(try after(.rateLimit, retryAfter: .seconds(1e9), hasAlternative: false) == "21600000")
    #expect(try after(.billing, retryAfter: .seconds(1e9)) == "account 21600000")
    #expect(try after(.overloaded) == "5000")
    #expect(try after(.overloaded, hasAlternative: false) == "none")
    #expect(try after(.server) == "none")
    for kind in [ProviderError.Kind.context, .contentPolicy, .badRequest, .cancelled] {
      #expect(try after(kind) == "none")
    }
  }

  @Test func aRequestTooLargeForAMinuteIsItsOwnMatter() throws {
    var rig = try TableRig([.init()])
    var error = failure(.rateLimit, retryAfter: .seconds(20), shouldRetry: false)
    error.status = 413
    func end(_ grant: AcquisitionGrant) -> [HealthChange] {
      rig.table.end(grant, .failed(error, tokens: 0), hasAlternative: true, policy: rig.policy, at: rig.now)
    }
    #expect(try end(rig.grant()).isEmpty)
    #expect(rig.reasons.isEmpty)
    // As a probe it finds out nothing: another one may go.
    rig.fail(try rig.grant(), .rateLimit)
    rig.now += .seconds(5)
    let probe = try rig.grant()
    #expect(end(probe).isEmpty)
    #expect(try rig.grant().reason == .probe)
    error.status = 429
    rig = try TableRig([.init()])
    #expect(try end(rig.grant()) == [.coolingDown(.rateLimit, .seconds(20))])
  }

  @Test func accountsAreSharedAndKeysComeBackWithTheConfiguration() throws {
    var rig = try TableRig([.init(), .init(), .init()], keys: ["a", "a", "b"])
    rig.fail(try rig.grant([0]), .authentication)
    #expect(try rig.grant().candidate == 2)
    guard case .unavailable(let obstacles) = rig.acquire([0, 1]) else { return #expect(Bool(false)) }
    #expect(obstacles.allSatisfy { $0.isFinal && $0.reason == .account(.authentication) })
    rig.now += .seconds(86_400)
    guard case .unavailable = rig.acquire([1]) else { return #expect(Bool(false)) }
    #expect(rig.table.adopt(rig.deployments) == rig.slots)
    #expect(try rig.grant([1]).candidate == 1)
  }

  @Test func emptyAccountsAreProbedAfterTenMinutesAndThenTwenty() throws {
    var rig = try TableRig([.init(), .init()], keys: ["a", "a"])
    rig.fail(try rig.grant([0]), .billing)
    rig.now += .seconds(599)
    #expect(rig.reasons == ["account", "account"])
    rig.now += .seconds(1)
    let probe = try rig.grant()
    #expect(rig.reasons == ["account", "account"])
    #expect(rig.fail(probe, .billing) == [.accountClosed(.billing, .seconds(1200))])
    rig.now += .seconds(1200)
    rig.answer(try rig.grant())
    #expect(try rig.grant([0]).candidate == 0)
    #expect(try rig.grant([1]).candidate == 1)
  }

  @Test func theOnlyChanceIsTakenInSpiteOfACooldownButNotAgainstAdvice() throws {
    var rig = try TableRig([.init()])
    for _ in 0..<3 { rig.fail(try rig.grant(), .server) }
    guard case .unavailable = rig.acquire() else { return #expect(Bool(false)) }
    guard case .granted = rig.acquire(isOnlyChance: true) else { return #expect(Bool(false)) }
    rig = try TableRig([.init()])
    rig.fail(try rig.grant(), .rateLimit, retryAfter: .seconds(30))
    guard case .unavailable = rig.acquire(isOnlyChance: true) else { return #expect(Bool(false)) }
  }

  @Test func cooldownsCanBeSwitchedOffAndCounted() throws {
    var rig = try TableRig([.init()])
    rig.policy.isEnabled = false
    for kind in ProviderError.Kind.allCases { rig.fail(try rig.grant(), kind, retryAfter: .seconds(9)) }
    #expect(rig.reasons.isEmpty)
    rig = try TableRig([.init()])
    rig.policy.failuresByKind[.rateLimit] = 3
    rig.policy.time = .seconds(7)
    #expect(rig.fail(try rig.grant(), .rateLimit).isEmpty)
    #expect(rig.fail(try rig.grant(), .rateLimit).isEmpty)
    #expect(rig.fail(try rig.grant(), .rateLimit) == [.coolingDown(.rateLimit, .seconds(7))])
    rig = try TableRig([.init(cooldownTime: .seconds(3))])
    #expect(rig.fail(try rig.grant(), .overloaded) == [.coolingDown(.overloaded, .seconds(3))])
  }

  @Test func abandonedProbesLetAnotherOneGo() throws {
    var rig = try TableRig([.init()])
    rig.fail(try rig.grant(), .notFound)
    rig.now += .seconds(60)
    let probe = try rig.grant()
    _ = rig.table.end(probe, .abandoned(tokens: 0), hasAlternative: true, policy: rig.policy, at: rig.now)
    let next = try rig.grant()
    #expect(next.probe != nil)
    rig.table.takeBack(next, at: rig.now)
    #expect(try rig.grant().probe != nil)
  }

  @Test func anOldProbeDoesNotOpenAnAccountThatIsEmptyAgain() throws {
    var rig = try TableRig([.init()])
    rig.fail(try rig.grant(), .billing)
    rig.now += .seconds(600)
    let old = try rig.grant()
    #expect(old.accountProbe != nil)
    _ = rig.table.firstToken(old, at: rig.now)
    #expect(rig.fail(try rig.grant(), .billing) == [.accountClosed(.billing, .seconds(600))])
    rig.answer(old)
    #expect(rig.reasons == ["account"])
    #expect(rig.table.accountError(rig.slots[0])?.kind == .billing)
    rig.now += .seconds(600)
    let new = try rig.grant()
    #expect(rig.reasons == ["account"])
    rig.answer(new)
    #expect(rig.reasons.isEmpty)
  }

  @Test func anOldProbeDoesNotSendASecondOne() throws {
    for kind in [ProviderError.Kind.notFound, .billing] {
      var rig = try TableRig([.init()])
      rig.fail(try rig.grant(), kind)
      rig.now += .seconds(600)
      let old = try rig.grant()
      _ = rig.table.firstToken(old, at: rig.now)
      rig.fail(try rig.grant(), kind)
      rig.now += .seconds(600)
      let new = try rig.grant()
      #expect(new.reason == .probe)
      rig.fail(old, .cancelled)
      #expect(rig.reasons == [kind == .billing ? "account" : "probing"])
      rig.fail(new, .cancelled)
      #expect(try rig.grant().reason == .probe)
    }
  }

  @Test func parallelRequestsAreLimited() throws {
    var rig = try TableRig([.init(maxParallelRequests: 2)])
    let first = try rig.grant()
    _ = try rig.grant()
    #expect(rig.reasons == ["max_parallel_requests"])
    rig.answer(first)
    #expect(rig.reasons.isEmpty)
  }

  @Test func unusedTokensAreGivenBack() throws {
    var rig = try TableRig([.init(tpm: 100)])
    guard case .granted(let grant) = rig.acquire(tokens: 90) else { return #expect(Bool(false)) }
    guard case .unavailable(let obstacles) = rig.acquire(tokens: 20) else { return #expect(Bool(false)) }
    #expect(obstacles.first?.reason.label == "tpm")
    #expect(obstacles.first?.until == .seconds(61))
    rig.answer(grant, tokens: 30)
    guard case .granted = rig.acquire(tokens: 70) else { return #expect(Bool(false)) }
  }

  /// Whatever happens, in no span of a minute more is sent than a deployment's limits say.
  @Test(arguments: [11, 12, 13, 14] as [UInt64]) func limitsHoldForEveryDeployment(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let limits = (0..<4).map { _ in
      RoutingParameters(
        rpm: Int.random(in: 1...30, using: &random), tpm: Int.random(in: 300...3000, using: &random),
        maxParallelRequests: Int.random(in: 1...5, using: &random))
    }
    var rig = try TableRig(limits)
    var sent: [[(at: Duration, tokens: Int)]] = Array(repeating: [], count: 4)
    var running: [(grant: AcquisitionGrant, used: Int)] = []
    for _ in 0..<4000 {
      rig.now += .milliseconds(Int.random(in: 0...800, using: &random))
      let tokens = Int.random(in: 1...300, using: &random)
      let strategy = RoutingStrategy.allCases.randomElement(using: &random)
      if case .granted(let grant) = rig.acquire(tokens: tokens, strategy: strategy) {
        let used = Int.random(in: 0...tokens, using: &random)
        sent[grant.candidate].append((rig.now, used))
        running.append((grant, used))
      }
      for slot in 0..<4 {
        let most = try #require(limits[slot].maxParallelRequests)
        #expect(running.count { $0.grant.candidate == slot } <= most)
      }
      while !running.isEmpty, Int.random(in: 0..<3, using: &random) != 0 {
        let (grant, used) = running.remove(at: Int.random(in: 0..<running.count, using: &random))
        if Int.random(in: 0..<20, using: &random) == 0 {
          let kind = ProviderError.Kind.allCases.filter { $0 != .authentication }.randomElement(using: &random)
          rig.fail(grant, try #require(kind), tokens: used)
        } else {
          rig.answer(grant, tokens: used)
        }
      }
    }
    for slot in 0..<4 {
      for (index, first) in sent[slot].enumerated() {
        let span = sent[slot][index...].prefix { $0.at <= first.at + .seconds(60) }
        #expect(span.count <= (limits[slot].rpm ?? 0))
        #expect(span.reduce(0) { $0 + $1.tokens } <= (limits[slot].tpm ?? 0))
      }
    }
    #expect(sent.map(\.count).reduce(0, +) > 200)
  }

  @Test func snapshotsSayWhatIs() throws {
    var rig = try TableRig([.init(rpm: 10), .init(), .init()], keys: ["a", "b", "c"])
    rig.answer(try rig.grant([0]), after: .milliseconds(400))
    _ = try rig.grant([0])
    rig.fail(try rig.grant([1]), .notFound)
    rig.fail(try rig.grant([2]), .authentication)
    rig.now += .seconds(1)
    let first = rig.table.snapshot(rig.slots[0], at: rig.now)
    #expect(first.state == .healthy)
    #expect(first.inFlight == 1)
    #expect(first.requestsPerMinute == 2)
    #expect(first.tokensPerMinute == 20)
    #expect(first.answered == 1)
    #expect(first.firstTokenP50.map { $0 >= .milliseconds(400) && $0 < .milliseconds(480) } == true)
    #expect(first.tokensPerSecond == 5)
    let second = rig.table.snapshot(rig.slots[1], at: rig.now)
    #expect(second.state == .coolingDown(remaining: .seconds(59), .notFound))
    #expect(second.lastError == .notFound)
    #expect(second.lastErrorAge == .seconds(1))
    #expect(rig.table.snapshot(rig.slots[2], at: rig.now).state == .disabled(remaining: nil, .authentication))
  }
}

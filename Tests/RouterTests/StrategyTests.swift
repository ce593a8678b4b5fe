import Ledger
import SeededInput
import Testing

@testable import Router

struct StrategyTests {
  /// How often each of the deployments was chosen in 10,000 requests that end at once.
  func shares(_ routing: [RoutingParameters], strategy: RoutingStrategy? = nil, seed: UInt64) throws -> [Int] {
    var rig = try TableRig(routing)
    rig.random = .init(seed: seed)
    var counts = Array(repeating: 0, count: routing.count)
    for _ in 0..<10_000 {
      let grant = try rig.grant(strategy: strategy)
      counts[grant.candidate] += 1
      rig.answer(grant)
      rig.now += .seconds(61)
    }
    return counts
  }

  /// Pearson's statistic of the counts against the expected shares.
  func chiSquare(_ counts: [Int], _ weights: [Double]) -> Double {
    let (total, sum) = (Double(counts.reduce(0, +)), weights.reduce(0, +))
    return zip(counts, weights).reduce(0) { result, pair in
      let expected = total * pair.1 / sum
      return expected == 0 ? result : result + (Double(pair.0) - expected) * (Double(pair.0) - expected) / expected
    }
  }

  @Test(arguments: [1, 2, 3] as [UInt64]) func sharesMatchTheWeights(seed: UInt64) throws {
    let weights: [Double] = [1, 2, 3, 4]
    let counts = try shares(weights.map { RoutingParameters(weight: $0) }, seed: seed)
    // 16.27: exceeded once in a thousand by chance, with three degrees of freedom.
    #expect(chiSquare(counts, weights) < 16.27)
    for (count, weight) in zip(counts, weights) { #expect(abs(Double(count) / 10_000 - weight / 10) < 0.02) }
  }

  @Test func sharesGoByRpmThenTpmThenEvenly() throws {
    let byRpm = try shares(
      [.init(rpm: 100, tpm: 9_000_000), .init(rpm: 900, tpm: 1_000_000)], strategy: .simpleShuffle, seed: 4)
    #expect(chiSquare(byRpm, [1, 9]) < 10.83)
    let byTpm = try shares([.init(tpm: 3000), .init(tpm: 1000)], strategy: .simpleShuffle, seed: 5)
    #expect(chiSquare(byTpm, [3, 1]) < 10.83)
    let even = try shares([.init(), .init()], strategy: .simpleShuffle, seed: 6)
    #expect(chiSquare(even, [1, 1]) < 10.83)
    // A weight of nothing means nothing, while there are others.
    #expect(try shares([.init(weight: 0), .init(weight: 1), .init()], seed: 7) == [0, 10_000, 0])
  }

  @Test func withoutWeightsTheFirstIsPreferred() throws {
    #expect(try shares([.init(), .init()], seed: 8) == [10_000, 0])
    // Weights or limits are there to be used.
    #expect(try shares([.init(rpm: 10), .init(rpm: 10)], seed: 9).allSatisfy { $0 > 4000 })
  }

  @Test func lowerOrdersGoFirstWhileTheyCanBeUsed() throws {
    var rig = try TableRig([.init(order: 2), .init(order: 1, maxParallelRequests: 1), .init(rpm: 1, order: 1)])
    let first = try rig.grant(strategy: .simpleShuffle)
    let second = try rig.grant(strategy: .simpleShuffle)
    #expect(Set([first.candidate, second.candidate]) == [1, 2])
    #expect(try rig.grant().candidate == 0)
    rig.answer(first.candidate == 1 ? first : second)
    #expect(try rig.grant().candidate == 1)
  }

  @Test func leastBusySpreadsEvenly() throws {
    var rig = try TableRig([.init(), .init(), .init()])
    var counts = [0, 0, 0]
    for _ in 0..<30 { counts[try rig.grant(strategy: .leastBusy).candidate] += 1 }
    #expect(counts == [10, 10, 10])
  }

  @Test func theFastestIsPreferredAndTheUnknownTried() throws {
    var rig = try TableRig([.init(), .init()])
    rig.answer(try rig.grant([0]), after: .seconds(2))
    #expect(try rig.grant(strategy: .latency).candidate == 1)
    rig.answer(try rig.grant([1]), after: .milliseconds(100))
    for _ in 0..<20 { #expect(try rig.grant(strategy: .latency).candidate == 1) }
    // What was measured long ago is measured again.
    rig.now += .seconds(601)
    let seen = try (0..<40).map { _ in try rig.grant(strategy: .latency).candidate }
    #expect(Set(seen) == [0, 1])
  }

  @Test func theBufferMakesSimilarOnesEqual() throws {
    var rig = try TableRig([.init(), .init(), .init()])
    for (index, latency) in [1000, 1050, 3000].enumerated() {
      rig.answer(try rig.grant([index]), after: .milliseconds(latency))
    }
    var seen: Set<Int> = []
    for index in 0..<60 {
      let options = (0..<3).map { AcquisitionOption(candidate: $0, slot: rig.slots[$0], tokens: 1, cost: .zero) }
      let request = AcquisitionRequest(
        options: options, strategy: .latency, latencyBuffer: 0.2, random: { Double(index) / 60 })
      if case .granted(let grant) = rig.table.acquire(request, at: rig.now) { seen.insert(grant.candidate) }
    }
    #expect(seen == [0, 1])
  }

  @Test func theCheapestAndTheLeastUsed() throws {
    var rig = try TableRig([.init(), .init(), .init()])
    guard case .granted(let cheapest) = rig.acquire(strategy: .cost, costs: [30, 10, 20]) else {
      return #expect(Bool(false))
    }
    #expect(cheapest.candidate == 1)
    #expect(cheapest.reason == .cost)
    rig = try TableRig([.init(rpm: 10, tpm: 1000), .init(rpm: 100, tpm: 1000)])
    // Each takes 10 tokens; the first's requests weigh ten times as much.
    var counts = [0, 0]
    for _ in 0..<22 { counts[try rig.grant(strategy: .usage).candidate] += 1 }
    #expect(counts[1] > counts[0])
    #expect(counts[0] >= 1)
  }
}

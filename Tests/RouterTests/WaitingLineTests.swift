import Ledger
import Providers
import Testing

@testable import Router

/// Who stands in line for tokens keeps the place, however small the requests of others are.
struct WaitingLineTests {
  func request(_ slot: Int, tokens: Int) -> AcquisitionRequest {
    AcquisitionRequest(
      options: [AcquisitionOption(candidate: 7, slot: slot, tokens: tokens, cost: .zero)], random: { 0 })
  }

  func granted(_ waited: RouterState.Waited) -> AcquisitionGrant? {
    if case .granted(let grant) = waited { grant } else { nil }
  }

  @Test func smallRequestsDoNotPassALargeOne() async throws {
    let clock = VirtualClock()
    let state = RouterState(clock: clock.clock)
    let slots = state.adopt(
      [
        try deployment("a", key: "a", routing: RoutingParameters(tpm: 100)),
        try deployment("b", key: "b", routing: RoutingParameters(tpm: 100)),
      ], forgettingRefusals: true)
    func wait(_ tokens: Int, until: Duration) -> Task<RouterState.Waited, Never> {
      let request = request(slots[0], tokens: tokens)
      return Task { await state.wait(request, until: until, maxLength: 10) }
    }
    guard case .granted = state.acquire(request(slots[0], tokens: 60)) else { return #expect(Bool(false)) }
    let large = wait(90, until: .seconds(61))
    #expect(await eventually { state.waiting == 1 })
    let small = wait(20, until: .seconds(200))
    #expect(await eventually { state.waiting == 2 })
    clock.advance(by: .seconds(30))
    guard case .unavailable(let obstacles) = state.acquire(request(slots[0], tokens: 20)) else {
      return #expect(Bool(false))
    }
    #expect(obstacles.first?.reason == .tokensPerMinute(.seconds(31)))
    #expect(obstacles.first?.until == .seconds(61))
    #expect(state.waiting == 2)
    // Other deployments are none of its concern.
    guard case .granted = state.acquire(request(slots[1], tokens: 20)) else { return #expect(Bool(false)) }
    #expect(await eventually { clock.sleepers == 1 })
    // Its time is up just when there is room.
    clock.advance(by: .seconds(31))
    let grant = try #require(granted(await large.value))
    #expect(state.waiting == 1)
    _ = state.end(
      grant, .answered(tokens: 50, output: 1, streaming: nil), hasAlternative: true, policy: CooldownPolicy())
    #expect(granted(await small.value) != nil)
  }

  @Test func thoseBehindMoveUpWhenALargeOneGivesUp() async throws {
    let clock = VirtualClock()
    let state = RouterState(clock: clock.clock)
    let slots = state.adopt([try deployment("a", routing: RoutingParameters(tpm: 100))], forgettingRefusals: true)
    guard case .granted = state.acquire(request(slots[0], tokens: 60)) else { return #expect(Bool(false)) }
    let tasks = [90, 20].map { tokens in
      let request = request(slots[0], tokens: tokens)
      return { Task { await state.wait(request, until: .seconds(61), maxLength: 10) } }
    }
    let large = tasks[0]()
    #expect(await eventually { state.waiting == 1 })
    let small = tasks[1]()
    #expect(await eventually { state.waiting == 2 })
    large.cancel()
    #expect(granted(await large.value) == nil)
    #expect(granted(await small.value) != nil)
  }
}

import Providers
import SeededInput
import Testing

@testable import Router

struct RollingWindowTests {
  @Test func forgetsAfterAMinute() {
    var window = RollingWindow()
    _ = window.add(tokens: 10, at: .seconds(5))
    _ = window.add(tokens: 20, at: .seconds(30))
    window.advance(to: .seconds(65))
    #expect(window.requests == 2)
    window.advance(to: .seconds(66))
    #expect(window.requests == 1)
    #expect(window.tokens == 20)
    window.advance(to: .seconds(1000))
    #expect(window.requests == 0)
    #expect(window.tokens == 0)
  }

  @Test func settlesAndTakesBack() {
    var window = RollingWindow()
    let stamp = window.add(tokens: 100, at: .seconds(5))
    window.settle(stamp, by: -70)
    #expect(window.tokens == 30)
    window.settle(stamp, by: -70)
    #expect(window.tokens == 0)
    window.takeBack(stamp)
    #expect(window.requests == 0)
    // What is forgotten is not changed.
    _ = window.add(tokens: 5, at: .seconds(5 + 61))
    window.settle(stamp, by: 50)
    window.takeBack(stamp)
    #expect(window.tokens == 5)
    #expect(window.requests == 1)
  }

  @Test func saysWhenThereIsRoom() {
    var window = RollingWindow()
    _ = window.add(tokens: 50, at: .seconds(10))
    _ = window.add(tokens: 50, at: .seconds(20))
    #expect(window.roomAt(tokens: 1, rpm: 3, tpm: nil) == nil)
    #expect(window.roomAt(tokens: 1, rpm: 2, tpm: nil) == .seconds(71))
    #expect(window.roomAt(tokens: 1, rpm: 1, tpm: nil) == .seconds(81))
    #expect(window.roomAt(tokens: 10, rpm: nil, tpm: 110) == nil)
    #expect(window.roomAt(tokens: 11, rpm: nil, tpm: 110) == .seconds(71))
    // More than the limit by an upper bound: when nothing else is there.
    #expect(window.roomAt(tokens: 500, rpm: nil, tpm: 110) == .seconds(81))
    #expect(RollingWindow().roomAt(tokens: 500, rpm: nil, tpm: 110) == nil)
  }

  /// The promise: no span of 60 seconds, wherever it begins, holds more than the limits allow.
  @Test(arguments: [1, 2, 3, 4, 5] as [UInt64]) func limitsHoldInEverySpan(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let rpm = Int.random(in: 1...40, using: &random)
    let tpm = Int.random(in: 500...5000, using: &random)
    var window = RollingWindow()
    var sent: [(at: Duration, tokens: Int)] = []
    var now = Duration.zero
    for _ in 0..<3000 {
      now += .milliseconds(Int.random(in: 0...2500, using: &random))
      window.advance(to: now)
      let reserved = Int.random(in: 1...500, using: &random)
      if let time = window.roomAt(tokens: reserved, rpm: rpm, tpm: tpm) {
        #expect(time > now)
        #expect(time <= now + .seconds(61))
        if Int.random(in: 0..<3, using: &random) == 0 { now = time }
        continue
      }
      let stamp = window.add(tokens: reserved, at: now)
      let used = Int.random(in: 0...reserved, using: &random)
      window.settle(stamp, by: used - reserved)
      sent.append((now, used))
    }
    #expect(sent.count > 100)
    for (index, first) in sent.enumerated() {
      let span = sent[index...].prefix { $0.at <= first.at + .seconds(60) }
      #expect(span.count <= rpm)
      #expect(span.reduce(0) { $0 + $1.tokens } <= tpm)
    }
  }
}

struct LatencyHistogramTests {
  @Test func percentilesAreWithinABin() throws {
    var histogram = LatencyHistogram()
    #expect(histogram.percentile(0.95) == nil)
    for value in 1...100 { histogram.add(.milliseconds(value * 10), at: .zero) }
    let median = try #require(histogram.percentile(0.5))
    let high = try #require(histogram.percentile(0.95))
    #expect(median >= .milliseconds(500) && median < .milliseconds(600))
    #expect(high >= .milliseconds(950) && high < .milliseconds(1140))
  }

  @Test func thePastFades() throws {
    var histogram = LatencyHistogram()
    for _ in 0..<300 { histogram.add(.milliseconds(10), at: .zero) }
    for _ in 0..<600 { histogram.add(.seconds(2), at: .seconds(1)) }
    #expect(try #require(histogram.percentile(0.5)) >= .seconds(2))
    #expect(try #require(histogram.mean) > .milliseconds(1900))
    histogram.add(.seconds(1_000_000), at: .seconds(2))
    #expect(histogram.count == 901)
  }
}

struct CooldownTests {
  @Test func oneProbeThenClosedOrTwiceAsLong() {
    var cooldown = Cooldown()
    #expect(cooldown.access(at: .zero) == .free)
    func fail(_ now: Duration, probe: Int?) {
      cooldown.fail(at: now, first: .seconds(10), cap: .seconds(35), advised: nil, probe: probe)
    }
    fail(.zero, probe: nil)
    #expect(cooldown.access(at: .seconds(9)) == .notBefore(.seconds(10)))
    #expect(cooldown.access(at: .seconds(10)) == .probe)
    let first = cooldown.probe()
    #expect(cooldown.access(at: .seconds(11)) == .beingProbed)
    fail(.seconds(12), probe: first)
    #expect(cooldown.access(at: .seconds(31)) == .notBefore(.seconds(32)))
    let second = cooldown.probe()
    cooldown.abandon(first)
    let others = [cooldown.succeed(first), cooldown.succeed(nil)]
    #expect(others == [false, false])
    #expect(cooldown.access(at: .seconds(39)) == .beingProbed)
    fail(.seconds(40), probe: second)
    // Twice twenty is more than the most.
    #expect(cooldown.access(at: .seconds(41)) == .notBefore(.seconds(75)))
    cooldown.abandon(cooldown.probe())
    #expect(cooldown.access(at: .seconds(75)) == .probe)
    let isClosed = cooldown.succeed(cooldown.probe())
    #expect(isClosed)
    #expect(cooldown.access(at: .seconds(75)) == .free)
    fail(.seconds(80), probe: nil)
    #expect(cooldown.until == .seconds(90))
  }

  @Test func theDeadlineOnlyGrows() {
    var random = SeededGenerator(seed: 3)
    for _ in 0..<500 {
      var cooldown = Cooldown()
      var now = Duration.zero
      var until = Duration.zero
      for _ in 0..<40 {
        now += .milliseconds(Int.random(in: 0...20_000, using: &random))
        let access = cooldown.access(at: now)
        let probe = access == .probe ? cooldown.probe() : nil
        switch Int.random(in: 0..<4, using: &random) {
        case 0 where probe != nil:
          let isClosed = cooldown.succeed(probe)
          #expect(isClosed)
          #expect(cooldown.access(at: now) == .free)
        case 1: cooldown.abandon(probe)
        default:
          let advised: Duration? = Bool.random(using: &random) ? .seconds(Int.random(in: 0...90, using: &random)) : nil
          cooldown.fail(at: now, first: .seconds(5), cap: .seconds(600), advised: advised, probe: probe)
          if let advised, cooldown.phase == .open { #expect(cooldown.until >= now + advised) }
        }
        #expect(cooldown.until >= until)
        until = cooldown.until
      }
    }
  }

  @Test func lateFailuresDoNotDouble() {
    var cooldown = Cooldown()
    for _ in 0..<5 {
      cooldown.fail(at: .zero, first: .seconds(10), cap: .seconds(600), advised: nil, probe: nil)
    }
    #expect(cooldown.until == .seconds(10))
    cooldown.fail(at: .seconds(2), first: .seconds(10), cap: .seconds(600), advised: .seconds(30), probe: nil)
    #expect(cooldown.until == .seconds(32))
  }
}

import Foundation
import Ledger
import Testing

struct MoneyTests {
  @Test(arguments: [
    ("0", 0), ("1", 1_000_000_000_000), ("0.25", 250_000_000_000), ("1.5e-7", 150_000), ("1.5E-07", 150_000),
    ("+2e+0", 2_000_000_000_000), (".5", 500_000_000_000), ("5.", 5_000_000_000_000), ("1e-12", 1), ("0e99", 0),
    ("0.000000000000000000000", 0), ("9223372.036854775807", Int64.max),
  ])
  func readsDecimals(_ text: String, _ expected: Int64) {
    #expect(Money(usd: text, rounding: .up)?.picoUSD == expected)
    #expect(Money(usd: text, rounding: .down)?.picoUSD == expected)
  }

  @Test func roundsTheWayItIsTold() {
    #expect(Money(usd: "1.5e-12", rounding: .up)?.picoUSD == 2)
    #expect(Money(usd: "1.5e-12", rounding: .down)?.picoUSD == 1)
    #expect(Money(usd: "1e-300", rounding: .up)?.picoUSD == 1)
    #expect(Money(usd: "0.12345678901234567890123", rounding: .down)?.picoUSD == 123_456_789_012)
    #expect(Money(usd: "0.12345678901234567890123", rounding: .up)?.picoUSD == 123_456_789_013)
  }

  @Test(arguments: [
    "", "-1", "abc", "1e", "1e1.5", "1..2", "1,5", ".", "e5", "10000000", "1e300", "0x10", "nan",
    "1e-9223372036854775808",
  ])
  func refuses(_ text: String) {
    #expect(Money(usd: text, rounding: .up) == nil)
  }

  @Test func readsBinaryNumbersAsWritten() {
    #expect(Money(usd: 0.1, rounding: .down)?.picoUSD == 100_000_000_000)
    #expect(Money(usd: 1e-6, rounding: .down)?.picoUSD == 1_000_000)
    #expect(Money(usd: .nan, rounding: .down) == nil)
    #expect(Money(usd: .infinity, rounding: .down) == nil)
    #expect(Money(usd: -0.5, rounding: .down) == nil)
  }

  @Test func neverWrapsAround() {
    let most = Money(picoUSD: .max)
    #expect(throws: Money.Overflow.self) { try most.adding(Money(picoUSD: 1)) }
    #expect(throws: Money.Overflow.self) { try most.multiplied(by: 2) }
    #expect(throws: Money.Overflow.self) { try Money(picoUSD: .min).subtracting(Money(picoUSD: 1)) }
  }

  @Test func shows() {
    #expect(Money(picoUSD: 250_000_000_000).description == "$0.25")
    #expect(Money(picoUSD: 150_000).description == "$0.00000015")
    #expect(Money(picoUSD: -3_000_000_000_001).description == "-$3.000000000001")
    #expect(Money.zero.description == "$0.00")
  }

  @Test func textAndNumberAgree() {
    var generator = SystemRandomNumberGenerator()
    for _ in 0..<1000 {
      let money = Money(picoUSD: Int64.random(in: 0...Int64.max, using: &generator))
      #expect(Money(usd: String(money.description.dropFirst()), rounding: .down) == money)
    }
  }

  @Test func isCodedAsANumber() throws {
    let data = try JSONEncoder().encode([Money(picoUSD: 42)])
    #expect(String(decoding: data, as: UTF8.self) == "[42]")
    #expect(try JSONDecoder().decode([Money].self, from: data) == [Money(picoUSD: 42)])
  }
}

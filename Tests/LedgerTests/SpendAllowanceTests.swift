import Testing

@testable import Ledger

struct SpendAllowanceTests {
  func money(_ amount: Int64) -> Money { Money(picoUSD: amount) }

  @Test func reservesAndSettles() {
    let allowance = SpendAllowance(money(100))
    #expect(allowance.reserve(money(60)))
    #expect(!allowance.reserve(money(41)))
    #expect(allowance.reserve(money(40)))
    #expect(allowance.left == .zero)
    allowance.settle(money(60), actual: money(10))
    #expect(allowance.spent == money(10))
    #expect(allowance.left == money(50))
    allowance.settle(money(40), actual: .zero)
    #expect(allowance.left == money(90))
    #expect(!allowance.reserve(money(85), keeping: money(10)))
    #expect(allowance.reserve(money(80), keeping: money(10)))
  }

  @Test func aNewLimitCountsWhatWasSpent() {
    let allowance = SpendAllowance(money(10))
    #expect(allowance.reserve(money(10)))
    allowance.settle(money(10), actual: money(10))
    #expect(!allowance.reserve(money(5)))
    allowance.setLimit(money(15))
    #expect(allowance.reserve(money(5)))
    allowance.setLimit(money(3))
    #expect(allowance.left == .zero)
  }

  @Test func whatCostsNothingIsAlwaysAllowed() {
    let allowance = SpendAllowance(.zero)
    #expect(allowance.reserve(.zero, keeping: money(5)))
    #expect(!allowance.reserve(money(1)))
    #expect(!allowance.reserve(money(-1)))
  }

  @Test func moreThanReservedIsCounted() {
    let allowance = SpendAllowance(money(10))
    #expect(allowance.reserve(money(10)))
    allowance.settle(money(10), actual: money(15))
    #expect(allowance.spent == money(15))
    #expect(allowance.left == .zero)
    #expect(!allowance.reserve(money(1)))
    #expect(!SpendAllowance(money(.max)).reserve(money(.max), keeping: money(1)))
  }

  @Test func manyAtOnceNeverTakeMoreThanThereIs() async {
    let allowance = SpendAllowance(money(1000))
    let taken = await withTaskGroup(of: Int.self) { group in
      for _ in 0..<64 {
        group.addTask {
          var taken = 0
          for _ in 0..<100 where allowance.reserve(money(7)) {
            allowance.settle(money(7), actual: money(3))
            taken += 3
          }
          return taken
        }
      }
      return await group.reduce(0, +)
    }
    #expect(taken == 996)
    #expect(allowance.spent == money(996))
    #expect(allowance.left == money(4))
  }
}

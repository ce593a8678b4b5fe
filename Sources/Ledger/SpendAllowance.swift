internal import Synchronization

/// Money that may be spent in all, shared by requests that run at once: each takes out the most that it can cost before
/// it leaves, and gives back what it did not. What is spent and what is taken out never exceed the allowance together.
public final class SpendAllowance: Sendable {
  private struct State {
    var spent = Money.zero
    var reserved = Money.zero
  }

  /// All that may be spent.
  public let limit: Money
  private let state = Mutex(State())

  /// Makes an allowance.
  public init(_ limit: Money) { self.limit = limit }

  /// What was spent; more than `limit` only if a provider charged more for a request than it can cost.
  public var spent: Money { state.withLock { $0.spent } }

  /// What is neither spent nor taken out.
  public var left: Money {
    state.withLock { state in
      let used = (try? state.spent.adding(state.reserved)) ?? Money(picoUSD: .max)
      return used < limit ? Money(picoUSD: limit.picoUSD - used.picoUSD) : .zero
    }
  }

  /// Takes `amount` out.
  ///
  /// - Parameter keeping: what must be left then, for others.
  /// - Returns: whether there was enough; if so, ``settle(_:actual:)`` must follow, once.
  public func reserve(_ amount: Money, keeping: Money = .zero) -> Bool {
    guard amount >= .zero, keeping >= .zero else { return false }
    return state.withLock { state in
      guard let reserved = try? state.reserved.adding(amount), let used = try? state.spent.adding(reserved),
        let needed = try? used.adding(keeping), amount == .zero || needed <= limit
      else { return false }
      state.reserved = reserved
      return true
    }
  }

  /// Gives back what was taken out, and counts what was spent of it.
  public func settle(_ amount: Money, actual: Money) {
    state.withLock { state in
      state.reserved = (try? state.reserved.subtracting(amount)) ?? .zero
      state.spent = (try? state.spent.adding(max(actual, .zero))) ?? Money(picoUSD: .max)
    }
  }
}

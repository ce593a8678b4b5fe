internal import Synchronization

/// Money that may be spent in all, shared by requests that run at once: each takes out the most that it can cost before
/// it leaves, and gives back what it did not. What is spent and what is taken out never exceed the allowance together.
public final class SpendAllowance: Sendable {
  private struct State {
    var limit: Money
    var spent = Money.zero
    var reserved = Money.zero
  }

  private let state: Mutex<State>

  /// Makes an allowance.
  public init(_ limit: Money) { state = Mutex(State(limit: limit)) }

  /// All that may be spent, also of what was spent already.
  public var limit: Money { state.withLock { $0.limit } }

  /// Changes what may be spent in all; what was spent stays spent.
  public func setLimit(_ limit: Money) { state.withLock { $0.limit = limit } }

  /// What was spent; more than `limit` only if a provider charged more for a request than it can cost.
  public var spent: Money { state.withLock { $0.spent } }

  /// What is neither spent nor taken out.
  public var left: Money {
    state.withLock { state in
      let used = (try? state.spent.adding(state.reserved)) ?? Money(picoUSD: .max)
      return used < state.limit ? Money(picoUSD: state.limit.picoUSD - used.picoUSD) : .zero
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
        let needed = try? used.adding(keeping), amount == .zero || needed <= state.limit
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

public import Ledger

/// What a request may cost at most.
public struct SpendLimit: Sendable, Hashable {
  /// The amount.
  public var amount: Money
  /// Whether nobody set it: then a request may name another amount. One that the user set, a request can only lower.
  public var isDefault: Bool

  /// Makes a limit.
  public init(_ amount: Money, isDefault: Bool) {
    self.amount = amount
    self.isDefault = isDefault
  }
}

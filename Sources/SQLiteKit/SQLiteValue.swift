/// A value to bind to a parameter of a statement.
public enum SQLiteValue: Sendable, Hashable {
  /// NULL.
  case null
  /// A 64-bit integer.
  case integer(Int64)
  /// A floating-point number.
  case real(Double)
  /// Text.
  case text(String)
  /// Bytes.
  case blob([UInt8])

  /// An integer from any of Swift's that fits.
  public static func int(_ value: Int) -> SQLiteValue { .integer(Int64(value)) }
}

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// The C library's logarithm and what belongs to it.
enum Logarithm {
  /// A base of at least 0 to a power.
  static func power(_ base: Float, _ exponent: Float) -> Float { powf(base, exponent) }

  /// The natural logarithm.
  static func natural(_ value: Float) -> Float { logf(value) }
}

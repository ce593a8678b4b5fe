#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// The C library's logarithm.
enum Logarithm {
  /// The natural logarithm.
  static func natural(_ value: Float) -> Float { logf(value) }
}

/// An amount of money: a whole number of pico-USD (10⁻¹² USD).
///
/// Prices of one token are whole numbers in this unit, so costs are exact. The range is about ±9.2 million USD; whatever
/// would leave it is an error, never a wrapped number.
public struct Money: Sendable, Hashable, Comparable {
  /// A sum or product outside the range.
  public struct Overflow: Error, Sendable, Hashable {}

  /// What to do with digits below one pico-USD.
  public enum Rounding: Sendable {
    /// Away from zero: for prices, which must not be understated.
    case up
    /// Toward zero: for limits, which must not be overstated.
    case down
  }

  /// The amount in pico-USD.
  public let picoUSD: Int64

  /// Nothing.
  public static let zero = Money(picoUSD: 0)

  /// An amount in pico-USD.
  public init(picoUSD: Int64) { self.picoUSD = picoUSD }

  /// An amount in US dollars written in decimal, with or without an exponent: `0.25`, `1.5e-7`. Exact, but for digits
  /// below one pico-USD. `nil` when it is not such a number, is negative, or is out of range.
  public init?(usd text: String, rounding: Rounding) {
    var mantissa: Int64 = 0
    var scale = 12
    var sawDigit = false
    var sawPoint = false
    var dropsDigits = false
    var bytes = Array(text.utf8)[...]
    if bytes.first == 0x2B { bytes = bytes.dropFirst() }
    while let byte = bytes.first, byte != 0x65, byte != 0x45 {
      bytes = bytes.dropFirst()
      if byte == 0x2E, !sawPoint {
        sawPoint = true
        continue
      }
      guard (0x30...0x39).contains(byte) else { return nil }
      sawDigit = true
      let (product, overflow) = mantissa.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(Int64(byte - 0x30))
      if overflow || carry {
        // Digits beyond the precision of the number change nothing but the rounding, after the point.
        guard sawPoint else { return nil }
        if byte != 0x30 { dropsDigits = true }
        continue
      }
      mantissa = sum
      if sawPoint { scale -= 1 }
    }
    guard sawDigit else { return nil }
    if !bytes.isEmpty {
      guard let exponent = Int(String(decoding: bytes.dropFirst(), as: UTF8.self)), (-1000...1000).contains(exponent)
      else { return nil }
      scale += exponent
    }
    while scale > 0, mantissa != 0 {
      let (product, overflow) = mantissa.multipliedReportingOverflow(by: 10)
      guard !overflow else { return nil }
      mantissa = product
      scale -= 1
    }
    while scale < 0, mantissa != 0 {
      if mantissa % 10 != 0 { dropsDigits = true }
      mantissa /= 10
      scale += 1
    }
    if dropsDigits, rounding == .up {
      guard mantissa < Int64.max else { return nil }
      mantissa += 1
    }
    picoUSD = mantissa
  }

  /// An amount in US dollars as a binary number, taken at its shortest decimal form: `0.1` is ten cents.
  public init?(usd: Double, rounding: Rounding) {
    guard usd.isFinite, usd >= 0 else { return nil }
    self.init(usd: usd.description, rounding: rounding)
  }

  /// Whether the first amount is smaller.
  public static func < (left: Money, right: Money) -> Bool { left.picoUSD < right.picoUSD }

  /// The sum.
  public func adding(_ other: Money) throws(Overflow) -> Money {
    let (sum, overflow) = picoUSD.addingReportingOverflow(other.picoUSD)
    guard !overflow else { throw Overflow() }
    return Money(picoUSD: sum)
  }

  /// The difference.
  public func subtracting(_ other: Money) throws(Overflow) -> Money {
    let (difference, overflow) = picoUSD.subtractingReportingOverflow(other.picoUSD)
    guard !overflow else { throw Overflow() }
    return Money(picoUSD: difference)
  }

  /// The product, for a price and a count.
  public func multiplied(by count: Int) throws(Overflow) -> Money {
    let (product, overflow) = picoUSD.multipliedReportingOverflow(by: Int64(count))
    guard !overflow else { throw Overflow() }
    return Money(picoUSD: product)
  }

  /// The amount as a binary number of US dollars, for wire formats that want one. Inexact.
  public var usd: Double { Double(picoUSD) / 1e12 }
}

extension Money: CustomStringConvertible {
  /// In US dollars, exactly, with at least two decimals: `$0.25`, `$0.00000015`.
  public var description: String {
    let magnitude = picoUSD.magnitude
    let (whole, fraction) = magnitude.quotientAndRemainder(dividingBy: 1_000_000_000_000)
    var digits = String(fraction)
    digits = String(repeating: "0", count: 12 - digits.count) + digits
    while digits.count > 2, digits.last == "0" { digits.removeLast() }
    return (picoUSD < 0 ? "-$" : "$") + String(whole) + "." + digits
  }
}

extension Money: Codable {
  /// Reads the number of pico-USD.
  public init(from decoder: any Decoder) throws {
    picoUSD = try decoder.singleValueContainer().decode(Int64.self)
  }

  /// Writes the number of pico-USD.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(picoUSD)
  }
}

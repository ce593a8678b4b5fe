/// How much input a request has, before it is sent.
public struct TokenMeasure: Sendable, Hashable {
  /// How sure the numbers are.
  public enum Basis: String, Sendable, Hashable, Codable {
    /// Counted with the model's own encoding.
    case exact
    /// Counted with another encoding, and corrected by what the provider reported for earlier requests.
    case calibrated
    /// Counted with another encoding; too little was reported yet.
    case bound
  }

  /// What the numbers rest on.
  public var basis: Basis
  /// The count by the encoding at hand: what `TokenCalibration.learn` wants beside what the provider then reports.
  public var counted: Int
  /// The number to expect, for packing and for showing.
  public var expected: Int
  /// The number to reserve money for: the count if it is exact, the calibration's high estimate once that rests on enough
  /// requests, a bound that no text exceeds before.
  public var reserved: Int

  /// Any measure.
  public init(basis: Basis, counted: Int, expected: Int, reserved: Int) {
    self.basis = basis
    self.counted = counted
    self.expected = expected
    self.reserved = reserved
  }
}

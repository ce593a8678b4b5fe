/// Values of `ContentHash` that must never change.
enum HashVectors {
  static let empty = "?"
  static let a = "?"
  static let ramp = "?"
}

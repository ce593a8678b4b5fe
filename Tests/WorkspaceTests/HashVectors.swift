/// Values of `ContentHash` that must never change.
enum HashVectors {
  static let empty = "ad5aab9f70a7fdb78d313503ac3e879e"
  static let a = "f5579b951e4b79facc16c6130c8315b1"
  static let ramp = "3a29eb11d1abdd17e26cd293307a0248"
}

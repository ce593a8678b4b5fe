/// A question as a remote embedder sees it, for searches in snapshots that this embedder's vectors serve.
public struct QueryVector: Sendable, Hashable {
  /// The id of the space.
  public let space: String
  /// The length of the vector.
  public let dimensions: Int
  let codes: [Int8]
  let scale: Float

  /// Takes a vector of any length; nil for one of zeros or of values that are no numbers.
  public init?(_ values: [Float], space: String) {
    guard let vector = QuantisedVector(values) else { return nil }
    self.space = space
    dimensions = values.count
    codes = vector.codes + [Int8](repeating: 0, count: VectorSlab.stride(values.count) - values.count)
    scale = vector.scale
  }
}

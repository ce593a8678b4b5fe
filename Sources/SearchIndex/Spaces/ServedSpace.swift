/// The vectors of a remote embedder that a snapshot is searched by.
struct ServedSpace: Sendable {
  /// The id of the space.
  let space: String
  /// The length of the vectors.
  let dimensions: Int
  let slab: VectorSlab
  /// For each part of the snapshot the row of each passage; `VectorSlab.none` for those without a vector.
  let rows: [[UInt32]]
  /// For each part the passages without a vector, ascending.
  let missing: [[UInt32]]
}

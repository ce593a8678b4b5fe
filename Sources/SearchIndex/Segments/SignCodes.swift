internal import CVectorKernels

/// The sign codes of a segment's vectors: an eighth of their bytes, for the first pass over many passages.
///
/// They are made of the vectors when a segment is made or read, and not stored: making them takes less time than reading
/// them would.
struct SignCodes: Sendable {
  /// The codes, in blocks of `CVK_BLOCK` rows.
  let codes: [UInt8]
  /// The factor of each row.
  let factors: [Float]

  /// Makes the codes of `scales.count` vectors.
  init(rows: Section<Int8>, scales: Section<Float>) {
    self = rows.withUnsafeBufferPointer { rows in
      scales.withUnsafeBufferPointer { SignCodes(rows: rows, scales: $0) }
    }
  }

  private init(rows: UnsafeBufferPointer<Int8>, scales: UnsafeBufferPointer<Float>) {
    guard let base = rows.baseAddress, let scale = scales.baseAddress, scales.count > 0 else {
      codes = []
      factors = []
      return
    }
    let count = scales.count
    let dimensions = rows.count / count
    let padded = cvk_sign_factors(count)
    var factors: [Float] = []
    codes = [UInt8](unsafeUninitializedCapacity: cvk_sign_bytes(count, dimensions)) { codes, size in
      factors = [Float](unsafeUninitializedCapacity: padded) { factors, size in
        if let codes = codes.baseAddress, let factors = factors.baseAddress {
          cvk_sign_encode(base, scale, count, dimensions, codes, factors)
          size = padded
        }
      }
      size = cvk_sign_bytes(count, dimensions)
    }
    self.factors = factors
  }
}

internal import CVectorKernels

/// The vectors of a space in memory, one after another: rows are added, and neither changed nor removed.
///
/// `@unchecked Sendable`: memory is written by `append` alone, whose callers hold the lock of `SpaceVectors`, and each row
/// once. Who reads a row has its number from a value that was made under that lock after the row had been written. The
/// memory is freed with the last reference.
final class VectorSlab: @unchecked Sendable {
  /// The length of a row: that of the vectors, filled up with zeros to what the kernels take.
  let stride: Int
  /// Rows there is room for.
  let capacity: Int
  /// The rows; the first is zeros, and stands for what has no vector.
  let codes: UnsafePointer<Int8>
  /// The factor of each row; 0 for the first.
  let scales: UnsafePointer<Float>
  private let writableCodes: UnsafeMutablePointer<Int8>
  private let writableScales: UnsafeMutablePointer<Float>
  /// Rows that are in use, the first among them.
  private(set) var count = 1

  /// The row of what has no vector.
  static let none: UInt32 = 0

  /// The length of rows for vectors of some dimensions.
  static func stride(_ dimensions: Int) -> Int { (dimensions + 63) / 64 * 64 }

  /// Makes room for rows; memory that is not used costs nothing.
  init(dimensions: Int, capacity: Int) {
    stride = VectorSlab.stride(dimensions)
    self.capacity = max(2, capacity)
    writableCodes = UnsafeMutableRawPointer.allocate(byteCount: self.capacity * stride, alignment: 64)
      .bindMemory(to: Int8.self, capacity: self.capacity * stride)
    writableScales = UnsafeMutablePointer<Float>.allocate(capacity: self.capacity)
    writableCodes.update(repeating: 0, count: stride)
    writableScales.initialize(to: 0)
    codes = UnsafePointer(writableCodes)
    scales = UnsafePointer(writableScales)
  }

  deinit {
    UnsafeMutableRawPointer(writableCodes).deallocate()
    writableScales.deallocate()
  }

  var isFull: Bool { count == capacity }

  /// Adds a row and returns its number. There must be room for it.
  func append(codes: UnsafeRawBufferPointer, scale: Float) -> UInt32 {
    precondition(count < capacity && codes.count <= stride, "a row that does not fit")
    let row = writableCodes + count * stride
    row.update(repeating: 0, count: stride)
    UnsafeMutableRawBufferPointer(start: row, count: stride).copyMemory(from: codes)
    writableScales[count] = scale
    count += 1
    return UInt32(count - 1)
  }

  /// The bytes of a row.
  func row(_ number: UInt32) -> (codes: UnsafeRawBufferPointer, scale: Float) {
    (UnsafeRawBufferPointer(start: codes + Int(number) * stride, count: stride), scales[Int(number)])
  }

  /// Bytes of memory in use.
  var memory: Int { count * (stride + 4) }
}

/// A vector as it is stored and compared.
struct QuantisedVector: Sendable, Hashable {
  var codes: [Int8]
  /// The factor that turns the codes into the unit vector.
  var scale: Float

  /// Quantises the unit vector of some numbers; nil where there is none.
  init?(_ values: [Float]) {
    let padded = values + [Float](repeating: 0, count: VectorSlab.stride(values.count) - values.count)
    var codes = [Int8](repeating: 0, count: padded.count)
    scale = cvk_quantise(padded, padded.count, &codes)
    guard scale > 0, scale.isFinite else { return nil }
    codes.removeLast(padded.count - values.count)
    self.codes = codes
  }
}

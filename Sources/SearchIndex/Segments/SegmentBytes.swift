/// The bytes of a segment. They are filled once and never change.
///
/// `@unchecked Sendable`: `fill`, which runs before `init` returns and so before anyone else can hold a reference, has the
/// only mutable view of the memory; it is freed with the last reference.
final class SegmentBytes: @unchecked Sendable {
  /// All bytes, aligned to a cache line at least.
  let bytes: UnsafeRawBufferPointer

  /// Allocates `count` bytes and has them filled.
  ///
  /// - Throws: what `fill` throws.
  init(count: Int, fill: (UnsafeMutableRawBufferPointer) throws -> Void) rethrows {
    // Not in huge pages: where memory is fragmented, the system stops to make them, for seconds.
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 64)
    do {
      try fill(memory)
    } catch {
      memory.deallocate()
      throw error
    }
    bytes = UnsafeRawBufferPointer(memory)
  }

  deinit { bytes.deallocate() }
}

/// An array inside the bytes of a segment.
///
/// `@unchecked Sendable`: the elements are plain bytes that never change, and `owner` keeps them alive.
struct Section<Element: BitwiseCopyable & Sendable>: RandomAccessCollection, @unchecked Sendable {
  private let owner: SegmentBytes
  private let elements: UnsafeBufferPointer<Element>

  /// The elements in a range of bytes, which begins at a multiple of eight and is a multiple of the stride.
  init(_ owner: SegmentBytes, _ range: Range<Int>) {
    self.owner = owner
    let bytes = UnsafeRawBufferPointer(rebasing: owner.bytes[range])
    elements = bytes.assumingMemoryBound(to: Element.self)
  }

  var startIndex: Int { 0 }
  var endIndex: Int { elements.count }

  subscript(position: Int) -> Element {
    @inline(__always) get {
      precondition(position >= 0 && position < elements.count, "outside the section")
      return elements[position]
    }
  }

  @inline(__always)
  func withUnsafeBufferPointer<Result>(_ body: (UnsafeBufferPointer<Element>) throws -> Result) rethrows -> Result {
    try withExtendedLifetime(owner) { try body(elements) }
  }

  func withContiguousStorageIfAvailable<Result>(
    _ body: (UnsafeBufferPointer<Element>) throws -> Result
  ) rethrows -> Result? {
    try withExtendedLifetime(owner) { try body(elements) }
  }
}

internal import Workspace

/// What tells the text that is embedded of a passage from others: equal keys stand for equal texts, which are embedded
/// once, whatever segment they are in and however often they come and go.
struct PassageKey: Hashable, Sendable {
  var high: UInt64
  var low: UInt64

  /// Changes when `PassageTexts` makes other texts of the same passages.
  private static let version: UInt8 = 1

  init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// The key of a passage: of its path, its declaration and its bytes, which make up its text. All of these are in the
  /// segment, so that no file need be read to know what is embedded.
  ///
  /// - Parameter scratch: memory that is used again.
  init(of passage: Int, in segment: Segment, scratch: inout [UInt8]) {
    let record = segment.passages[passage]
    scratch.removeAll(keepingCapacity: true)
    scratch.append(Self.version)
    scratch += segment.files[Int(record.file)].path.utf8
    scratch.append(0)
    segment.strings.withUnsafeBufferPointer {
      scratch += UnsafeBufferPointer(
        rebasing: $0[Int(record.symbolOffset)..<Int(record.symbolOffset) + Int(record.symbolLength)])
    }
    scratch.append(0)
    withUnsafeBytes(of: record.contentHash.littleEndian) { scratch += $0 }
    let hash = scratch.withUnsafeBytes { ContentHash($0) }
    high = hash.high
    low = hash.low
  }
}

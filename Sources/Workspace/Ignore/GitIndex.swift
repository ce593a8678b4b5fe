/// A git index file, taken apart: the paths that are tracked, and what it leaves to a shared index.
///
/// Reads versions 2, 3 and 4 with hashes of 20 or 32 bytes. The checksum at the end is not verified: a path too much or
/// too few does no harm, since only files that exist are taken.
struct GitIndex {
  /// What marks the path of a submodule in `paths`.
  static let submodule: UInt8 = 1

  /// A shared index that this one changes (`core.splitIndex`).
  struct Link {
    /// The shared file's hash, as its name has it.
    var base: [UInt8]
    /// Numbers of its entries that are not tracked any more, in order.
    var deleted: [Int]
  }

  /// The tracked paths in the index's order, which is that of their bytes but for a few added to a shared index.
  private(set) var paths = PathList()
  private(set) var link: Link?

  /// Parses an index; nil if the bytes are none, of an unknown version, or end early.
  init?(_ bytes: [UInt8], hashLength: Int) {
    let isRead = bytes.withUnsafeBufferPointer { bytes in read(bytes, hashLength: hashLength) }
    guard isRead else { return nil }
  }

  private mutating func read(_ bytes: UnsafeBufferPointer<UInt8>, hashLength: Int) -> Bool {
    // The file ends with its hash.
    guard bytes.count >= 12 + hashLength else { return false }
    var reader = BigEndianReader(bytes, to: bytes.count - hashLength)
    guard reader.take(4)?.elementsEqual("DIRC".utf8) == true, let version = reader.number(4), (2...4).contains(version),
      let count = reader.number(4), count <= UInt64(reader.left / 42)
    else { return false }
    var path: [UInt8] = []
    for _ in 0..<count {
      let start = reader.index
      // Times, device, inode come before the mode; owner, size and the object's name after it.
      guard reader.skip(24), let mode = reader.number(4), reader.skip(12 + hashLength), let flags = reader.number(2)
      else { return false }
      if flags & 0x4000 != 0, version >= 3, !reader.skip(2) { return false }
      if version == 4 {
        guard let stripped = reader.variableNumber(), stripped <= path.count, let rest = reader.untilZero() else {
          return false
        }
        path.removeLast(stripped)
        path.append(contentsOf: rest)
        path.withUnsafeBufferPointer { add($0, mode) }
      } else {
        guard let name = reader.untilZero() else { return false }
        // Entries are padded with 1...8 zeros to a multiple of eight bytes; one has been read.
        let length = reader.index - start
        guard reader.skip((8 - length % 8) % 8) else { return false }
        add(name, mode)
      }
    }
    return readExtensions(&reader, hashLength: hashLength)
  }

  private mutating func add(_ path: UnsafeBufferPointer<UInt8>, _ mode: UInt64) {
    // A sparse index stands for whole directories that are not checked out; an entry without a name replaces one of
    // the shared index under the same name.
    guard mode & 0xF000 != 0x4000, !path.isEmpty else { return }
    paths.append(path, tag: mode & 0xF000 == 0xE000 ? Self.submodule : 0)
  }

  private mutating func readExtensions(_ reader: inout BigEndianReader, hashLength: Int) -> Bool {
    while reader.left >= 8 {
      guard let name = reader.take(4), let size = reader.number(4), let body = reader.take(Int(size)) else {
        return false
      }
      guard name.elementsEqual("link".utf8) else { continue }
      var inner = BigEndianReader(body)
      guard let base = inner.take(hashLength) else { return false }
      if base.allSatisfy({ $0 == 0 }) { continue }
      guard inner.left > 0 else {
        link = Link(base: Array(base), deleted: [])
        continue
      }
      guard let deleted = CompressedBitmap.members(&inner) else { return false }
      link = Link(base: Array(base), deleted: deleted)
    }
    return true
  }
}

/// git's compressed bitmaps (EWAH): runs of equal words, and words as they are.
enum CompressedBitmap {
  /// The numbers in the bitmap that `reader` stands before, in order; nil if it ends early or its lengths lie.
  static func members(_ reader: inout BigEndianReader) -> [Int]? {
    guard let bits = reader.number(4), let words = reader.number(4), words <= UInt64(reader.left / 8) else {
      return nil
    }
    var result: [Int] = []
    var position = 0
    var left = Int(words)
    while left > 0 {
      guard let marker = reader.number(8) else { return nil }
      left -= 1
      let run = Int(marker >> 1 & 0xFFFF_FFFF) * 64
      let literals = Int(marker >> 33)
      guard position + run <= Int(bits) + 63, literals <= left else { return nil }
      if marker & 1 != 0 { result.append(contentsOf: position..<min(position + run, Int(bits))) }
      position += run
      left -= literals
      for _ in 0..<literals {
        guard var word = reader.number(8) else { return nil }
        while word != 0 {
          result.append(position + word.trailingZeroBitCount)
          word &= word - 1
        }
        position += 64
      }
    }
    guard reader.skip(4) else { return nil }
    return result
  }
}

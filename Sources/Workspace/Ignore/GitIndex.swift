/// The paths that a git index lists: the tracked files.
///
/// Reads versions 2, 3 and 4. The checksum at the end is not verified: a path too much or too few does no harm, since
/// only files that exist are taken.
enum GitIndex {
  /// Calls `body` with the path of each tracked regular file, relative to the top of the working tree.
  ///
  /// Returns false if the bytes are no index, one of an unknown version, or end early.
  static func forEachFile(_ bytes: [UInt8], _ body: (ArraySlice<UInt8>) -> Void) -> Bool {
    var reader = BigEndianReader(bytes: bytes[...])
    guard reader.take(4)?.elementsEqual("DIRC".utf8) == true, let version = reader.number(4), (2...4).contains(version),
      let count = reader.number(4)
    else { return false }
    var path: [UInt8] = []
    for _ in 0..<count {
      let start = reader.index
      // Times, device, inode come before the mode; owner, size and the object's name after it.
      guard reader.take(24) != nil, let mode = reader.number(4), reader.take(12 + 20) != nil,
        let flags = reader.number(2)
      else { return false }
      if flags & 0x4000 != 0, version >= 3, reader.take(2) == nil { return false }
      if version == 4 {
        guard let stripped = reader.variableNumber(), stripped <= path.count, let rest = reader.untilZero() else {
          return false
        }
        path.removeLast(stripped)
        path += rest
      } else {
        guard let name = reader.untilZero() else { return false }
        path = Array(name)
        // Entries are padded with 1...8 zeros to a multiple of eight bytes; one has been read.
        let length = reader.index - start
        guard reader.take((8 - length % 8) % 8) != nil else { return false }
      }
      if mode & 0xF000 == 0x8000 { body(path[...]) }
    }
    return true
  }
}

/// Paths none of which lies in another, for questions about many others.
struct SortedPaths {
  private let paths: [[UInt8]]

  /// Directories end with `/`.
  init(_ paths: [[UInt8]]) {
    self.paths = paths.sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// Whether `path` is one of the paths, or lies in one.
  func cover(_ path: ArraySlice<UInt8>) -> Bool {
    // Whatever sorts between a directory and a path in it lies in that directory too, and is not here: so the last
    // one that does not sort behind `path` is the only candidate.
    var low = 0
    var high = paths.count
    while low < high {
      let middle = (low + high) / 2
      if path.lexicographicallyPrecedes(paths[middle]) { high = middle } else { low = middle + 1 }
    }
    guard low > 0 else { return false }
    let candidate = paths[low - 1]
    return candidate.last == 0x2F ? path.starts(with: candidate) : path.elementsEqual(candidate)
  }
}

/// Reads numbers from bytes, checking bounds.
private struct BigEndianReader {
  var bytes: ArraySlice<UInt8>

  var index: Int { bytes.startIndex }

  mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
    guard bytes.count >= count else { return nil }
    defer { bytes = bytes.dropFirst(count) }
    return bytes.prefix(count)
  }

  mutating func number(_ count: Int) -> Int? {
    take(count)?.reduce(0) { $0 << 8 | Int($1) }
  }

  /// git's offset encoding: seven bits a byte, each continuation adding one.
  mutating func variableNumber() -> Int? {
    guard var byte = bytes.popFirst() else { return nil }
    var value = Int(byte & 127)
    while byte & 128 != 0 {
      guard value < 1 << 48, let next = bytes.popFirst() else { return nil }
      byte = next
      value = (value + 1) << 7 | Int(byte & 127)
    }
    return value
  }

  mutating func untilZero() -> ArraySlice<UInt8>? {
    guard let zero = bytes.firstIndex(of: 0) else { return nil }
    defer { bytes = bytes[(zero + 1)...] }
    return bytes[..<zero]
  }
}

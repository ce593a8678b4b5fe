/// The files that a repository tracks, by its index: git's ignore rules do not hold for them.
struct TrackedFiles: Sendable {
  /// The paths; those of submodules are marked.
  private var files = PathList()

  /// Reads the index of a working tree; nil if there is none or it is damaged, in which case the ignore rules alone
  /// decide.
  init?(gitDirectory: [UInt8], hashLength: Int) {
    guard let index = Self.read(gitDirectory + Array("/index".utf8), hashLength) else { return nil }
    if let link = index.link {
      let digits = Array("0123456789abcdef".utf8)
      let name = link.base.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
      guard let shared = Self.read(gitDirectory + Array("/sharedindex.".utf8) + name, hashLength) else { return nil }
      add(shared, without: link.deleted)
    }
    add(index, without: [])
    files.sort()
  }

  /// Whether a path, relative to the top of the working tree, is tracked.
  func contains(_ path: UnsafeBufferPointer<UInt8>) -> Bool {
    files.number(of: path) != nil
  }

  /// Whether something in a directory is tracked, or the directory is a submodule. `path` has no final `/`.
  func holds(directory path: UnsafeBufferPointer<UInt8>) -> Bool {
    if let number = files.number(of: path), files.tag(number) == GitIndex.submodule { return true }
    return !files.numbers(below: path).isEmpty
  }

  private static func read(_ path: [UInt8], _ hashLength: Int) -> GitIndex? {
    guard let content = try? FileReader.read(path: path, limit: 1 << 30) else { return nil }
    return GitIndex(content.bytes, hashLength: hashLength)
  }

  private mutating func add(_ index: GitIndex, without deleted: [Int]) {
    if deleted.isEmpty {
      files.append(contentsOf: index.paths)
      return
    }
    var deleted = deleted[...]
    for number in 0..<index.paths.count {
      if deleted.first == number {
        deleted.removeFirst()
      } else {
        index.paths.withPath(number) { files.append($0, tag: index.paths.tag(number)) }
      }
    }
  }
}

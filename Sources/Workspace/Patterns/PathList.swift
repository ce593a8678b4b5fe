/// Paths in memory of one piece, each with a small number of the user's, in the order of their bytes once `sort` was
/// called.
struct PathList: Sendable {
  private struct Item {
    var start: Int
    var length: Int32
    var tag: UInt8
  }

  private var bytes: [UInt8] = []
  private var items: [Item] = []

  var count: Int { items.count }

  mutating func append(_ path: some Collection<UInt8>, tag: UInt8 = 0) {
    items.append(Item(start: bytes.count, length: Int32(path.count), tag: tag))
    bytes.append(contentsOf: path)
  }

  mutating func append(contentsOf other: PathList) {
    let base = bytes.count
    bytes += other.bytes
    items += other.items.map { Item(start: $0.start + base, length: $0.length, tag: $0.tag) }
  }

  func tag(_ number: Int) -> UInt8 { items[number].tag }

  /// Calls `body` with a path.
  func withPath<Result>(_ number: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    let item = items[number]
    return bytes.withUnsafeBufferPointer {
      body(UnsafeBufferPointer(rebasing: $0[item.start..<item.start + Int(item.length)]))
    }
  }

  /// Puts the paths in order, if they are not.
  mutating func sort() {
    let isSorted = (1..<max(1, count)).allSatisfy { number in
      withPath(number) { compare(number - 1, $0) <= 0 }
    }
    if isSorted { return }
    let bytes = self.bytes
    items.sort { left, right in
      bytes.withUnsafeBufferPointer { bytes in
        bytes[left.start..<left.start + Int(left.length)].lexicographicallyPrecedes(
          bytes[right.start..<right.start + Int(right.length)])
      }
    }
  }

  /// The number of the first path that does not sort before `path`.
  func lowerBound(_ path: UnsafeBufferPointer<UInt8>) -> Int {
    var low = 0
    var high = count
    while low < high {
      let middle = (low + high) / 2
      if compare(middle, path) < 0 { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The number of a path; nil if it is not in the list.
  func number(of path: UnsafeBufferPointer<UInt8>) -> Int? {
    let number = lowerBound(path)
    return number < count && compare(number, path) == 0 ? number : nil
  }

  /// The numbers of the paths in a directory, whose path has no final `/`.
  func numbers(below directory: UnsafeBufferPointer<UInt8>) -> Range<Int> {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: directory.count + 1) { prefix in
      for index in directory.indices { prefix[index] = directory[index] }
      prefix[directory.count] = 0x2F
      let first = lowerBound(UnsafeBufferPointer(prefix))
      // What lies in the directory ends before what could start with the byte after `/`.
      prefix[directory.count] = 0x30
      return first..<max(first, lowerBound(UnsafeBufferPointer(prefix)))
    }
  }

  /// Negative, zero or positive as a path of the list sorts before, like or after `path`.
  private func compare(_ number: Int, _ path: UnsafeBufferPointer<UInt8>) -> Int {
    withPath(number) { own in
      let shared = min(own.count, path.count)
      for index in 0..<shared where own[index] != path[index] { return own[index] < path[index] ? -1 : 1 }
      return own.count - path.count
    }
  }
}

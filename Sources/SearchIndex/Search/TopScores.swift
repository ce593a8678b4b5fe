/// Keeps the highest-scored numbers.
///
/// Scores are integers above 0, or the bits of positive floating-point numbers, which order as those do. An entry is one
/// integer: the score above the number, inverted, so that of equal scores the lower number stays. Entries are gathered
/// beyond the capacity and thrown out many at a time: that costs a few instructions an entry, where a heap pays for its
/// depth.
struct TopScores {
  private let capacity: Int
  private var entries: [UInt64] = []
  /// Whether a number may be among the best only if its score exceeds this; at first 0, since a passage without any
  /// match is no candidate. Numbers must come in ascending order for equal scores to be decided by it.
  private(set) var threshold: Int32 = 0

  /// Keeps `capacity` numbers at most.
  init(capacity: Int) {
    self.capacity = max(0, capacity)
    entries.reserveCapacity(capacity > 0 ? room : 0)
  }

  /// Entries that are gathered before the lowest are thrown out.
  private var room: Int { 3 * capacity + 64 }

  /// Takes a number below 2³² if its score may be among the best.
  @inline(__always)
  mutating func insert(_ score: Int32, _ number: Int) {
    guard score > threshold, capacity > 0 else { return }
    entries.append(UInt64(UInt32(bitPattern: score)) << 32 | UInt64(~UInt32(truncatingIfNeeded: number)))
    if entries.count >= room { prune() }
  }

  /// Takes those of some positions whose scores may be among the best; `base` plus a position is a number.
  mutating func insert(
    _ scores: UnsafePointer<Int32>, at positions: UnsafePointer<UInt32>, count: Int, base: Int
  ) {
    guard capacity > 0 else { return }
    var next = 0
    while next < count {
      // As many at a time as there is room for.
      let end = min(count, next + room - entries.count)
      let threshold = self.threshold
      let start = entries.count
      entries.append(contentsOf: repeatElement(0, count: end - next))
      let kept = entries.withUnsafeMutableBufferPointer { entries in
        var place = start
        while next < end {
          let position = Int(positions[next])
          let score = scores[position]
          let number = UInt32(truncatingIfNeeded: base &+ position)
          entries[place] = UInt64(UInt32(bitPattern: score)) << 32 | UInt64(~number)
          if score > threshold { place &+= 1 }
          next &+= 1
        }
        return place
      }
      entries.removeLast(entries.count - kept)
      if entries.count >= room { prune() }
    }
  }

  /// The numbers kept with their scores, by ascending number.
  mutating func finish() -> [(number: Int, score: Int32)] {
    if entries.count > capacity { prune() }
    // With the halves changed places the entries themselves are in order.
    entries.withUnsafeMutableBufferPointer { entries in
      for index in entries.indices { entries[index] = ~entries[index] << 32 | entries[index] >> 32 }
      entries.sort()
    }
    defer { entries.removeAll() }
    return entries.map { (number: Int($0 >> 32), score: Int32(truncatingIfNeeded: $0)) }
  }

  /// Throws out all but the best and raises the threshold to the lowest of these.
  private mutating func prune() {
    let lowest = entries.withUnsafeMutableBufferPointer { TopScores.select(capacity, highestOf: $0) }
    entries.removeLast(entries.count - capacity)
    threshold = max(threshold, Int32(truncatingIfNeeded: lowest >> 32))
  }

  /// Moves the `count` highest entries, of which there are more, to the front and returns the lowest of these
  /// (quickselect, the middle one of three as pivot; entries are distinct).
  private static func select(_ count: Int, highestOf entries: UnsafeMutableBufferPointer<UInt64>) -> UInt64 {
    let wanted = count &- 1
    var low = 0
    var high = entries.count &- 1
    while low < high {
      let first = entries[low]
      let middle = entries[(low &+ high) / 2]
      let last = entries[high]
      let pivot = max(min(first, middle), min(max(first, middle), last))
      var left = low
      var right = high
      while left <= right {
        while entries[left] > pivot { left &+= 1 }
        while entries[right] < pivot { right &-= 1 }
        if left <= right {
          entries.swapAt(left, right)
          left &+= 1
          right &-= 1
        }
      }
      if wanted <= right {
        high = right
      } else if wanted >= left {
        low = left
      } else {
        break
      }
    }
    return entries[wanted]
  }
}

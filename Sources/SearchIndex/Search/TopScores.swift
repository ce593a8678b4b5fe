internal import CVectorKernels

/// Keeps the highest-scored numbers.
///
/// Scores are integers above 0, or the bits of positive floating-point numbers, which order as those do. An entry is one
/// integer: the score above the number, inverted, so that of equal scores the lower number stays. Entries are gathered
/// beyond the capacity and thrown out many at a time: that costs a few instructions an entry and no branch that the
/// processor could not foresee, where a heap pays for its depth.
struct TopScores {
  private let capacity: Int
  /// The first `count` are entries.
  private var entries: [UInt64]
  private var count = 0
  /// Whether a number may be among the best only if its score exceeds this; at first 0, since a passage without any
  /// match is no candidate. Numbers must come in ascending order for equal scores to be decided by it.
  private(set) var threshold: Int32

  /// Keeps `capacity` numbers at most.
  ///
  /// - Parameter floor: a score that `capacity` numbers are known to exceed; 0 when nothing is known.
  init(capacity: Int, floor: Int32 = 0) {
    self.capacity = max(0, capacity)
    threshold = max(0, floor)
    // Entries that are gathered before the lowest are thrown out.
    entries = [UInt64](repeating: 0, count: capacity > 0 ? 3 * capacity + 448 : 0)
  }

  /// Takes a number below 2³² if its score may be among the best.
  mutating func insert(_ score: Int32, _ number: Int) {
    withUnsafePointer(to: score) { insert($0, at: [0], count: 1, base: number) }
  }

  /// Takes those of some positions whose scores may be among the best; `base` plus a position is a number.
  mutating func insert(
    _ scores: UnsafePointer<Int32>, at positions: UnsafePointer<UInt32>, count found: Int, base: Int
  ) {
    guard capacity > 0 else { return }
    var next = 0
    while next < found {
      // As many at a time as there is room for.
      let end = min(found, next + entries.count - count)
      let threshold = self.threshold
      count = entries.withUnsafeMutableBufferPointer { [count] entries in
        var place = count
        while next < end {
          let position = Int(positions[next])
          let score = scores[position]
          let number = UInt32(truncatingIfNeeded: base &+ position)
          entries[place] = UInt64(UInt32(bitPattern: score)) << 32 | UInt64(~number)
          place &+= score > threshold ? 1 : 0
          next &+= 1
        }
        return place
      }
      if count == entries.count { prune() }
    }
  }

  /// The numbers kept with their scores, by ascending number.
  mutating func finish() -> [(number: Int, score: Int32)] {
    if count > capacity + capacity / 2 { prune() }
    if count > capacity { cut() }
    return entries.withUnsafeMutableBufferPointer { [count] entries in
      guard count > 0, let base = entries.baseAddress else { return [] }
      // The number above the score.
      for index in 0..<count { base[index] = ~base[index] << 32 | base[index] >> 32 }
      withUnsafeTemporaryAllocation(of: UInt64.self, capacity: count) { spare in
        if let spare = spare.baseAddress { cvk_sort_upper(base, spare, count) }
      }
      return (0..<count).map { (number: Int(base[$0] >> 32), score: Int32(truncatingIfNeeded: base[$0])) }
    }
  }

  /// Throws out what is known not to be among the best, so that the threshold is as high as it can be.
  mutating func tighten() {
    if count > capacity { cut() }
  }

  /// Throws out all but the best.
  private mutating func cut() {
    entries.withUnsafeMutableBufferPointer {
      TopScores.moveHighest(capacity, of: UnsafeMutableBufferPointer(rebasing: $0[..<count]))
    }
    count = capacity
    threshold = max(threshold, Int32(truncatingIfNeeded: entries[capacity - 1] >> 32))
  }

  /// Throws out entries that are not among the best, and raises the threshold. What stays is a little more than the
  /// capacity: where the cut should be is judged by a sample.
  private mutating func prune() {
    if count < 1024 {
      cut()
      return
    }
    let sampleSize = min(64, count)
    let stride = count / sampleSize
    var sample = (0..<sampleSize).map { entries[$0 * stride] }
    sample.sort(by: >)
    var rank = min(sampleSize - 1, sampleSize * capacity / count + 4)
    while true {
      let pivot = rank < sampleSize ? sample[rank] : 0
      let kept = entries.withUnsafeBufferPointer { entries in
        var kept = 0
        for index in 0..<count { kept &+= entries[index] >= pivot ? 1 : 0 }
        return kept
      }
      if kept >= capacity, kept < count {
        entries.withUnsafeMutableBufferPointer { entries in
          var place = 0
          for index in 0..<count {
            let entry = entries[index]
            entries[place] = entry
            place &+= entry >= pivot ? 1 : 0
          }
        }
        count = kept
        // As many as the capacity are not below the pivot, and a later number of its score is.
        threshold = max(threshold, Int32(truncatingIfNeeded: pivot >> 32))
        return
      }
      if kept == count {
        // The sample was of the highest: nothing is left to guess.
        cut()
        return
      }
      rank += 8
    }
  }

  /// Moves the `wanted` highest entries, of which there are more, to the front, the lowest of them last (quickselect,
  /// the middle one of three as pivot; entries are distinct).
  private static func moveHighest(_ wanted: Int, of entries: UnsafeMutableBufferPointer<UInt64>) {
    let target = wanted &- 1
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
      if target <= right {
        high = right
      } else if target >= left {
        low = left
      } else {
        return
      }
    }
  }
}

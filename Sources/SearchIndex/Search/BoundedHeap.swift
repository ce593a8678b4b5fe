/// Keeps the highest-scored numbers: a binary heap with the lowest on top.
///
/// An entry is one integer: the bits of its score, which order as positive floating-point numbers do, above those of its
/// number, inverted, so that of equal scores the lower number stays.
struct BoundedHeap {
  private let capacity: Int
  private var entries: [UInt64] = []
  /// A score must exceed this to be kept; at first 0, since a passage without any match is no candidate.
  private(set) var threshold: Float = 0

  /// Keeps `capacity` numbers at most.
  init(capacity: Int) {
    self.capacity = capacity
    entries.reserveCapacity(capacity)
  }

  /// The numbers kept, in no order.
  var numbers: [Int] { entries.map { Int(~UInt32(truncatingIfNeeded: $0)) } }

  /// Takes a number below 2³² whose score exceeds `threshold`, in place of the lowest if there are too many.
  mutating func insert(_ score: Float, _ number: Int) {
    guard capacity > 0, score > threshold else { return }
    let entry = UInt64(score.bitPattern) << 32 | UInt64(~UInt32(truncatingIfNeeded: number))
    if entries.count < capacity {
      entries.append(entry)
      entries.withUnsafeMutableBufferPointer { BoundedHeap.rise($0) }
    } else {
      entries.withUnsafeMutableBufferPointer { BoundedHeap.replaceLowest($0, by: entry) }
    }
    if entries.count == capacity { threshold = Float(bitPattern: UInt32(entries[0] >> 32)) }
  }

  /// Moves the last entry up to its place.
  private static func rise(_ entries: UnsafeMutableBufferPointer<UInt64>) {
    var child = entries.count &- 1
    let entry = entries[child]
    while child > 0 {
      let parent = (child &- 1) / 2
      if entries[parent] <= entry { break }
      entries[child] = entries[parent]
      child = parent
    }
    entries[child] = entry
  }

  /// Puts an entry in the place of the lowest one and moves it down to where it belongs.
  private static func replaceLowest(_ entries: UnsafeMutableBufferPointer<UInt64>, by entry: UInt64) {
    let count = entries.count
    var parent = 0
    while true {
      var child = 2 &* parent &+ 1
      if child >= count { break }
      if child &+ 1 < count, entries[child &+ 1] < entries[child] { child &+= 1 }
      if entry <= entries[child] { break }
      entries[parent] = entries[child]
      parent = child
    }
    entries[parent] = entry
  }
}

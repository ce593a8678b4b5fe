import Testing

@testable import SearchIndex

@Suite struct BoundedHeapTests {
  @Test func keepsWhatSortingWouldKeep() {
    var generator = SplitMix(state: 11)
    for round in 0..<200 {
      let capacity = 1 + round % 17
      var heap = BoundedHeap(capacity: capacity)
      // Few distinct scores, so that many are equal.
      let scores = (0..<(round * 3)).map { _ in Float(generator.next() % 9) / 4 }
      for (number, score) in scores.enumerated() where score > heap.threshold { heap.insert(score, number) }
      let expected = scores.indices.filter { scores[$0] > 0 }
        .sorted { (scores[$1], $0) < (scores[$0], $1) }.prefix(capacity)
      #expect(heap.numbers.sorted() == expected.sorted())
    }
  }

  @Test func thresholdIsTheLowestKeptScoreOnceFull() {
    var heap = BoundedHeap(capacity: 2)
    heap.insert(0.5, 0)
    #expect(heap.threshold == 0)
    heap.insert(0.25, 1)
    #expect(heap.threshold == 0.25)
    heap.insert(0.75, 2)
    #expect(heap.threshold == 0.5)
  }

  @Test func keepsNothingWithoutMatchOrRoom() {
    var heap = BoundedHeap(capacity: 3)
    heap.insert(0, 1)
    heap.insert(-1, 2)
    #expect(heap.numbers.isEmpty)
    var none = BoundedHeap(capacity: 0)
    none.insert(1, 1)
    #expect(none.numbers.isEmpty)
  }
}

private struct SplitMix {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}

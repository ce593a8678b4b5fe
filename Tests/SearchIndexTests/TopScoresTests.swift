import SeededInput
import Testing

@testable import SearchIndex

struct TopScoresTests {
  /// What sorting would keep.
  private func expected(_ scores: [Int32], capacity: Int) -> [Int] {
    let order = scores.indices.filter { scores[$0] > 0 }.sorted { (scores[$1], $0) < (scores[$0], $1) }
    return order.prefix(capacity).sorted()
  }

  @Test(arguments: [1, 2, 7, 64, 200])
  func keepsWhatSortingWouldKeep(capacity: Int) {
    var generator = SeededGenerator(seed: UInt64(capacity))
    for round in 0..<40 {
      // Few distinct scores, so that many are equal, and many.
      let bound: Int32 = round % 2 == 0 ? 9 : .max
      let scores = (0..<round * 60).map { _ in Int32.random(in: -2...bound, using: &generator) }
      var single = TopScores(capacity: capacity)
      for (number, score) in scores.enumerated() { single.insert(score, number) }
      var many = TopScores(capacity: capacity)
      var start = 0
      while start < scores.count {
        // As a selection gives them: positions in a window, of those above the threshold.
        let end = min(scores.count, start + Int.random(in: 1...500, using: &generator))
        let positions = (start..<end).filter { scores[$0] > many.threshold }.map { UInt32($0 - start) }
        Array(scores[start..<end]).withUnsafeBufferPointer { window in
          guard let window = window.baseAddress else { return }
          many.insert(window, at: positions, count: positions.count, base: start)
        }
        start = end
      }
      for kept in [single.finish(), many.finish()] {
        #expect(kept.map(\.number) == expected(scores, capacity: capacity))
        #expect(kept.allSatisfy { $0.score == scores[$0.number] })
      }
    }
  }

  @Test func thresholdNeverHidesOneOfTheBest() {
    var generator = SeededGenerator(seed: 3)
    let scores = (0..<5000).map { _ in Int32.random(in: 1...1000, using: &generator) }
    var top = TopScores(capacity: 10)
    for (number, score) in scores.enumerated() {
      top.insert(score, number)
      guard number % 100 == 99 else { continue }
      let best = scores[...number].sorted(by: >).prefix(10)
      if let lowest = best.last { #expect(top.threshold <= lowest) }
    }
    #expect(top.threshold > 900)
  }

  @Test func keepsNothingWithoutMatchOrRoom() {
    var top = TopScores(capacity: 3)
    top.insert(0, 1)
    top.insert(-1, 2)
    #expect(top.finish().isEmpty)
    var none = TopScores(capacity: 0)
    none.insert(1, 1)
    #expect(none.finish().isEmpty)
  }
}

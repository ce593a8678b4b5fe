internal import Dispatch
internal import Synchronization

/// Makes segments of their bytes on all cores: checking and coding many of them takes longer than one thread should.
final class SegmentBatch: Sendable {
  private let stored: [SegmentBytes]
  private let results: Mutex<[Segment?]>

  /// Takes the bytes that were stored.
  init(_ stored: [SegmentBytes]) {
    self.stored = stored
    results = Mutex([Segment?](repeating: nil, count: stored.count))
  }

  /// The segments, in the order of their bytes. It blocks: call it from a thread of one's own.
  ///
  /// - Throws: `Segment.Damaged` when any of them is damaged.
  func segments() throws -> [Segment] {
    DispatchQueue.concurrentPerform(iterations: stored.count) { index in
      let segment = try? Segment(stored: stored[index])
      results.withLock { $0[index] = segment }
    }
    return try results.withLock { results in
      try results.map { segment in
        guard let segment else { throw Segment.Damaged() }
        return segment
      }
    }
  }
}

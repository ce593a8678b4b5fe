/// How often terms occur among what is alive: an index that was changed a thousand times says the same of a term as one
/// that was built anew.
extension IndexSnapshot {
  /// Live passages with a term, whose postings in each part are given.
  func documentFrequency(_ ranges: [Range<Int>]) -> Int {
    zip(parts, ranges).reduce(0) { $0 + $1.0.liveCount($1.1) }
  }

  /// How rare a term is among the live passages.
  func inverseDocumentFrequency(of term: Term) -> Float {
    let count = documentFrequency(parts.map { $0.segment.passageTerms.range(of: term) })
    return BM25.inverseDocumentFrequency(count: count, total: passageCount)
  }

  /// Live files with a term in their path, whose postings in each part are given.
  func fileFrequency(_ ranges: [Range<Int>]) -> Int {
    zip(parts, ranges).reduce(0) { sum, pair in
      let (part, range) = pair
      return sum + range.reduce(0) { $0 + (part.live[Int(part.segment.pathTerms.documents[$1])] ? 1 : 0) }
    }
  }
}

extension IndexSnapshot.Part {
  /// How many of some postings are of live passages.
  fileprivate func liveCount(_ range: Range<Int>) -> Int {
    if range.isEmpty { return 0 }
    if runs.count == 1, runs[0].count == segment.passages.count { return range.count }
    return segment.passageTerms.documents.withUnsafeBufferPointer { documents in
      var position = range.lowerBound
      var count = 0
      for run in runs {
        position = first(atLeast: UInt32(run.lowerBound), in: documents, from: position, to: range.upperBound)
        let end = first(atLeast: UInt32(run.upperBound), in: documents, from: position, to: range.upperBound)
        count += end - position
        position = end
        if position == range.upperBound { break }
      }
      return count
    }
  }

  /// The first position whose document is at least a number, by steps that double: runs are near one another.
  private func first(
    atLeast number: UInt32, in documents: UnsafeBufferPointer<UInt32>, from start: Int, to end: Int
  ) -> Int {
    var low = start
    var step = 1
    while low + step < end, documents[low + step - 1] < number {
      low += step
      step *= 2
    }
    var high = min(end, low + step)
    while low < high {
      let middle = (low + high) / 2
      if documents[middle] < number { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

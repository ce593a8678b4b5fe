internal import CVectorKernels

/// The BM25 scores of passages.
///
/// Scores are summed as integers, so that it does not matter in which order the terms come: what is left out because it
/// cannot reach the best (MaxScore; Turtle and Flood, 1995) changes nothing in the result.
struct LexicalScan {
  /// A passage by its number among all with its score.
  typealias Scored = (number: Int, score: Float)

  /// The postings of a term of the query.
  struct List {
    /// The term's weight times its rarity.
    var weight: Float
    /// Its postings in each part.
    var ranges: [Range<Int>]
  }

  /// The sum of all terms' whole weights at most: times the highest impact it is below 2³¹.
  private static let wholeWeight = Int(Int32.max) / Int(Postings.highestImpact)

  /// The lists by falling weight, with their weights as whole numbers. A term of which nothing is left weighs less than
  /// a hundred-thousandth of the query.
  private let lists: [(weight: UInt32, ranges: [Range<Int>])]
  /// The score of one unit of the integer sums.
  private let unit: Float

  init(_ lists: [List]) {
    let total = lists.reduce(0) { $0 + $1.weight }
    // Rounding may add half to each.
    let factor = total > 0 ? Float(max(0, Self.wholeWeight - lists.count)) / total : 0
    self.lists = lists.map { (UInt32(max(0, ($0.weight * factor).rounded())), $0.ranges) }.filter { $0.0 > 0 }
      .sorted { $0.0 > $1.0 }
    unit = factor > 0 ? 1 / (factor * Postings.impactUnit) : 0
  }

  /// The passages with the highest scores.
  ///
  /// - Parameters:
  ///   - count: passages at most; 0 for none but `others`.
  ///   - runs: for each part the passages that may be found.
  ///   - others: ascending numbers of other passages whose scores are wanted.
  /// - Returns: the best by ascending number, and the scores of the others.
  func best(
    _ count: Int, of parts: [IndexSnapshot.Part], runs: [[Range<Int>]], others: [Int], scratch: inout SearchScratch
  ) -> (best: [Scored], others: [Float]) {
    var top = TopScores(capacity: count)
    var otherScores = [Float](repeating: 0, count: others.count)
    guard !lists.isEmpty else { return ([], otherScores) }
    scratch.reserve(passages: parts.reduce(0) { max($0, $1.segment.passages.count) })
    var start = 0
    for number in parts.indices {
      let part = parts[number]
      let size = part.segment.passages.count
      var end = start
      while end < others.count, others[end] < part.base + size { end += 1 }
      let touched = sum(
        number, part: part, runs: count > 0 ? runs[number] : [], others: others[start..<end], top: &top,
        scratch: &scratch)
      if touched {
        for index in start..<end { otherScores[index] = unit * Float(scratch.sums[others[index] - part.base]) }
        scratch.sums.withUnsafeMutableBufferPointer { $0.baseAddress?.update(repeating: 0, count: size) }
      }
      start = end
    }
    return (top.finish().map { ($0.number, unit * Float($0.score)) }, otherScores)
  }

  /// Sums the impacts of one part's passages as far as they matter, and takes the best.
  ///
  /// - Returns: whether any sum was changed.
  private func sum(
    _ number: Int, part: IndexSnapshot.Part, runs: [Range<Int>], others: ArraySlice<Int>, top: inout TopScores,
    scratch: inout SearchScratch
  ) -> Bool {
    let postings = part.segment.passageTerms
    // Terms that even together lift no passage above the threshold need not be looked at for every passage.
    var essential = lists.count
    var rest: UInt32 = 0
    while essential > 0 {
      let list = lists[essential - 1]
      let bound = list.ranges[number].isEmpty ? 0 : list.weight * Postings.highestImpact
      if !runs.isEmpty, rest + bound > UInt32(top.threshold) { break }
      rest += bound
      essential -= 1
    }
    if essential == 0, others.isEmpty { return false }
    return scratch.sums.withUnsafeMutableBufferPointer { sums in
      scratch.positions.withUnsafeMutableBufferPointer { positions in
        postings.documents.withUnsafeBufferPointer { documents in
          postings.impacts.withUnsafeBufferPointer { impacts in
            guard let sums = sums.baseAddress, let positions = positions.baseAddress,
              let documents = documents.baseAddress, let impacts = impacts.baseAddress
            else { return false }
            for list in lists[..<essential] where !list.ranges[number].isEmpty {
              let range = list.ranges[number]
              cvk_add_postings(documents + range.lowerBound, impacts + range.lowerBound, range.count, list.weight, sums)
            }
            var found = 0
            if essential > 0 {
              let threshold = top.threshold - Int32(min(rest, UInt32(top.threshold)))
              for run in runs {
                let from = found
                found += sums.withMemoryRebound(to: Int32.self, capacity: part.segment.passages.count) {
                  cvk_select_above($0 + run.lowerBound, run.count, threshold, positions + found)
                }
                if run.lowerBound > 0 { for index in from..<found { positions[index] += UInt32(run.lowerBound) } }
              }
            }
            if essential < lists.count {
              Self.merge(positions, found, others, base: part.base, into: &scratch.merged)
              for list in lists[essential...] where !list.ranges[number].isEmpty {
                let range = list.ranges[number]
                if scratch.merged.count * 8 > range.count {
                  cvk_add_postings(
                    documents + range.lowerBound, impacts + range.lowerBound, range.count, list.weight, sums)
                } else {
                  cvk_look_up_postings(
                    documents + range.lowerBound, impacts + range.lowerBound, range.count, list.weight,
                    scratch.merged, scratch.merged.count, sums)
                }
              }
            }
            sums.withMemoryRebound(to: Int32.self, capacity: part.segment.passages.count) {
              top.insert($0, at: positions, count: found, base: part.base)
            }
            return true
          }
        }
      }
    }
  }

  /// The ascending positions of a selection and of other passages, each once.
  private static func merge(
    _ positions: UnsafePointer<UInt32>, _ count: Int, _ others: ArraySlice<Int>, base: Int, into merged: inout [UInt32]
  ) {
    merged.removeAll(keepingCapacity: true)
    var next = 0
    for other in others {
      let other = UInt32(other - base)
      while next < count, positions[next] < other {
        merged.append(positions[next])
        next += 1
      }
      if next < count, positions[next] == other { next += 1 }
      merged.append(other)
    }
    while next < count {
      merged.append(positions[next])
      next += 1
    }
  }
}

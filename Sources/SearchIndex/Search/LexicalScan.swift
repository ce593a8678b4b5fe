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
    guard !lists.isEmpty else { return ([], [Float](repeating: 0, count: others.count)) }
    var top = TopScores(capacity: count, floor: floor(count, of: parts, runs: runs))
    var otherScores = [Float](repeating: 0, count: others.count)
    scratch.reserve(passages: parts.reduce(0) { max($0, $1.segment.passages.count) })
    var start = 0
    for number in parts.indices {
      let part = parts[number]
      var end = start
      while end < others.count, others[end] < part.base + part.segment.passages.count { end += 1 }
      sum(
        number, part: part, runs: count > 0 ? runs[number] : [], others: others[start..<end], top: &top,
        scratch: &scratch
      ) { sums in
        for index in start..<end { otherScores[index] = unit * Float(sums[others[index] - part.base]) }
      }
      top.tighten()
      start = end
    }
    return (top.finish().map { ($0.number, unit * Float($0.score)) }, otherScores)
  }

  /// A score that `count` passages exceed, as one of the weightiest terms alone tells; so terms can be left out from the
  /// first part on. 0 where some passages may not be found.
  private func floor(_ count: Int, of parts: [IndexSnapshot.Part], runs: [[Range<Int>]]) -> Int32 {
    guard count > 0, zip(parts, runs).allSatisfy({ $1.reduce(0) { $0 + $1.count } == $0.segment.passages.count })
    else { return 0 }
    let shift = 6
    var floor: UInt32 = 0
    for list in lists.prefix(4) {
      let total = list.ranges.reduce(0) { $0 + $1.count }
      guard total >= count, total <= 8192 else { continue }
      let lowest = withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 65536 >> shift) { histogram in
        histogram.update(repeating: 0)
        for (part, range) in zip(parts, list.ranges) where !range.isEmpty {
          part.segment.passageTerms.impacts.withUnsafeBufferPointer { impacts in
            for index in range { histogram[Int(impacts[index]) >> shift] &+= 1 }
          }
        }
        var bucket = histogram.count
        var seen = 0
        while bucket > 0, seen < count {
          bucket -= 1
          seen += Int(histogram[bucket])
        }
        return UInt32(bucket << shift)
      }
      floor = max(floor, list.weight * lowest)
    }
    return floor > 0 ? Int32(floor - 1) : 0
  }

  /// Sums the impacts of one part's passages as far as they matter, takes the best, shows the sums, and makes them zero
  /// again.
  private func sum(
    _ number: Int, part: IndexSnapshot.Part, runs: [Range<Int>], others: ArraySlice<Int>, top: inout TopScores,
    scratch: inout SearchScratch, show: (UnsafePointer<UInt32>) -> Void
  ) {
    let postings = part.segment.passageTerms
    let size = part.segment.passages.count
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
    if essential == 0, others.isEmpty { return }
    let looked = lists[..<essential].reduce(0) { $0 + $1.ranges[number].count }
    // With few postings their passages are gone through, with many all passages are.
    let isSparse = looked * 24 < size
    let isWhole = runs.count == 1 && runs[0].count == size
    scratch.sums.withUnsafeMutableBufferPointer { sums in
      scratch.positions.withUnsafeMutableBufferPointer { positions in
        postings.documents.withUnsafeBufferPointer { documents in
          postings.impacts.withUnsafeBufferPointer { impacts in
            guard let sums = sums.baseAddress, let positions = positions.baseAddress,
              let documents = documents.baseAddress, let impacts = impacts.baseAddress
            else { return }
            let signed = UnsafeRawPointer(sums).assumingMemoryBound(to: Int32.self)
            for list in lists[..<essential] where !list.ranges[number].isEmpty {
              let range = list.ranges[number]
              cvk_add_postings(documents + range.lowerBound, impacts + range.lowerBound, range.count, list.weight, sums)
            }
            let threshold = UInt32(top.threshold) - min(rest, UInt32(top.threshold))
            var found = 0
            if essential > 0, isSparse {
              for list in lists[..<essential] where !list.ranges[number].isEmpty {
                let range = list.ranges[number]
                found += cvk_collect_above(
                  documents + range.lowerBound, range.count, sums, threshold, positions + found)
              }
              found = cvk_order_positions(positions, found, &scratch.bits, size)
              if !isWhole { found = Self.restrict(positions, found, to: runs) }
            } else if essential > 0 {
              for run in runs {
                let from = found
                found += cvk_select_above(signed + run.lowerBound, run.count, Int32(threshold), positions + found)
                if run.lowerBound > 0 { for index in from..<found { positions[index] += UInt32(run.lowerBound) } }
              }
            }
            var isAllTouched = !isSparse
            if essential < lists.count {
              Self.merge(positions, found, others, base: part.base, into: &scratch.merged)
              for list in lists[essential...] where !list.ranges[number].isEmpty {
                let range = list.ranges[number]
                if scratch.merged.count * 8 > range.count {
                  isAllTouched = true
                  cvk_add_postings(
                    documents + range.lowerBound, impacts + range.lowerBound, range.count, list.weight, sums)
                } else {
                  cvk_look_up_postings(
                    documents + range.lowerBound, impacts + range.lowerBound, range.count, list.weight,
                    scratch.merged, scratch.merged.count, sums)
                }
              }
            }
            top.insert(signed, at: positions, count: found, base: part.base)
            show(sums)
            if isAllTouched {
              sums.update(repeating: 0, count: size)
            } else {
              for list in lists[..<essential] {
                cvk_clear_postings(documents + list.ranges[number].lowerBound, list.ranges[number].count, sums)
              }
              // Looking up may have touched passages of none of these lists.
              for other in others { sums[other - part.base] = 0 }
            }
          }
        }
      }
    }
  }

  /// Drops ascending positions that are outside of some ascending runs.
  ///
  /// - Returns: how many are left.
  private static func restrict(
    _ positions: UnsafeMutablePointer<UInt32>, _ count: Int, to runs: [Range<Int>]
  ) -> Int {
    var kept = 0
    var run = 0
    for index in 0..<count {
      let position = Int(positions[index])
      while run < runs.count, runs[run].upperBound <= position { run += 1 }
      guard run < runs.count else { break }
      if runs[run].contains(position) {
        positions[kept] = positions[index]
        kept += 1
      }
    }
    return kept
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

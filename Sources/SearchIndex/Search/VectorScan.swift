internal import CVectorKernels

/// The passages nearest to a query's embedding.
///
/// Few passages are compared one and all. Of many, a first pass over the sign codes estimates the cosines, an eighth of
/// the bytes, and only those that may be among the nearest are compared.
struct VectorScan {
  /// A passage by its number among all with its cosine.
  typealias Scored = (number: Int, score: Float)

  /// The query's embedding.
  let codes: [Int8]
  /// The factor that turns `codes` into a unit vector; not 0.
  let scale: Float

  /// How many passages the first pass keeps for each that is wanted, and at least.
  static func kept(for count: Int) -> Int { max(8 * count, 500) }

  /// Rows that are compared at a time: few enough that their scores stay in the nearest cache.
  private static let window = 4096

  /// The `count` nearest passages whose cosine is positive, by ascending number.
  ///
  /// - Parameters:
  ///   - runs: for each part the passages that may be found.
  ///   - exhaustive: passages up to which all are compared.
  func best(
    _ count: Int, of parts: [IndexSnapshot.Part], runs: [[Range<Int>]], exhaustive: Int, scratch: inout SearchScratch
  ) -> [Scored] {
    if scratch.scores.count < Self.window { scratch.scores = [Float](repeating: 0, count: Self.window) }
    scratch.reserve(passages: Self.window)
    let total = runs.reduce(0) { $1.reduce($0) { $0 + $1.count } }
    var top = TopScores(capacity: count)
    if total <= max(exhaustive, Self.kept(for: count)) {
      compareAll(parts, runs: runs, scratch: &scratch, into: &top)
    } else {
      let kept = Self.kept(for: count)
      let tables = Tables(codes: codes, scale: scale, scratch: &scratch)
      var first = TopScores(capacity: kept, floor: floor(kept, of: total, parts, tables, scratch: &scratch))
      estimate(parts, runs: runs, tables, scratch: &scratch, into: &first)
      var near = first.finish()
      if near.count < kept / 2 {
        // The sample was of other passages than those that may be found.
        first = TopScores(capacity: kept)
        estimate(parts, runs: runs, tables, scratch: &scratch, into: &first)
        near = first.finish()
      }
      compare(near.map(\.number), of: parts) { top.insert(Int32(bitPattern: $1.bitPattern), $0) }
    }
    return top.finish().map { ($0.number, Float(bitPattern: UInt32(bitPattern: $0.score))) }
  }

  /// The cosines of some passages, given by ascending number.
  func compare(_ numbers: [Int], of parts: [IndexSnapshot.Part], _ body: (_ number: Int, _ score: Float) -> Void) {
    var positions: [UInt32] = []
    var scores: [Float] = []
    var start = 0
    for part in parts where start < numbers.count {
      let end = part.base + part.segment.passages.count
      positions.removeAll(keepingCapacity: true)
      var next = start
      while next < numbers.count, numbers[next] < end {
        positions.append(UInt32(numbers[next] - part.base))
        next += 1
      }
      if next == start { continue }
      if scores.count < positions.count { scores = [Float](repeating: 0, count: numbers.count - start) }
      part.segment.codes.withUnsafeBufferPointer { rows in
        part.segment.scales.withUnsafeBufferPointer { scales in
          guard let rows = rows.baseAddress, let scales = scales.baseAddress else { return }
          cvk_scan_i8_at(codes, scale, rows, scales, positions, positions.count, codes.count, &scores)
        }
      }
      for index in start..<next { body(numbers[index], scores[index - start]) }
      start = next
    }
  }

  /// Compares every passage.
  private func compareAll(
    _ parts: [IndexSnapshot.Part], runs: [[Range<Int>]], scratch: inout SearchScratch, into top: inout TopScores
  ) {
    for (part, runs) in zip(parts, runs) where !runs.isEmpty {
      part.segment.codes.withUnsafeBufferPointer { rows in
        part.segment.scales.withUnsafeBufferPointer { scales in
          guard let rows = rows.baseAddress, let scales = scales.baseAddress else { return }
          for run in runs {
            var start = run.lowerBound
            while start < run.upperBound {
              let count = min(Self.window, run.upperBound - start)
              cvk_scan_i8(
                codes, scale, rows + start * codes.count, scales + start, count, codes.count, &scratch.scores)
              Self.take(0..<count, base: part.base + start, scratch: &scratch, into: &top)
              start += count
            }
          }
        }
      }
    }
  }

  /// What turns the sums of `SearchScratch.tables` into estimates.
  private struct Tables {
    var step: Float = 0
    var bias: Float = 0

    /// Makes the tables of a query.
    init(codes: [Int8], scale: Float, scratch: inout SearchScratch) {
      if scratch.tables.count < 4 * codes.count { scratch.tables = [UInt8](repeating: 0, count: 4 * codes.count) }
      cvk_sign_tables(codes, scale, codes.count, &scratch.tables, &step, &bias)
    }
  }

  /// An estimate that about twice as many passages exceed as are kept, judged by blocks here and there; so the first
  /// pass has to put aside few that it throws out later.
  private func floor(
    _ kept: Int, of total: Int, _ parts: [IndexSnapshot.Part], _ tables: Tables, scratch: inout SearchScratch
  ) -> Int32 {
    let block = Int(CVK_BLOCK)
    let capacity = parts.reduce(0) { $0 + $1.segment.passages.count }
    let stride = capacity / block / 40
    guard stride > 0, total > capacity / 4 * 3 else { return 0 }
    var sampled = 0
    var next = 0
    var top: [Float] = []
    for part in parts {
      let blocks = part.segment.passages.count / block
      part.segment.signs.codes.withUnsafeBufferPointer { signCodes in
        part.segment.signs.factors.withUnsafeBufferPointer { factors in
          guard let signCodes = signCodes.baseAddress, let factors = factors.baseAddress else { return }
          while next < blocks {
            cvk_sign_scan(
              scratch.tables, tables.step, tables.bias, signCodes + next * block * codes.count / 8,
              factors + next * block, 1, codes.count, &scratch.scores)
            top += scratch.scores[..<block]
            sampled += block
            next += stride
          }
        }
      }
      next -= min(next, blocks)
    }
    let rank = 2 * kept * sampled / max(1, total) + 8
    guard rank * 2 < sampled else { return 0 }
    var best = TopScores(capacity: rank)
    for (number, score) in top.enumerated() { best.insert(Int32(bitPattern: score.bitPattern), number) }
    best.tighten()
    return best.threshold
  }

  /// Estimates the cosine of every passage by its sign code.
  private func estimate(
    _ parts: [IndexSnapshot.Part], runs: [[Range<Int>]], _ tables: Tables, scratch: inout SearchScratch,
    into top: inout TopScores
  ) {
    let block = Int(CVK_BLOCK)
    for (part, runs) in zip(parts, runs) where !runs.isEmpty {
      let signs = part.segment.signs
      signs.codes.withUnsafeBufferPointer { signCodes in
        signs.factors.withUnsafeBufferPointer { factors in
          guard let signCodes = signCodes.baseAddress, let factors = factors.baseAddress else { return }
          // The blocks whose estimates are at hand: the next run may begin in the last of them.
          var ready = 0..<0
          for run in runs {
            var start = run.lowerBound
            while start < run.upperBound {
              let first = start / block
              if !ready.contains(first) {
                ready = first..<min(first + Self.window / block, (run.upperBound + block - 1) / block)
                cvk_sign_scan(
                  scratch.tables, tables.step, tables.bias, signCodes + first * block * codes.count / 8,
                  factors + first * block,
                  ready.count, codes.count, &scratch.scores)
              }
              let origin = ready.lowerBound * block
              let end = min(run.upperBound, ready.upperBound * block)
              Self.take(start - origin..<end - origin, base: part.base + origin, scratch: &scratch, into: &top)
              start = end
            }
          }
        }
      }
    }
  }

  /// Takes those of `scratch.scores` in a range that may be among the best.
  static func take(
    _ range: Range<Int>, base: Int, scratch: inout SearchScratch, into top: inout TopScores
  ) {
    scratch.scores.withUnsafeBytes { scores in
      scratch.positions.withUnsafeMutableBufferPointer { positions in
        guard let values = scores.baseAddress?.assumingMemoryBound(to: Int32.self), let found = positions.baseAddress
        else { return }
        let count = cvk_select_above(values + range.lowerBound, range.count, top.threshold, found)
        top.insert(values + range.lowerBound, at: found, count: count, base: base + range.lowerBound)
      }
    }
  }
}

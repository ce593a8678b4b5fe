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
      var first = TopScores(capacity: Self.kept(for: count))
      estimate(parts, runs: runs, scratch: &scratch, into: &first)
      compare(first.finish().map(\.number), of: parts) { top.insert(Int32(bitPattern: $1.bitPattern), $0) }
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

  /// Estimates the cosine of every passage by its sign code.
  private func estimate(
    _ parts: [IndexSnapshot.Part], runs: [[Range<Int>]], scratch: inout SearchScratch, into top: inout TopScores
  ) {
    let block = Int(CVK_BLOCK)
    var step: Float = 0
    var bias: Float = 0
    if scratch.tables.count < 4 * codes.count { scratch.tables = [UInt8](repeating: 0, count: 4 * codes.count) }
    cvk_sign_tables(codes, scale, codes.count, &scratch.tables, &step, &bias)
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
                  scratch.tables, step, bias, signCodes + first * block * codes.count / 8, factors + first * block,
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
  private static func take(
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

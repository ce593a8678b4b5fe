internal import CVectorKernels

/// The passages nearest to a query by the vectors of a remote embedder.
///
/// All of them are compared. A passage without a vector, since it has only just been edited, takes part by the embedded
/// model's cosine. Cosines of two models mean different things: one's best is 0.4 where the other's worst is 0.6. What
/// means the same in both is how far a passage stands out from the others of its folder; so the cosine is mapped by mean
/// and deviation of both models over passages that have both. Shares of the best one would compare a passage with one
/// other, and those alike for all passages would be lifted; means and deviations of many are not moved by the single
/// passage. It is never nearer than the nearest one that the embedder itself has seen.
struct SpaceScan {
  private let query: QueryVector
  private let space: ServedSpace
  /// The query as the embedded model sees it.
  private let plain: VectorScan?
  /// What maps the embedded model's cosines.
  private var factor: Float = 1
  private var offset: Float = 0
  private var ceiling: Float = 1

  /// Rows that are compared at a time.
  private static let window = 4096
  /// Passages of which both cosines are taken: enough for a deviation within a few per cent.
  private static let sampleSize = 512

  /// - Parameters:
  ///   - runs: for each part the passages that may be found.
  ///   - plain: the query as the embedded model sees it, if it has an embedding there.
  init(
    _ query: QueryVector, in space: ServedSpace, of parts: [IndexSnapshot.Part], runs: [[Range<Int>]],
    plain: VectorScan?
  ) {
    self.query = query
    self.space = space
    self.plain = plain
    if plain != nil, space.missing.contains(where: { !$0.isEmpty }) { calibrate(parts, runs: runs) }
  }

  /// The `count` nearest passages whose score is positive, by ascending number.
  mutating func best(
    _ count: Int, of parts: [IndexSnapshot.Part], runs: [[Range<Int>]], scratch: inout SearchScratch
  ) -> [VectorScan.Scored] {
    if scratch.scores.count < Self.window { scratch.scores = [Float](repeating: 0, count: Self.window) }
    scratch.reserve(passages: Self.window)
    var top = TopScores(capacity: count)
    for number in parts.indices where !runs[number].isEmpty {
      space.rows[number].withUnsafeBufferPointer { rows in
        guard let rows = rows.baseAddress else { return }
        for run in runs[number] {
          var start = run.lowerBound
          while start < run.upperBound {
            let count = min(Self.window, run.upperBound - start)
            // What has no vector has the row of zeros, whose score is 0.
            cvk_scan_i8_at(
              query.codes, query.scale, space.slab.codes, space.slab.scales, rows + start, count, space.slab.stride,
              &scratch.scores)
            VectorScan.take(0..<count, base: parts[number].base + start, scratch: &scratch, into: &top)
            start += count
          }
        }
      }
    }
    let near = top.finish().map { ($0.number, Float(bitPattern: UInt32(bitPattern: $0.score))) }
    ceiling = near.reduce(ceiling) { max($0, $1.1) }
    let others = estimates(count, of: parts, runs: runs)
    if others.isEmpty { return near }
    let all = (near + others).sorted { ($1.1, $0.0) < ($0.1, $1.0) }
    return all.prefix(count).sorted { $0.0 < $1.0 }
  }

  /// The nearest of the passages without a vector.
  private func estimates(_ count: Int, of parts: [IndexSnapshot.Part], runs: [[Range<Int>]]) -> [VectorScan.Scored] {
    if plain == nil { return [] }
    var top = TopScores(capacity: count)
    for number in parts.indices {
      var run = 0
      for passage in space.missing[number] {
        while run < runs[number].count, runs[number][run].upperBound <= passage { run += 1 }
        guard run < runs[number].count else { break }
        guard runs[number][run].contains(Int(passage)) else { continue }
        let score = score(part: number, passage: Int(passage), of: parts)
        if score > 0 { top.insert(Int32(bitPattern: score.bitPattern), parts[number].base + Int(passage)) }
      }
    }
    return top.finish().map { ($0.number, Float(bitPattern: UInt32(bitPattern: $0.score))) }
  }

  /// How near a passage is, by its number among all.
  func score(_ number: Int, of parts: [IndexSnapshot.Part]) -> Float {
    var low = 0
    var high = parts.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if parts[middle].base <= number { low = middle } else { high = middle }
    }
    return score(part: low, passage: number - parts[low].base, of: parts)
  }

  /// How near a passage is.
  func score(part: Int, passage: Int, of parts: [IndexSnapshot.Part]) -> Float {
    let row = space.rows[part][passage]
    if row != VectorSlab.none { return cosine(row) }
    guard let plain else { return 0 }
    let cosine = parts[part].segment.cosine(of: passage, with: plain.codes, scale: plain.scale)
    return min(ceiling, factor * cosine + offset)
  }

  private func cosine(_ row: UInt32) -> Float {
    var position = row
    var cosine: Float = 0
    cvk_scan_i8_at(
      query.codes, query.scale, space.slab.codes, space.slab.scales, &position, 1, space.slab.stride, &cosine)
    return cosine
  }

  /// Finds what maps one model's cosines to the other's.
  private mutating func calibrate(_ parts: [IndexSnapshot.Part], runs: [[Range<Int>]]) {
    guard let plain else { return }
    let total = runs.reduce(0) { $1.reduce($0) { $0 + $1.count } }
    let step = max(1, total / Self.sampleSize)
    var next = 0
    var pairs: [(own: Float, mapped: Float)] = []
    for (number, runs) in runs.enumerated() {
      for run in runs {
        while next < run.count {
          let passage = run.lowerBound + next
          let row = space.rows[number][passage]
          if row != VectorSlab.none {
            pairs.append(
              (parts[number].segment.cosine(of: passage, with: plain.codes, scale: plain.scale), cosine(row)))
          }
          next += step
        }
        next -= run.count
      }
    }
    guard let first = pairs.first else { return }
    ceiling = pairs.reduce(first.mapped) { max($0, $1.mapped) }
    let count = Float(pairs.count)
    let means = pairs.reduce((own: Float(0), mapped: Float(0))) { ($0.own + $1.own, $0.mapped + $1.mapped) }
    let (own, mapped) = (means.own / count, means.mapped / count)
    let squares = pairs.reduce((own: Float(0), mapped: Float(0))) { sum, pair in
      (sum.own + (pair.own - own) * (pair.own - own), sum.mapped + (pair.mapped - mapped) * (pair.mapped - mapped))
    }
    factor = squares.own > 0 ? (squares.mapped / squares.own).squareRoot() : 0
    offset = mapped - factor * own
  }
}

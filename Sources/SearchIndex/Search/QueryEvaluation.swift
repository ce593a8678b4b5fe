internal import CVectorKernels

/// The scores of every passage for one query.
struct QueryEvaluation {
  /// A passage among the candidates.
  struct Candidate {
    var part: Int
    var passage: Int
    var lexical: Float
    var dense: Float
  }

  let snapshot: IndexSnapshot
  let query: SearchQuery
  /// The BM25 score of each passage.
  private(set) var lexical: [Float]
  /// The cosine of each passage.
  private(set) var dense: [Float]
  /// The score of each file's path, by part and file.
  private(set) var paths: [[Float]]
  /// The rarity of each of the query's terms among passages; 0 for terms that do not occur.
  private(set) var rarity: [Term: Float] = [:]
  /// The sum of weight × rarity over the query's terms, where terms that do not occur count as the rarest.
  private(set) var totalRarity: Float = 0
  /// Whether the query has an embedding.
  private(set) var hasVector = false

  init(snapshot: IndexSnapshot, query: SearchQuery) {
    self.snapshot = snapshot
    self.query = query
    lexical = [Float](repeating: 0, count: snapshot.capacity)
    dense = [Float](repeating: 0, count: snapshot.capacity)
    paths = snapshot.parts.map { [Float](repeating: 0, count: $0.segment.files.count) }
  }

  /// Adds up the impacts of the query's terms.
  mutating func scoreTerms() {
    for weighted in query.terms {
      let ranges = snapshot.parts.map { $0.segment.passageTerms.range(of: weighted.term) }
      let count = ranges.reduce(0) { $0 + $1.count }
      let idf = BM25.inverseDocumentFrequency(count: count, total: snapshot.capacity)
      totalRarity += weighted.weight * idf
      guard count > 0 else { continue }
      rarity[weighted.term] = idf
      let factor = weighted.weight * idf / Postings.impactUnit
      lexical.withUnsafeMutableBufferPointer { scores in
        for (part, range) in zip(snapshot.parts, ranges) where !range.isEmpty {
          let base = part.base
          part.segment.passageTerms.documents.withUnsafeBufferPointer { documents in
            part.segment.passageTerms.impacts.withUnsafeBufferPointer { impacts in
              for index in range { scores[base &+ Int(documents[index])] += factor * Float(impacts[index]) }
            }
          }
        }
      }
    }
  }

  /// The same for the words of paths.
  mutating func scorePaths() {
    var total: Float = 0
    for weighted in query.terms {
      let ranges = snapshot.parts.map { $0.segment.pathTerms.range(of: weighted.term) }
      let count = ranges.reduce(0) { $0 + $1.count }
      let idf = BM25.inverseDocumentFrequency(count: count, total: snapshot.fileCapacity)
      // A path is not expected to hold the words that no path holds.
      total += weighted.weight * (rarity[weighted.term] ?? 0)
      guard count > 0 else { continue }
      let factor = weighted.weight * idf / Postings.impactUnit
      for (number, range) in ranges.enumerated() {
        let postings = snapshot.parts[number].segment.pathTerms
        for index in range {
          paths[number][Int(postings.documents[index])] += factor * Float(postings.impacts[index])
        }
      }
    }
    guard total > 0 else { return }
    for number in paths.indices {
      for file in paths[number].indices where paths[number][file] > 0 {
        paths[number][file] = min(1, paths[number][file] / (total * (BM25.k1 + 1) * 0.75))
      }
    }
  }

  /// The cosines of all passages with the query's embedding.
  mutating func scoreVectors(codes: [Int8], scale: Float) {
    guard scale > 0 else { return }
    hasVector = true
    dense.withUnsafeMutableBufferPointer { scores in
      guard let base = scores.baseAddress else { return }
      for part in snapshot.parts where !part.segment.passages.isEmpty {
        cvk_scan_i8(
          codes, scale, part.segment.codes, part.segment.scales, part.segment.passages.count, codes.count,
          base + part.base)
      }
    }
  }

  /// The best passages by words together with the best by meaning, each once.
  func candidates(count: Int, evidence: SearchEvidence, accepted: [[Bool]]) -> [Candidate] {
    var chosen: Set<Int> = []
    if evidence != .dense { chosen.formUnion(best(count, by: lexical, accepted: accepted)) }
    if evidence == .hybrid || evidence == .dense, hasVector {
      chosen.formUnion(best(count, by: dense, accepted: accepted))
    }
    var result: [Candidate] = []
    result.reserveCapacity(chosen.count)
    var part = 0
    for number in chosen.sorted() {
      while part + 1 < snapshot.parts.count, number >= snapshot.parts[part + 1].base { part += 1 }
      result.append(
        Candidate(
          part: part, passage: number - snapshot.parts[part].base, lexical: lexical[number], dense: dense[number]))
    }
    return result
  }

  /// The numbers of the `count` passages with the highest positive scores.
  private func best(_ count: Int, by scores: [Float], accepted: [[Bool]]) -> [Int] {
    var heap = BoundedHeap(capacity: count)
    scores.withUnsafeBufferPointer { scores in
      for (number, part) in snapshot.parts.enumerated() {
        let accepted = accepted[number]
        part.segment.passages.withUnsafeBufferPointer { passages in
          for passage in 0..<passages.count {
            let score = scores[part.base &+ passage]
            if score > heap.threshold, accepted[Int(passages[passage].file)] {
              heap.insert(score, part.base &+ passage)
            }
          }
        }
      }
    }
    return heap.numbers
  }
}

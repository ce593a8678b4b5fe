/// What a query says about an index: the rarity of its terms, the scores of paths, and the passages worth ranking.
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
  /// The score of each file's path, by part and file.
  private(set) var paths: [[Float]]
  /// The rarity of each of the query's terms among passages; 0 for terms that do not occur.
  private(set) var rarity: [Term: Float] = [:]
  /// The sum of weight × rarity over the query's terms, where terms that do not occur count as the rarest.
  private(set) var totalRarity: Float = 0
  /// Whether the query has an embedding.
  var hasVector: Bool { vector != nil || space != nil }
  /// The query as the embedding model sees it, where the search asks for meaning.
  private(set) var embedding: QueryEmbedding?
  /// The postings of the terms that occur.
  private var lists: [LexicalScan.List] = []
  /// The query's embedding.
  private var vector: VectorScan?
  /// The query in the space of a remote embedder, where its vectors serve.
  private var space: SpaceScan?

  init(snapshot: IndexSnapshot, query: SearchQuery) {
    self.snapshot = snapshot
    self.query = query
    paths = snapshot.parts.map { [Float](repeating: 0, count: $0.segment.files.count) }
  }

  /// Finds the postings of the query's terms.
  mutating func scoreTerms() {
    for weighted in query.terms {
      let ranges = snapshot.parts.map { $0.segment.passageTerms.range(of: weighted.term) }
      let count = snapshot.documentFrequency(ranges)
      let idf = BM25.inverseDocumentFrequency(count: count, total: snapshot.passageCount)
      totalRarity += weighted.weight * idf
      guard count > 0 else { continue }
      rarity[weighted.term] = idf
      lists.append(LexicalScan.List(weight: weighted.weight * idf, ranges: ranges))
    }
  }

  /// Scores paths by their words.
  mutating func scorePaths() {
    var total: Float = 0
    for weighted in query.terms {
      let ranges = snapshot.parts.map { $0.segment.pathTerms.range(of: weighted.term) }
      let count = snapshot.fileFrequency(ranges)
      let idf = BM25.inverseDocumentFrequency(count: count, total: snapshot.fileCount)
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

  /// Takes the query's embedding, if it has one.
  mutating func setEmbedding(_ embedding: QueryEmbedding) {
    self.embedding = embedding
    if embedding.scale > 0 { vector = VectorScan(codes: embedding.codes, scale: embedding.scale) }
  }

  /// Takes the query's vector of a remote embedder: from now on it decides what is near.
  ///
  /// - Parameter runs: for each part the passages that may be found.
  mutating func setVector(_ query: QueryVector, in served: ServedSpace, runs: [[Range<Int>]]) {
    space = SpaceScan(query, in: served, of: snapshot.parts, runs: runs, plain: vector)
  }

  /// How near a passage is.
  func nearness(part: Int, passage: Int) -> Float {
    if let space { return space.score(part: part, passage: passage, of: snapshot.parts) }
    return embedding.map {
      snapshot.parts[part].segment.cosine(of: passage, with: $0.codes, scale: $0.scale)
    } ?? 0
  }

  /// The best passages by words alone, by ascending number.
  func matches(_ count: Int, runs: [[Range<Int>]], scratch: inout SearchScratch) -> [LexicalScan.Scored] {
    LexicalScan(lists).best(count, of: snapshot.parts, runs: runs, others: [], scratch: &scratch).best
  }

  /// The best passages by words together with the best by meaning, each once, with both scores.
  ///
  /// - Parameters:
  ///   - count: passages to take by either.
  ///   - runs: for each part the passages that may be found.
  ///   - exhaustive: passages up to which all vectors are compared.
  mutating func candidates(
    count: Int, evidence: SearchEvidence, runs: [[Range<Int>]], exhaustive: Int, scratch: inout SearchScratch
  ) -> [Candidate] {
    let parts = snapshot.parts
    let isDense = evidence == .hybrid || evidence == .dense
    let vector = isDense ? self.vector : nil
    let near =
      space?.best(count, of: parts, runs: runs, scratch: &scratch)
      ?? vector?.best(count, of: parts, runs: runs, exhaustive: exhaustive, scratch: &scratch) ?? []
    let (matching, nearLexical) = LexicalScan(lists).best(
      evidence == .dense ? 0 : count, of: parts, runs: runs, others: near.map(\.number), scratch: &scratch)

    // Both are in the order of their numbers.
    var merged: [(number: Int, lexical: Float, dense: Float)] = []
    merged.reserveCapacity(near.count + matching.count)
    var withoutDense: [Int] = []
    var indices: [Int] = []
    var next = 0
    for match in matching {
      while next < near.count, near[next].number < match.number {
        merged.append((near[next].number, nearLexical[next], near[next].score))
        next += 1
      }
      if next < near.count, near[next].number == match.number {
        merged.append((match.number, match.score, near[next].score))
        next += 1
      } else {
        withoutDense.append(match.number)
        indices.append(merged.count)
        merged.append((match.number, match.score, 0))
      }
    }
    while next < near.count {
      merged.append((near[next].number, nearLexical[next], near[next].score))
      next += 1
    }
    if let space {
      for (index, number) in zip(indices, withoutDense) { merged[index].dense = space.score(number, of: parts) }
    } else if let vector {
      var index = 0
      vector.compare(withoutDense, of: parts) { _, score in
        merged[indices[index]].dense = score
        index += 1
      }
    }

    var result: [Candidate] = []
    result.reserveCapacity(merged.count)
    var part = 0
    for entry in merged {
      while part + 1 < parts.count, entry.number >= parts[part + 1].base { part += 1 }
      result.append(
        Candidate(
          part: part, passage: entry.number - parts[part].base, lexical: entry.lexical, dense: entry.dense))
    }
    return result
  }
}

internal import Workspace

/// Orders the candidates of a query: fuses the two scores, adds what definitions, paths and neighbours say, looks at the
/// best ones more closely, and sees to it that neither one file nor one declaration fills the list.
struct Ranker {
  let weights: RankingWeights
  let evaluation: QueryEvaluation
  let evidence: SearchEvidence
  private var scored: [Scored] = []

  init(weights: RankingWeights, evaluation: QueryEvaluation, evidence: SearchEvidence) {
    self.weights = weights
    self.evaluation = evaluation
    self.evidence = evidence
  }

  /// A candidate with its score so far. It owns no memory: hundreds of them are sorted for every query.
  fileprivate struct Scored {
    var candidate: QueryEvaluation.Candidate
    var file: Int
    var coverage: Float
    /// The two scores as shares of the best.
    var lexical: Float
    var dense: Float
    var parts: ScoreParts
    /// What kind of file it is, as a factor.
    var prior: Float = 1
    var features = FeatureVector()

    /// The score, before it counts what else stands in the list.
    var score: Float { prior * parts.sum }
  }

  /// Takes the candidates of a query.
  mutating func fuse(_ candidates: [QueryEvaluation.Candidate]) {
    scored = fused(candidates)
    addDefinitions()
    addPathsAndCoherence()
    findPriors()
    scored = scored.filter { $0.score > 0 }
    scored.sort { Self.precedes($0, $1, $0.score, $1.score) }
    // Where the best is 1, so that what is added afterwards means the same for every query.
    guard let best = scored.first?.parts.sum, best > 0 else { return }
    for index in scored.indices { scored[index].parts.scale(by: 1 / best) }
  }

  /// Looks at the best candidates more closely.
  mutating func rerank(
    _ describe: ([PassageDescriber.Candidate]) -> [FeatureVector]
  ) {
    let count = min(weights.reranked, scored.count)
    let features = describe(
      scored[..<count].map {
        PassageDescriber.Candidate(
          part: $0.candidate.part, passage: $0.candidate.passage, file: $0.file, lexical: $0.lexical, dense: $0.dense)
      })
    var lowest: Float = 0
    for (index, vector) in features.enumerated() {
      let parts = ScoreParts(vector * weights.features)
      lowest = index == 0 ? parts.sum : min(lowest, parts.sum)
      scored[index].parts.add(parts)
      scored[index].features = vector
    }
    // The others gain nothing by not being looked at.
    for index in scored.indices.dropFirst(count) { scored[index].parts[.rest] = lowest }
  }

  /// The candidates that were looked at, with their features; for learning.
  var described: [(passage: PassageReference, base: Float, prior: Float, features: FeatureVector)] {
    scored.prefix(weights.reranked).map {
      ($0.reference(in: evaluation), $0.parts.sum - ScoreParts($0.features * weights.features).sum, $0.prior, $0.features)
    }
  }

  /// The best passages, best first.
  func hits(limit: Int) -> [SearchHit] {
    saturated().prefix(limit).map { entry, factor in
      var why = entry.parts.named
      let sum = entry.parts.sum
      if entry.prior != 1 { why["prior"] = Double(sum * (entry.prior - 1)) }
      if factor != 1 { why["saturation"] = Double(entry.score * (factor - 1)) }
      return SearchHit(
        passage: entry.reference(in: evaluation), score: entry.score * factor, coverage: entry.coverage,
        similarity: entry.candidate.dense, why: why)
    }
  }

  /// Convex fusion: each score as a share of the best one's.
  private func fused(_ candidates: [QueryEvaluation.Candidate]) -> [Scored] {
    let highestLexical = candidates.reduce(Float(0)) { max($0, $1.lexical) }
    let highestDense = candidates.reduce(Float(0)) { max($0, $1.dense) }
    let lowestDense = min(highestDense, candidates.reduce(highestDense) { min($0, max(0, $1.dense)) })
    var denseShare = evaluation.query.kind == .words ? weights.denseForWords : weights.denseForSymbols
    switch evidence {
    case .dense: denseShare = 1
    case .lexical, .symbol: denseShare = 0
    case .hybrid: if !evaluation.hasVector { denseShare = 0 }
    }
    return candidates.map { candidate in
      let lexical = highestLexical > 0 ? candidate.lexical / highestLexical : 0
      let range = highestDense - lowestDense
      let dense = range > 0 ? max(0, (candidate.dense - lowestDense) / range) : (highestDense > 0 ? 1 : 0)
      var parts = ScoreParts()
      parts[.lexical] = (1 - denseShare) * lexical
      parts[.dense] = denseShare * dense
      let file = Int(evaluation.snapshot.parts[candidate.part].segment.passages[candidate.passage].file)
      let coverage = min(1, candidate.lexical / max(evaluation.totalRarity, .leastNormalMagnitude))
      return Scored(
        candidate: candidate, file: file, coverage: coverage, lexical: lexical, dense: dense, parts: parts)
    }
  }

  /// Favours the declaration of an identifier that the query names.
  private mutating func addDefinitions() {
    let query = evaluation.query
    if query.identifiers.isEmpty, evidence != .symbol { return }
    let queryTerms = Set(query.terms.map(\.term))
    var others: Set<Int> = []
    for index in scored.indices {
      let candidate = scored[index].candidate
      var defines = false
      var shares = false
      for name in evaluation.snapshot.parts[candidate.part].segment.names(of: candidate.passage) {
        let terms = TermScanner.terms(of: name)
        if let whole = terms.last, whole.isWhole || terms.count == 1, query.identifiers.contains(whole.term) {
          defines = true
        }
        shares = shares || terms.contains { queryTerms.contains($0.term) }
      }
      if defines { scored[index].parts[.definition] = weights.definition }
      if evidence == .symbol, !shares { others.insert(index) }
    }
    // Out, not down: their files would lift them again.
    if !others.isEmpty { scored = scored.indices.filter { !others.contains($0) }.map { scored[$0] } }
  }

  /// What the file's path and its other passages say.
  private mutating func addPathsAndCoherence() {
    struct File: Hashable {
      var part: Int
      var file: Int
    }
    var best: [File: [Float]] = [:]
    for entry in scored { best[File(part: entry.candidate.part, file: entry.file), default: []].append(entry.parts.sum) }
    // The passages after the first, each worth half of the one before it.
    var coherence: [File: Float] = [:]
    for (file, scores) in best {
      var share: Float = 0.5
      for score in scores.sorted(by: >).prefix(6) {
        coherence[file, default: 0] += share * score
        share /= 2
      }
    }
    let highest = coherence.values.max() ?? 0
    for index in scored.indices {
      let file = File(part: scored[index].candidate.part, file: scored[index].file)
      scored[index].parts[.path] = weights.path * evaluation.paths[file.part][file.file]
      if highest > 0, let value = coherence[file] {
        scored[index].parts[.file] = weights.coherence * value / highest
      }
    }
  }

  /// What kind of file it is.
  private mutating func findPriors() {
    for index in scored.indices {
      let traits = evaluation.snapshot.parts[scored[index].candidate.part].segment.files[scored[index].file].traits
      var factor: Float = 1
      if traits.contains(.test), !evaluation.query.wantsTests { factor *= weights.test }
      if traits.contains(.example) || traits.contains(.documentation), !evaluation.query.wantsDocuments {
        factor *= weights.example
      }
      if traits.contains(.vendored) { factor *= weights.vendored }
      if traits.contains(.generated) { factor *= weights.generated }
      scored[index].prior = factor
    }
  }

  /// The best first, where each further passage of a file counts less than the one before, and each further one of the
  /// same declaration still less: it is there already.
  private func saturated() -> [(entry: Scored, factor: Float)] {
    var order = scored.filter { $0.score > 0 }
    order.sort { Self.precedes($0, $1, $0.score, $1.score) }
    var files: [Int: Int] = [:]
    var declarations: [Term: Int] = [:]
    var result = order.map { entry in
      let file = entry.candidate.part << 32 | entry.file
      var factor = Logarithm.power(weights.saturation, Float(min(files[file, default: 0], 20)))
      files[file, default: 0] += 1
      if let declaration = entry.declaration(in: evaluation) {
        factor *= Logarithm.power(weights.declarationSaturation, Float(min(declarations[declaration, default: 0], 20)))
        declarations[declaration, default: 0] += 1
      }
      return (entry: entry, factor: factor)
    }
    result.sort { Self.precedes($0.entry, $1.entry, $0.entry.score * $0.factor, $1.entry.score * $1.factor) }
    return result
  }

  /// By score, and by place where scores are equal, so that the same query has the same answer.
  private static func precedes(_ left: Scored, _ right: Scored, _ leftScore: Float, _ rightScore: Float) -> Bool {
    (leftScore, right.candidate.part, right.candidate.passage) > (rightScore, left.candidate.part, left.candidate.passage)
  }
}

extension Ranker.Scored {
  /// The passage.
  fileprivate func reference(in evaluation: QueryEvaluation) -> PassageReference {
    PassageReference(segment: evaluation.snapshot.parts[candidate.part].segment, passage: candidate.passage)
  }

  /// What tells its declaration from others; nil outside any.
  fileprivate func declaration(in evaluation: QueryEvaluation) -> Term? {
    let segment = evaluation.snapshot.parts[candidate.part].segment
    let record = segment.passages[candidate.passage]
    guard record.symbolLength > 0 else { return nil }
    let symbol = segment.strings.withUnsafeBufferPointer { strings in
      strings.baseAddress.map { TermScanner.hash($0 + Int(record.symbolOffset), Int(record.symbolLength)) } ?? 0
    }
    return symbol ^ (Term(truncatingIfNeeded: candidate.part << 32 | file) &* 0x9e37_79b9_7f4a_7c15)
  }
}

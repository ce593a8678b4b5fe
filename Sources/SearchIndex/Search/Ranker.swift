internal import Workspace

/// Orders the candidates of a query: fuses the two scores, adds what definitions, paths and neighbours say, and sees to it
/// that one file does not fill the list.
struct Ranker {
  let weights: RankingWeights
  let evaluation: QueryEvaluation
  let evidence: SearchEvidence

  /// A candidate with its score so far. It owns no memory: hundreds of them are sorted for every query.
  private struct Scored {
    var candidate: QueryEvaluation.Candidate
    var file: Int
    var coverage: Float
    var parts: Parts
    var score: Float
  }

  /// What the score is made of.
  private struct Parts {
    var lexical: Float
    var dense: Float
    var definition: Float = 0
    var path: Float = 0
    var file: Float = 0
    var prior: Float = 0
    var saturation: Float = 0

    /// The parts by their names: the two kinds of evidence always, others where they count.
    var named: [String: Double] {
      var named = ["lexical": Double(lexical), "dense": Double(dense)]
      let others = [
        ("definition", definition), ("path", path), ("file", file), ("prior", prior), ("saturation", saturation),
      ]
      for (name, value) in others where value != 0 { named[name] = Double(value) }
      return named
    }
  }

  func rank(_ candidates: [QueryEvaluation.Candidate], limit: Int) -> [SearchHit] {
    var scored = fuse(candidates)
    addDefinitions(&scored)
    addPathsAndCoherence(&scored)
    applyPriors(&scored)
    return saturated(scored, limit: limit).map { entry in
      SearchHit(
        passage: PassageReference(
          segment: evaluation.snapshot.parts[entry.candidate.part].segment, passage: entry.candidate.passage),
        score: entry.score, coverage: entry.coverage, similarity: entry.candidate.dense,
        why: entry.parts.named)
    }
  }

  /// Convex fusion: each score as a share of the best one's.
  private func fuse(_ candidates: [QueryEvaluation.Candidate]) -> [Scored] {
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
      let parts = Parts(lexical: (1 - denseShare) * lexical, dense: denseShare * dense)
      let file = Int(evaluation.snapshot.parts[candidate.part].segment.passages[candidate.passage].file)
      let coverage = min(1, candidate.lexical / max(evaluation.totalRarity, .leastNormalMagnitude))
      return Scored(
        candidate: candidate, file: file, coverage: coverage, parts: parts, score: parts.lexical + parts.dense)
    }
  }

  /// Favours the declaration of an identifier that the query names. (A bonus for names that share only some words with
  /// the query was measured too: it costs more than it brings, since their terms weigh more in the lexical score
  /// already.)
  private func addDefinitions(_ scored: inout [Scored]) {
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
      if defines { add(\.definition, weights.definition, to: &scored[index]) }
      if evidence == .symbol, !shares { others.insert(index) }
    }
    // Out, not down: their files would lift them again.
    if !others.isEmpty { scored = scored.indices.filter { !others.contains($0) }.map { scored[$0] } }
  }

  /// What the file's path and its other passages say.
  private func addPathsAndCoherence(_ scored: inout [Scored]) {
    struct File: Hashable {
      var part: Int
      var file: Int
    }
    var best: [File: [Float]] = [:]
    for entry in scored { best[File(part: entry.candidate.part, file: entry.file), default: []].append(entry.score) }
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
      let path = weights.path * evaluation.paths[file.part][file.file]
      if path > 0 { add(\.path, path, to: &scored[index]) }
      if highest > 0, let value = coherence[file] {
        add(\.file, weights.coherence * value / highest, to: &scored[index])
      }
    }
  }

  /// What kind of file it is.
  private func applyPriors(_ scored: inout [Scored]) {
    for index in scored.indices {
      let traits = evaluation.snapshot.parts[scored[index].candidate.part].segment.files[scored[index].file].traits
      var factor: Float = 1
      if traits.contains(.test), !evaluation.query.wantsTests { factor *= weights.test }
      if traits.contains(.example) || traits.contains(.documentation), !evaluation.query.wantsDocuments {
        factor *= weights.example
      }
      if traits.contains(.vendored) { factor *= weights.vendored }
      if traits.contains(.generated) { factor *= weights.generated }
      if factor < 1 {
        scored[index].parts.prior = scored[index].score * (factor - 1)
        scored[index].score *= factor
      }
    }
  }

  /// The best first, where each further passage of a file counts less than the one before.
  private func saturated(_ scored: [Scored], limit: Int) -> [Scored] {
    var order = scored.filter { $0.score > 0 }
    order.sort {
      ($0.score, $1.candidate.part, $1.candidate.passage) > ($1.score, $0.candidate.part, $0.candidate.passage)
    }
    var taken: [Int: Int] = [:]
    for index in order.indices {
      let key = order[index].candidate.part << 32 | order[index].file
      let before = taken[key, default: 0]
      taken[key] = before + 1
      if before > 0 {
        var factor: Float = 1
        for _ in 0..<min(before, 20) { factor *= weights.saturation }
        order[index].parts.saturation = order[index].score * (factor - 1)
        order[index].score *= factor
      }
    }
    order.sort {
      ($0.score, $1.candidate.part, $1.candidate.passage) > ($1.score, $0.candidate.part, $0.candidate.passage)
    }
    return Array(order.prefix(limit))
  }

  private func add(_ part: WritableKeyPath<Parts, Float>, _ value: Float, to entry: inout Scored) {
    entry.parts[keyPath: part] = value
    entry.score += value
  }
}

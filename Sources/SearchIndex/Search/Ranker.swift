internal import Workspace

/// Orders the candidates of a query: fuses the two scores, adds what definitions, paths and neighbours say, looks at the
/// best ones more closely, and sees to it that neither one file nor one declaration fills the list.
struct Ranker {
  let weights: RankingWeights
  let evaluation: QueryEvaluation
  let evidence: SearchEvidence
  let named: NamedFiles
  /// The candidates, by ascending number: those of one file stand together.
  private var scored: [Scored] = []
  /// Their indices, the best first.
  private var order: [Int] = []
  /// The indices of those that were looked at, and their features.
  private var looked: [Int] = []
  private var features: [FeatureVector] = []

  init(weights: RankingWeights, evaluation: QueryEvaluation, evidence: SearchEvidence, named: NamedFiles) {
    self.weights = weights
    self.evaluation = evaluation
    self.evidence = evidence
    self.named = named
  }

  /// A candidate with its score so far.
  private struct Scored {
    var candidate: QueryEvaluation.Candidate
    var file: Int
    var coverage: Float
    var parts: ScoreParts
    /// What kind of file it is, as a factor.
    var prior: Float = 1

    /// The score, before it counts what else stands in the list.
    var score: Float { prior * parts.sum }
  }

  /// Takes the candidates of a query, by ascending number.
  mutating func fuse(_ candidates: [QueryEvaluation.Candidate]) {
    scored = fused(candidates)
    addDefinitions()
    addPathsAndCoherence()
    findPriors()
    order = Self.ordered(scored.map(\.score))
    // Where the best is 1, so that what is added afterwards means the same for every query.
    guard let first = order.first, scored[first].parts.sum > 0 else { return }
    let factor = 1 / scored[first].parts.sum
    for index in scored.indices { scored[index].parts.scale(by: factor) }
  }

  /// Looks at the best candidates more closely.
  mutating func rerank(_ describe: ([PassageDescriber.Candidate]) -> [FeatureVector]) {
    looked = Array(order.prefix(weights.reranked))
    features = describe(
      looked.map {
        let entry = scored[$0]
        return PassageDescriber.Candidate(
          part: entry.candidate.part, passage: entry.candidate.passage, file: entry.file)
      })
    var lowest: Float?
    for (index, vector) in zip(looked, features) {
      let parts = ScoreParts(vector * weights.features)
      lowest = min(lowest ?? parts.sum, parts.sum)
      scored[index].parts.add(parts)
    }
    // The others gain nothing by not being looked at.
    for index in order.dropFirst(weights.reranked) { scored[index].parts[.rest] = lowest ?? 0 }
    order = Self.ordered(scored.map(\.score))
  }

  /// The candidates that were looked at, with what they are judged by; for learning.
  func described() -> [RankingExample] {
    zip(looked, features).map { index, features in
      let entry = scored[index]
      return RankingExample(
        passage: reference(entry.candidate), base: entry.parts.sum - ScoreParts(features * weights.features).sum,
        prior: entry.prior, features: features)
    }
  }

  /// The best passages, best first.
  func hits(limit: Int) -> [SearchHit] {
    // What stands far below cannot rise: factors only lower what is above it by a part.
    let (kept, factors) = saturated(order.prefix(max(60, 4 * limit)))
    return Self.ordered(zip(kept, factors).map { scored[$0].score * $1 }).prefix(limit).map { place in
      let entry = scored[kept[place]]
      let factor = factors[place]
      var why = entry.parts.named
      if entry.prior != 1 { why["prior"] = Double(entry.parts.sum * (entry.prior - 1)) }
      if factor != 1 { why["saturation"] = Double(entry.score * (factor - 1)) }
      return SearchHit(
        passage: reference(entry.candidate), score: entry.score * factor, coverage: entry.coverage,
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
        candidate: candidate, file: file, coverage: coverage, parts: parts)
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
    // Of each file its first candidate, and what its best ones are worth: the first half of its score, the second a
    // quarter, and so on.
    var coherence: [(start: Int, value: Float)] = []
    var scores: [Float] = []
    for index in scored.indices {
      if index == 0 || !isSameFile(scored[index - 1], scored[index]) {
        finish()
        coherence.append((index, 0))
      }
      scores.append(scored[index].parts.sum)
    }
    finish()
    func finish() {
      scores.sort(by: >)
      var share: Float = 0.5
      for score in scores.prefix(6) {
        coherence[coherence.count - 1].value += share * score
        share /= 2
      }
      scores.removeAll(keepingCapacity: true)
    }
    let highest = coherence.reduce(0) { max($0, $1.value) }
    for (number, file) in coherence.enumerated() {
      let end = number + 1 < coherence.count ? coherence[number + 1].start : scored.count
      let path = weights.path * evaluation.paths[scored[file.start].candidate.part][scored[file.start].file]
      let isNamed = named.contains(part: scored[file.start].candidate.part, file: scored[file.start].file)
      for index in file.start..<end {
        scored[index].parts[.path] = path
        if isNamed { scored[index].parts[.namedFile] = weights.namedFile }
        if highest > 0 { scored[index].parts[.file] = weights.coherence * file.value / highest }
      }
    }
  }

  private func isSameFile(_ left: Scored, _ right: Scored) -> Bool {
    left.candidate.part == right.candidate.part && left.file == right.file
  }

  /// What kind of file it is.
  private mutating func findPriors() {
    for index in scored.indices {
      // Who names a file wants it, whatever it is.
      if scored[index].parts[.namedFile] > 0 { continue }
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

  /// What each of the candidates is worth in its place: each further passage of a file counts less than the one before,
  /// and each further one of the same declaration still less, since it is there already.
  private func saturated(_ order: ArraySlice<Int>) -> (kept: [Int], factors: [Float]) {
    var files: [Int: Int] = [:]
    var declarations: [Term: Int] = [:]
    let factors = order.map { index in
      let entry = scored[index]
      let file = entry.candidate.part << 32 | entry.file
      var factor = Self.power(weights.saturation, files[file, default: 0])
      files[file, default: 0] += 1
      if let declaration = declaration(entry) {
        factor *= Self.power(weights.declarationSaturation, declarations[declaration, default: 0])
        declarations[declaration, default: 0] += 1
      }
      return factor
    }
    return (Array(order), factors)
  }

  private static func power(_ base: Float, _ exponent: Int) -> Float {
    exponent == 0 ? 1 : Logarithm.power(base, Float(min(exponent, 20)))
  }

  /// The indices of positive scores, the highest first; of equal ones the first, so that one query has one answer.
  private static func ordered(_ scores: [Float]) -> [Int] {
    var keys: [UInt64] = []
    keys.reserveCapacity(scores.count)
    for (index, score) in scores.enumerated() where score > 0 {
      // The bits of positive floating-point numbers order as they do.
      keys.append(UInt64(score.bitPattern) << 32 | UInt64(~UInt32(truncatingIfNeeded: index)))
    }
    keys.sort(by: >)
    return keys.map { Int(~UInt32(truncatingIfNeeded: $0)) }
  }

  private func reference(_ candidate: QueryEvaluation.Candidate) -> PassageReference {
    PassageReference(segment: evaluation.snapshot.parts[candidate.part].segment, passage: candidate.passage)
  }

  /// What tells a candidate's declaration from others; nil outside any.
  private func declaration(_ entry: Scored) -> Term? {
    let segment = evaluation.snapshot.parts[entry.candidate.part].segment
    let record = segment.passages[entry.candidate.passage]
    guard record.symbolLength > 0 else { return nil }
    let symbol = segment.strings.withUnsafeBufferPointer { strings in
      strings.baseAddress.map { TermScanner.hash($0 + Int(record.symbolOffset), Int(record.symbolLength)) } ?? 0
    }
    let file = Term(truncatingIfNeeded: entry.candidate.part << 32 | entry.file)
    return symbol ^ (file &* 0x9e37_79b9_7f4a_7c15)
  }
}

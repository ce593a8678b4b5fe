internal import CVectorKernels
internal import Chunking
internal import Embeddings

/// Describes the candidates of a query by their `RankingFeature`s.
struct PassageDescriber {
  /// Where a candidate is.
  struct Candidate {
    var part: Int
    var passage: Int
    var file: Int
  }

  /// Bytes of names that are looked at: a passage of constants may hold thousands.
  private static let longestNames = 256

  let query: SearchQuery
  let embedding: QueryEmbedding
  let evaluation: QueryEvaluation

  /// The features of all candidates, in their order.
  func describe(
    _ candidates: [Candidate], matcher: inout TokenMatcher, embedder: inout StaticEmbedder
  ) -> [FeatureVector] {
    var features = [FeatureVector](repeating: FeatureVector(), count: candidates.count)
    matcher.setQuery(embedding.tokens)
    var files: [Int: (tokens: [Float], path: Float)] = [:]
    var matches: [[Float]] = []
    for (index, candidate) in candidates.enumerated() {
      let segment = evaluation.snapshot.parts[candidate.part].segment
      let match = segment.passageTokens.withTokens(of: candidate.passage) { matcher.match($0) }
      matches.append(match)
      let key = candidate.part << 32 | candidate.file
      if let known = files[key] {
        files[key]?.tokens = zip(known.tokens, match).map { max($0, $1) }
      } else {
        files[key] = (match, similarity(segment.files[candidate.file].path, embedder: &embedder))
      }
      let record = segment.passages[candidate.passage]
      let names = segment.names(of: candidate.passage, atMost: Self.longestNames)
      features[index][.nameMeaning] = similarity(
        "\(segment.symbol(of: candidate.passage))\n\(names)", embedder: &embedder)
      let isFunction = SymbolKind(rawValue: record.kind)?.isCallable ?? false
      features[index][.function] = isFunction && query.kind == .words ? 1 : 0
    }
    for (index, candidate) in candidates.enumerated() {
      guard let file = files[candidate.part << 32 | candidate.file] else { continue }
      features[index][.match] = share(matches[index])
      features[index][.fileMatch] = share(file.tokens)
      features[index][.pathMeaning] = file.path
    }
    for feature in [RankingFeature.match, .fileMatch, .nameMeaning, .pathMeaning] { spread(feature, in: &features) }
    return features
  }

  /// How close a text comes to the query's tokens, each by its share.
  private func share(_ matches: [Float]) -> Float {
    zip(matches, embedding.shares).reduce(0) { $0 + $1.0 * $1.1 }
  }

  /// The cosine between the query and a short text.
  private func similarity(_ text: String, embedder: inout StaticEmbedder) -> Float {
    var text = text
    var codes = [Int8](repeating: 0, count: embedder.model.dimensions)
    var scale = text.withUTF8 { text in
      codes.withUnsafeMutableBufferPointer { codes in
        codes.baseAddress.map { embedder.embed(text, as: .document, codes: $0) } ?? 0
      }
    }
    var cosine: Float = 0
    cvk_scan_i8(embedding.codes, embedding.scale, codes, &scale, 1, codes.count, &cosine)
    return cosine
  }

  /// Spreads the values of a feature over 0...1.
  private func spread(_ feature: RankingFeature, in features: inout [FeatureVector]) {
    guard let first = features.first?[feature] else { return }
    var lowest = first
    var highest = first
    for vector in features {
      lowest = min(lowest, vector[feature])
      highest = max(highest, vector[feature])
    }
    let range = highest - lowest
    for index in features.indices {
      features[index][feature] = range > 0 ? (features[index][feature] - lowest) / range : 0
    }
  }
}

import Foundation
@_spi(Measurement) import SearchIndex
import Workspace

/// Runs the queries of the development benchmark against each corpus' own index, and writes the results in the form
/// that its `evaluate.py` reads, with what the answering engine judges evidence by besides.
///
/// `retrieval-run CORPORA QUERIES OUT [--indexes DIR] [--evidence hybrid|dense|lexical] [--exhaustive N]
/// [--set WEIGHT=VALUE]… [--features FILE]`
///
/// `--features` also writes, for each query, the candidates that were looked at closely with what they are judged by:
/// what `learn.py` learns from.
@main
struct RetrievalRun {
  struct Query: Decodable {
    var id: String
    var corpus: String
    var query: String
  }

  struct Output: Encodable {
    struct Hit: Encodable {
      var path: String
      var start: Int
      var end: Int
      var score: Float
      var coverage: Float
      var similarity: Float
    }
    var id: String
    /// How much of the query's weight of words stands nowhere in the corpus.
    var unknown: Float
    var results: [Hit]
  }

  static func main() async throws {
    var arguments = Array(CommandLine.arguments.dropFirst())
    var weights = RankingWeights()
    var evidence = SearchEvidence.hybrid
    var features: String?
    var exhaustive: Int?
    var indexes = NSTemporaryDirectory() + "cicerone-retrieval-indexes"
    while let option = arguments.firstIndex(where: { $0.hasPrefix("--") }), option + 1 < arguments.count {
      let value = arguments[option + 1]
      switch arguments[option] {
      case "--indexes": indexes = value
      case "--features": features = value
      case "--evidence": evidence = value == "dense" ? .dense : value == "lexical" ? .lexical : .hybrid
      case "--exhaustive": exhaustive = Int(value)
      case "--set":
        let pair = value.split(separator: "=").map(String.init)
        guard pair.count == 2, let number = Float(pair[1]), let path = WeightNames.all[pair[0]] else {
          throw Failure(description: "no weight \(value); there are \(WeightNames.all.keys.sorted())")
        }
        weights[keyPath: path] = number
      default: throw Failure(description: "no option \(arguments[option])")
      }
      arguments.removeSubrange(option...option + 1)
    }
    guard arguments.count == 3 else { throw Failure(description: "CORPORA QUERIES OUT") }
    let decoder = JSONDecoder()
    let queries = try Data(contentsOf: URL(fileURLWithPath: arguments[1])).split(separator: 0x0A).map {
      try decoder.decode(Query.self, from: Data($0))
    }
    let encoder = JSONEncoder()
    var lines = Data()
    var examples = Data()
    var searcher = Searcher(weights: weights)
    if let exhaustive { searcher.exhaustive = exhaustive }
    var seconds = 0.0
    var indexing = 0.0
    var bytes = 0
    for corpus in Set(queries.map(\.corpus)).sorted() {
      let index = WorkspaceIndex(
        root: FileURI(path: URL(fileURLWithPath: arguments[0]).appendingPathComponent(corpus).path),
        directory: "\(indexes)/\(corpus)")
      let begin = Date()
      try await index.open()
      bytes += try await index.refresh().bytes
      indexing += Date().timeIntervalSince(begin)
      let snapshot = index.snapshot
      for query in queries where query.corpus == corpus {
        let start = Date()
        let hits = searcher.search(query.query, in: snapshot, limit: 50, evidence: evidence)
        seconds += Date().timeIntervalSince(start)
        let results = hits.map {
          Output.Hit(
            path: $0.passage.file.path, start: $0.passage.lines.lowerBound + 1, end: $0.passage.lines.upperBound,
            score: $0.score, coverage: $0.coverage, similarity: $0.similarity)
        }
        let unknown = QueryTerms(query.query, in: snapshot).unknownShare
        lines.append(try encoder.encode(Output(id: query.id, unknown: unknown, results: results)))
        lines.append(0x0A)
        if features != nil {
          examples.append(
            try encoder.encode(Examples(id: query.id, candidates: searcher.examples(for: query.query, in: snapshot))))
          examples.append(0x0A)
        }
      }
      await index.close()
    }
    try lines.write(to: URL(fileURLWithPath: arguments[2]))
    if let features { try examples.write(to: URL(fileURLWithPath: features)) }
    FileHandle.standardError.write(
      Data(
        String(
          format: "%d queries, %.2f ms each; %.1f MB indexed in %.1f s\n", queries.count,
          1000 * seconds / Double(queries.count), Double(bytes) / 1e6, indexing
        ).utf8))
  }

  struct Failure: Error, CustomStringConvertible { var description: String }
}

/// The weights that can be set from the command line.
enum WeightNames {
  nonisolated static var all: [String: WritableKeyPath<RankingWeights, Float>] {
    [
      "denseForWords": \.denseForWords, "denseForSymbols": \.denseForSymbols, "path": \.path,
      "definition": \.definition, "coherence": \.coherence, "saturation": \.saturation, "test": \.test,
      "example": \.example, "vendored": \.vendored, "generated": \.generated, "rarity": \.rarity,
      "declarationSaturation": \.declarationSaturation,
    ].merging(
      RankingFeature.allCases.map { ("feature.\($0)", \RankingWeights.features[$0]) }, uniquingKeysWith: { $1 })
  }
}

/// The candidates of one query, for learning.
struct Examples: Encodable {
  struct Candidate: Encodable {
    var path: String
    var start: Int
    var end: Int
    var symbol: String
    var base: Float
    var prior: Float
    var features: [String: Float]
  }
  var id: String
  var candidates: [Candidate]

  init(id: String, candidates: [RankingExample]) {
    self.id = id
    self.candidates = candidates.map { example in
      Candidate(
        path: example.passage.file.path, start: example.passage.lines.lowerBound + 1,
        end: example.passage.lines.upperBound, symbol: example.passage.symbol, base: example.base,
        prior: example.prior,
        features: Dictionary(uniqueKeysWithValues: RankingFeature.allCases.map { ("\($0)", example.features[$0]) }))
    }
  }
}

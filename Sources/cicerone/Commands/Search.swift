import ArgumentParser
import Assistant
import FoundationEssentials
import Workspace

/// `cicerone search QUERY`
struct Search: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Find passages in the workspace.",
    discussion: """
      With --batch it reads one query a line from standard input and writes one JSON line a query: {"query", \
      "passages": [{"path", "range", "symbol", "language", "score"}], "tookMicroseconds"}, with lines counted from 0.
      """)

  @Argument(help: "What to look for; several words need no quotes.")
  var query: [String] = []

  @OptionGroup var shared: SharedOptions

  @Flag(name: .long, help: "Print the result object of rag/search instead.")
  var json = false

  @Flag(name: .long, help: "Read one query a line from standard input, write one JSON line a query.")
  var batch = false

  @Option(name: .long, help: "Passages at most. (default: 10)")
  var limit: Int?

  @Option(name: .long, help: "How to search: \(SearchMode.allCases.map(\.rawValue).joined(separator: ", ")).")
  var mode: String = SearchMode.hybrid.rawValue

  func run() async throws {
    guard let mode = SearchMode(rawValue: mode) else {
      throw CommandFailure(
        "there is no search mode \(mode)",
        hint: "Choose one of \(SearchMode.allCases.map(\.rawValue).joined(separator: ", ")).", exitCode: 2)
    }
    if !batch, query.allSatisfy({ $0.allSatisfy(\.isWhitespace) }) {
      throw CommandFailure("the query is empty", hint: "cicerone search \"words or a name\"", exitCode: 2)
    }
    let command = self
    try await Interruption.cancellable {
      let models = try await ModelSetup.open(command.shared, roots: [try command.shared.root()])
      defer { models.close() }
      let session = try await Session.open(command.shared, models: models)
      do throws(EngineError) {
        if command.batch {
          try await command.runBatch(session, mode: mode)
        } else {
          let result = try await session.engine.search(
            command.parameters(command.query.joined(separator: " "), mode: mode), encoding: .utf16)
          try command.print(result)
          if let trouble = await session.engine.status().reranking?.message { Terminal.printError(trouble) }
          if result.passages.isEmpty, !command.json {
            Terminal.printError(Search.nothing(in: await session.engine.status()))
          }
        }
      } catch {
        await session.engine.shutdown()
        throw CommandFailure(error)
      }
      await session.engine.shutdown()
    }
  }

  private func parameters(_ query: String, mode: SearchMode) -> SearchParameters {
    var parameters = SearchParameters(query: query)
    parameters.limit = limit
    parameters.mode = mode
    return parameters
  }

  /// One line of `--batch`.
  private struct BatchLine: Encodable {
    struct Passage: Encodable {
      var path: String
      var range: SourceRange
      var symbol: String?
      var language: String
      var score: Double
    }
    var query: String
    var passages: [Passage]
    var tookMicroseconds: Int
  }

  private func runBatch(_ session: Session, mode: SearchMode) async throws(EngineError) {
    for query in StandardInput.lines() {
      // An empty line has an empty answer, so that lines in and out stay in step.
      let result =
        query.allSatisfy(\.isWhitespace)
        ? SearchResult(passages: [], tookMicroseconds: 0)
        : try await session.engine.search(parameters(query, mode: mode), encoding: .utf16)
      let line = BatchLine(
        query: query,
        passages: result.passages.map {
          BatchLine.Passage(path: $0.path, range: $0.range, symbol: $0.symbol, language: $0.language, score: $0.score)
        }, tookMicroseconds: result.tookMicroseconds)
      Terminal.print(try Search.encoded { try Output.jsonLine(line) })
    }
  }

  private func print(_ result: SearchResult) throws(EngineError) {
    if json {
      Terminal.print(try Search.encoded { try Output.json(result) })
      return
    }
    for passage in result.passages {
      Terminal.print(
        Terminal.line("\(passage.path):\(Ask.lines(passage.range))" + (passage.symbol.map { "  \($0)" } ?? "")))
    }
  }

  /// What to say where nothing is found: whether there was anything to look into.
  private static func nothing(in status: StatusResult) -> String {
    guard status.folders.allSatisfy({ $0.files == 0 }) else { return "Nothing found." }
    let skipped = status.folders.reduce(into: [:]) { $0.merge($1.skipped, uniquingKeysWith: +) }
    return "Nothing found: no file is indexed." + (skipped.isEmpty ? "" : " \(Index.leftOut(skipped))")
  }

  private static func encoded(_ body: () throws -> String) throws(EngineError) -> String {
    do { return try body() } catch { throw EngineError(.index, "the result cannot be written as JSON: \(error)") }
  }
}

import Foundation
import SearchIndex
import Synchronization
import Workspace

@testable import Assistant

/// A scratch folder with a workspace and the homes of an engine, which is removed with the value.
final class Scratch: Sendable {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "assistant-tests-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path + "/work", withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var root: FileURI { FileURI(path: path + "/work") }

  func uri(_ relativePath: String) -> String { root.appending(relativePath).description }

  func write(_ relativePath: String, _ text: String) throws {
    let url = URL(fileURLWithPath: path + "/work/" + relativePath)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: url)
  }

  func remove(_ relativePath: String) throws {
    try FileManager.default.removeItem(atPath: path + "/work/" + relativePath)
  }

  func engine(_ model: (any AnswerModel)? = nil, watches: Bool = false) async throws -> Engine {
    let directories = try ProjectDirectories(environment: ["HOME": path + "/home"])
    var options = Engine.Options(version: "test")
    options.watches = watches
    let engine = Engine(directories: directories, model: model, options: options)
    await engine.openFolders([root.description])
    try await engine.synchronize()
    return engine
  }
}

/// A model that does what the test says.
final class ScriptedModel: AnswerModel {
  typealias Script =
    @Sendable (ModelPrompt, _ onText: @Sendable (String) async -> Void) async throws(EngineError) ->
    EngineError?

  private let script: Script
  private let names: [String]
  private let contextTokens: Int?
  private let seen = Mutex<[ModelPrompt]>([])

  init(names: [String] = ["script"], contextTokens: Int? = nil, _ script: @escaping Script) {
    self.names = names
    self.contextTokens = contextTokens
    self.script = script
  }

  func contextLimit(_ model: String?) async -> Int? { contextTokens }

  /// A model that says the same each time, in these pieces.
  convenience init(saying pieces: [String]) {
    self.init { _, onText async throws(EngineError) -> EngineError? in
      for piece in pieces { await onText(piece) }
      return nil
    }
  }

  var prompts: [ModelPrompt] { seen.withLock { $0 } }

  func models() async -> [ModelStatus] { names.map { ModelStatus(name: $0, provider: "test", endpoint: nil) } }

  func answer(
    _ prompt: ModelPrompt, onText: @escaping @Sendable (String) async -> Void
  ) async throws(EngineError) -> ModelReply {
    seen.withLock { $0.append(prompt) }
    let interruption = try await script(prompt, onText)
    return ModelReply(
      model: prompt.model ?? "script",
      usage: UsageSummary(input: 10, cacheRead: 0, cacheWrite: 0, output: 5, reasoning: 0, estimated: false),
      cost: CostSummary(estimated: 0.2, actual: 0.1), finishReason: .stop, interruption: interruption)
  }
}

/// What a request streamed.
final class Deltas: Sendable {
  private let all = Mutex<[AskDelta]>([])

  func append(_ delta: AskDelta) { all.withLock { $0.append(delta) } }

  var list: [AskDelta] { all.withLock { $0 } }
  var text: String { list.compactMap(\.text).joined() }
  var citations: [Citation] { list.compactMap(\.citations).flatMap { $0 } }
}

extension Engine {
  func ask(_ question: String, encoding: PositionEncoding = .utf16, _ change: (inout AskParameters) -> Void = { _ in })
    async throws(EngineError) -> (result: AskResult, deltas: Deltas)
  {
    var parameters = AskParameters(question: question)
    change(&parameters)
    let deltas = Deltas()
    let result = try await ask(parameters, encoding: encoding) { deltas.append($0) }
    return (result, deltas)
  }
}

extension Evidence {
  /// Some lines of a text as evidence.
  static func lines(
    _ lines: Range<Int>, of source: SourceText, path: String = "a.swift", symbol: String = "",
    language: String = "swift", score: Float = 1, coverage: Float = 1, similarity: Float = 1
  ) -> Evidence {
    let bytes = source.bytes.withUnsafeBufferPointer { all in
      source.lines.contentRange(ofLine: lines.lowerBound, in: all)
        .lowerBound..<source.lines.contentRange(ofLine: lines.upperBound - 1, in: all).upperBound
    }
    return Evidence(
      root: FileURI(path: "/w"), uri: "file:///w/" + path, path: path, source: source, bytes: bytes, lines: lines,
      symbol: symbol,
      language: language, score: score, coverage: coverage, similarity: similarity, why: [:])
  }
}

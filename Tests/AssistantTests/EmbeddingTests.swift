import Embeddings
import Foundation
import SearchIndex
import Synchronization
import TestEmbedder
import Testing
import Workspace

@testable import Assistant

@Suite struct EmbeddingTests {
  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    for name in ["cache", "queue", "window", "lease"] {
      try scratch.write(
        "src/\(name).swift",
        (0..<4).map { "/// Handles the \(name).\nfunc \(name)\($0)() { let value = \(name)(\($0)) }\n\n" }.joined())
    }
  }

  private func engine(_ change: (inout Engine.Options) -> Void = { _ in }) async throws -> Engine {
    var options = Engine.Options(version: "test")
    options.watches = false
    options.reembedding.settling = .zero
    options.reembedding.grace = .zero
    change(&options)
    let engine = Engine(
      directories: try ProjectDirectories(environment: ["HOME": scratch.path + "/home"]), model: nil, options: options)
    await engine.openFolders([scratch.root.description])
    try await engine.synchronize()
    return engine
  }

  private func scores(_ engine: Engine, _ query: String) async throws -> [Double] {
    try await engine.search(SearchParameters(query: query), encoding: .utf8).passages.map(\.score)
  }

  private func status(_ engine: Engine) async -> EmbeddingStatus? { await engine.status().folders.first?.embedding }

  private var patient: QueryEmbedder.Policy {
    var policy = QueryEmbedder.Policy()
    policy.patience = .seconds(60)
    return policy
  }

  @Test func searchesAskForTheVectorOfTheQuery() async throws {
    let engine = try await engine()
    #expect(await status(engine) == nil)
    let before = try await scores(engine, "how the queue is handled")
    let embedder = FakeEmbedder()
    await engine.setEmbedder(EmbeddingService(embedder, queries: patient))
    await engine.finishEmbedding()
    let status = try #require(await status(engine))
    #expect(status.serving)
    #expect(status.embedded == status.total)
    #expect(status.embedded == Set(embedder.passages).count)
    #expect(status.degraded == nil)
    let after = try await scores(engine, "how the queue is handled")
    #expect(after != before)
    #expect(embedder.queries == ["how the queue is handled"])
    // The same again is known; words alone need no vector.
    _ = try await scores(engine, "how the queue is handled")
    var words = SearchParameters(query: "lease")
    words.mode = .lexical
    _ = try await engine.search(words, encoding: .utf8)
    #expect(embedder.queries.count == 1)
    // Without an embedder as before.
    await engine.setEmbedder(nil)
    #expect(try await scores(engine, "how the queue is handled") == before)
    #expect(await self.status(engine) == nil)
    await engine.shutdown()
  }

  @Test func searchesDoNotWaitForAQueryThatHangs() async throws {
    let engine = try await engine()
    let before = try await scores(engine, "how the queue is handled")
    let embedder = FakeEmbedder()
    var policy = QueryEmbedder.Policy()
    policy.patience = .milliseconds(5)
    await engine.setEmbedder(EmbeddingService(embedder, queries: policy))
    await engine.finishEmbedding()
    embedder.setTrouble { _ in
      await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
      return nil
    }
    #expect(try await scores(engine, "how the queue is handled") == before)
    let status = try #require(await status(engine))
    #expect(status.serving)
    #expect(status.degraded?.contains("fake") == true)
    await engine.shutdown()
  }

  @Test func questionsLeaveWithoutSecretsAndWithoutPathsOfThisMachine() async throws {
    let engine = try await engine()
    let embedder = FakeEmbedder()
    await engine.setEmbedder(EmbeddingService(embedder, queries: patient))
    await engine.finishEmbedding()
    let key = "AKIA" + "Q3EGRZXW5FLKPHBN"
    _ = try await scores(engine, "why does \(scratch.root.path)/src/queue.swift refuse \(key)")
    let asked = try #require(embedder.queries.first)
    #expect(asked.contains("src/queue.swift"))
    #expect(!asked.contains(scratch.root.path))
    #expect(!asked.contains(key))
    await engine.shutdown()
  }

  @Test func foldersThatAreOpenedLaterAreEmbeddedToo() async throws {
    var options = Engine.Options(version: "test")
    options.watches = false
    options.reembedding.settling = .zero
    let engine = Engine(
      directories: try ProjectDirectories(environment: ["HOME": scratch.path + "/home"]), model: nil, options: options)
    let embedder = FakeEmbedder()
    await engine.setEmbedder(EmbeddingService(embedder, queries: patient))
    await engine.openFolders([scratch.root.description])
    try await engine.synchronize()
    await engine.finishEmbedding()
    #expect(await status(engine)?.serving == true)
    // Edits of an open buffer are found at once, and embedded.
    await engine.setOverlay(uri: scratch.uri("src/cache.swift"), text: "func somethingElse() { let value = 1 }\n")
    await engine.finishEmbedding()
    #expect(embedder.passages.contains { $0.contains("somethingElse") })
    // One question for all folders.
    try FileManager.default.createDirectory(atPath: scratch.path + "/other", withIntermediateDirectories: true)
    try Data("func elsewhere() { let queue = 1 }\n".utf8).write(
      to: URL(fileURLWithPath: scratch.path + "/other/a.swift"))
    await engine.openFolders([FileURI(path: scratch.path + "/other").description])
    try await engine.synchronize()
    await engine.finishEmbedding()
    _ = try await scores(engine, "elsewhere in a queue")
    #expect(embedder.queries.count == 1)
    await engine.shutdown()
  }

  @Test func changesOfTheStateAreTold() async throws {
    let engine = try await engine()
    let changes = await engine.statusChanges()
    let told = Task {
      for await _ in changes { if await self.status(engine)?.serving == true { return true } }
      return false
    }
    await engine.setEmbedder(EmbeddingService(FakeEmbedder()))
    #expect(await told.value)
    await engine.shutdown()
  }

  @Test func aProcessThatOnlyReadsUsesWhatIsStored() async throws {
    let embedder = FakeEmbedder()
    let writer = try await engine()
    await writer.setEmbedder(EmbeddingService(embedder))
    await writer.finishEmbedding()
    await writer.shutdown()
    let count = embedder.requests.count
    let reader = try await engine { $0.reembedding.embeds = false }
    await reader.setEmbedder(EmbeddingService(embedder))
    await reader.finishEmbedding()
    #expect(await status(reader)?.serving == true)
    try scratch.write("src/new.swift", "func added() { let queue = 1 }\n")
    await reader.filesMayHaveChanged(uris: [scratch.uri("src/new.swift")])
    try await reader.synchronize()
    await reader.finishEmbedding()
    #expect(embedder.requests.count == count)
    await reader.shutdown()
  }
}

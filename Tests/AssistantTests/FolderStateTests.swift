import Foundation
import Testing
import Workspace

@testable import Assistant

/// Several folders, folders that cannot be indexed, and what an answer says of them.
struct FolderStateTests {
  private let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    try scratch.write("net/Retry.swift", "/// Waits longer each time.\nfunc backoffDelay() -> Int { 100 }\n")
    try scratch.write("net/Socket.swift", "/// Opens a socket.\nfunc openSocket(delay: Int) {}\n")
    try scratch.write("ui/Button.swift", "struct Button {\n  func paintBackground() {}\n}\n")
  }

  @Test func aPassageOfNestedFoldersIsFoundOnce() async throws {
    let engine = try await scratch.engine()
    await engine.openFolders([scratch.uri("net"), scratch.uri("ui")])
    try await engine.synchronize()
    for mode in SearchMode.allCases {
      var parameters = SearchParameters(query: "backoffDelay")
      parameters.mode = mode
      let passages = try await engine.search(parameters, encoding: .utf8).passages
      #expect(passages.first?.uri == scratch.uri("net/Retry.swift"))
      #expect(Set(passages.map { "\($0.uri) \($0.range)" }).count == passages.count, "\(mode)")
    }
    // A limit is filled with distinct passages, too.
    var parameters = SearchParameters(query: "delay")
    parameters.limit = 2
    #expect(Set(try await engine.search(parameters, encoding: .utf8).passages.map(\.uri)).count == 2)
    await engine.shutdown()
  }

  @Test func thePartsAddUpToTheScoreInSeveralFolders() async throws {
    let engine = try await scratch.engine()
    await engine.closeFolders([scratch.uri("")])
    await engine.openFolders([scratch.uri("net"), scratch.uri("ui")])
    try await engine.synchronize()
    let passages = try await engine.search(SearchParameters(query: "how long is the delay"), encoding: .utf8).passages
    #expect(Set(passages.map { $0.uri.contains("/net/") }) == [true, false])
    for passage in passages {
      let sum = try #require(passage.why).values.reduce(0, +)
      #expect(abs(sum - passage.score) < 1e-4, "\(passage)")
    }
    await engine.shutdown()
  }

  @Test func aNamedFileIsFoundWhicheverFolderHasIt() async throws {
    // Its text says nothing of its name, that of the others does.
    try scratch.write("net/config.swift", "let value = 1\n")
    try scratch.write("ui/Settings.swift", "/// The config, in swift.\nstruct Config { func config() {} }\n")
    let engine = try await scratch.engine()
    await engine.closeFolders([scratch.uri("")])
    await engine.openFolders([scratch.uri("ui"), scratch.uri("net")])
    try await engine.synchronize()
    let path = scratch.path + "/work/net/config.swift"
    for query in ["config.swift", "what does config.swift do", path, "\(path):1:5: error: the config is wrong"] {
      let passages = try await engine.search(SearchParameters(query: query), encoding: .utf8).passages
      #expect(passages.first?.uri == scratch.uri("net/config.swift"), "\(query)")
      #expect(passages.first?.why?["namedFile"] != nil, "\(query)")
    }
    await engine.shutdown()
  }

  /// An engine whose cache folder is a file.
  private func brokenEngine() throws -> (engine: Engine, file: String) {
    let home = scratch.path + "/broken"
    try FileManager.default.createDirectory(atPath: home, withIntermediateDirectories: true)
    let file = home + "/.cache"
    try Data().write(to: URL(fileURLWithPath: file))
    var options = Engine.Options(version: "test")
    options.watches = false
    let directories = try ProjectDirectories(environment: ["HOME": home])
    return (Engine(directories: directories, model: nil, options: options), file)
  }

  @Test func whatCouldNotBeIndexedIsNotCalledAbsent() async throws {
    let (engine, file) = try brokenEngine()
    await engine.openFolders([scratch.root.description])
    await #expect(throws: EngineError.self) { try await engine.synchronize() }
    let isIndexFailure = { @Sendable (error: any Error) in
      (error as? EngineError)?.kind == .index && (error as? EngineError)?.hint?.contains("XDG_CACHE_HOME") == true
    }
    await #expect { try await engine.search(SearchParameters(query: "backoffDelay"), encoding: .utf8) } throws: {
      isIndexFailure($0)
    }
    await #expect { try await engine.ask("what does backoffDelay do?") } throws: { isIndexFailure($0) }
    // What is open is found nevertheless; the answer says what is missing.
    await engine.setOverlay(uri: scratch.uri("a.swift"), text: "func brandNewGadget() {}\n")
    let (answer, _) = try await engine.ask("what does brandNewGadget do?")
    #expect(!answer.abstained && answer.degraded?.reason.contains("not up to date") == true)
    await engine.removeOverlay(uri: scratch.uri("a.swift"))
    // When the cause is gone, it works without being opened anew.
    try FileManager.default.removeItem(atPath: file)
    try await engine.synchronize()
    let found = try await engine.search(SearchParameters(query: "backoffDelay"), encoding: .utf8)
    #expect(found.passages.first?.path == "net/Retry.swift")
    await engine.shutdown()
  }

  @Test func anEmptyWorkspaceIsSaidToBeEmpty() async throws {
    for path in ["net", "ui"] { try scratch.remove(path) }
    let engine = try await scratch.engine()
    let (answer, _) = try await engine.ask("what does backoffDelay do?")
    #expect(answer.abstained && answer.degraded?.reason == "No file of the workspace is indexed.")
    #expect(try await engine.search(SearchParameters(query: "backoffDelay"), encoding: .utf8).passages.isEmpty)
    await engine.shutdown()
  }

  @Test func onlyTheWriterReindexes() async throws {
    let writer = try await scratch.engine()
    let follower = try await scratch.engine()
    #expect(await follower.status().folders.map(\.state) == [.following])
    await #expect { try await follower.reindex() } throws: { error in
      let error = error as? EngineError
      return error?.kind == .index && error?.hint != nil && error?.retryable == true
    }
    try await writer.reindex()
    try await writer.synchronize()
    #expect(await writer.status().folders.first?.files == 3)
    await follower.shutdown()
    await writer.shutdown()
  }
}

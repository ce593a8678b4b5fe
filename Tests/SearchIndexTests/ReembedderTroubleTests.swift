import Embeddings
import Foundation
import SeededInput
import Synchronization
import TestEmbedder
import Testing
import Workspace

@testable import SearchIndex

@Suite struct ReembedderTroubleTests {
  private let root: ScratchFolder
  private let store: ScratchFolder

  init() throws {
    root = try ScratchFolder()
    store = try ScratchFolder()
  }

  /// Something that a test changes and an embedder reads.
  final class Switch<Value: Sendable>: Sendable {
    private let value: Mutex<Value>
    init(_ value: Value) { self.value = Mutex(value) }
    var current: Value { value.withLock { $0 } }
    func set(_ new: Value) { value.withLock { $0 = new } }
  }

  private func until(_ condition: () async -> Bool) async throws {
    while !(await condition()) { try await Task.sleep(for: .milliseconds(2)) }
  }

  @Test(arguments: [
    EmbeddingFailure(.unavailable, "it is down"), EmbeddingFailure(.rateLimited, "too many", retryAfter: .seconds(900)),
    EmbeddingFailure(.unauthorized, "wrong key", hint: "Set another."), EmbeddingFailure(.quotaExceeded, "no money"),
    EmbeddingFailure(.rejectedRequest, "no such model"),
  ])
  func aProviderThatFailsIsLeftAloneAndSaidToBe(_ failure: EmbeddingFailure) async throws {
    try root.writeSources(4)
    let folder = EmbeddedFolder(root, store)
    try await folder.open()
    let fails = Switch(false)
    let answered = Switch(0)
    let embedder = FakeEmbedder(limits: small) { _ throws(EmbeddingFailure) in
      if fails.current || answered.current == 2 { throw failure }
      answered.set(answered.current + 1)
      return nil
    }
    await folder.use(embedder)
    await folder.reembedder.settled()
    let progress = try #require(folder.progress)
    #expect(progress.message?.contains(failure.message) == true)
    if let hint = failure.hint { #expect(progress.message?.contains(hint) == true) }
    #expect(progress.embedded == 8)
    #expect(folder.served == nil)
    // Changes of files are no reason to ask again.
    let requests = embedder.requests.count
    try root.write("src/file0.swift", "func other() { let limit = 1 }\n")
    try await folder.index.refresh()
    await folder.reembedder.settled()
    #expect(embedder.requests.count == requests)
    // Searches find what changed.
    #expect(folder.search("other").first?.passage.names == ["other"])
    embedder.setTrouble(nil)
    await folder.reembedder.resume()
    await folder.reembedder.settled()
    #expect(folder.hasVectors(of: embedder))
    #expect(folder.progress?.message == nil)
    #expect(counts(embedder.passages).values.allSatisfy { $0 == 1 })
    await folder.close()
  }

  @Test func itGoesOnByItselfAfterAPause() async throws {
    try root.writeSources(2)
    let folder = EmbeddedFolder(root, store) { $0.firstPause = .milliseconds(5) }
    try await folder.open()
    let left = Switch(10)
    let embedder = FakeEmbedder { _ throws(EmbeddingFailure) in
      left.set(left.current - 1)
      if left.current > 0 { throw EmbeddingFailure(.unavailable, "down") }
      return nil
    }
    await folder.use(embedder)
    try await until { folder.served == "fake" }
    #expect(folder.hasVectors(of: embedder))
    await folder.close()
  }

  @Test(arguments: [[[Float]](), [[.nan, 1]], [[1, 2, 3]]])
  func answersThatAreNoneAreSaidToBe(_ answer: [[Float]]) async throws {
    try root.writeSources(2)
    let folder = EmbeddedFolder(root, store)
    try await folder.open()
    await folder.use(FakeEmbedder(limits: EmbeddingLimits(textsPerRequest: 1)) { _ in answer })
    await folder.reembedder.settled()
    #expect(folder.progress?.embedded == 0)
    #expect(folder.progress?.message?.contains("fake gave") == true)
    #expect(folder.served == nil)
    await folder.close()
  }

  @Test func switchingDoesNotWaitForOneThatHangs() async throws {
    try root.writeSources(2)
    let folder = EmbeddedFolder(root, store)
    try await folder.open()
    let hanging = FakeEmbedder("a") { _ in
      await withUnsafeContinuation { (_: UnsafeContinuation<Void, Never>) in }
      return nil
    }
    await folder.use(hanging)
    try await until { !hanging.requests.isEmpty }
    // The index goes on meanwhile.
    try root.write("src/new.swift", "func addition() { let window = cache(1) }\n")
    try await folder.index.refresh()
    #expect(folder.search("addition").first?.passage.names == ["addition"])
    #expect(folder.progress?.name == "a")
    let embedder = FakeEmbedder("b")
    await folder.use(embedder)
    try await until { folder.served == "b" }
    #expect(folder.hasVectors(of: embedder))
    await folder.use(hanging)
    try await until { hanging.requests.count > 1 }
    await folder.close()
  }

  @Test func textsThatAreRefusedAreLeftOut() async throws {
    try root.writeSources(4)
    try root.write("src/odd.swift", "func unspeakable() { let limit = 1 }\n")
    let folder = EmbeddedFolder(root, store)
    try await folder.open()
    let embedder = FakeEmbedder(limits: small) { texts throws(EmbeddingFailure) in
      if texts.contains(where: { $0.contains("unspeakable") }) { throw EmbeddingFailure(.rejectedInput, "not that") }
      return nil
    }
    await folder.use(embedder)
    await folder.reembedder.settled()
    let progress = try #require(folder.progress)
    #expect(progress.refused == 1)
    #expect(progress.total == folder.index.snapshot.passageCount - 1)
    #expect(progress.embedded == progress.total)
    #expect(progress.message?.contains("not that") == true)
    #expect(counts(embedder.passages).values.allSatisfy { $0 == 1 })
    // It is not asked again and again.
    let requests = embedder.requests.count
    try root.write("src/file0.swift", "func other() { let limit = 1 }\n")
    try await folder.index.refresh()
    await folder.reembedder.settled()
    #expect(embedder.requests.count == requests + 1)
    #expect(folder.search("unspeakable", by: embedder).first?.passage.names == ["unspeakable"])
    await folder.close()
  }

  @Test func aFolderThatIsTooLargeIsNotEmbedded() async throws {
    try root.writeSources(4)
    let folder = EmbeddedFolder(root, store) { $0.mostMemory = 64 * 40 }
    try await folder.open()
    #expect(folder.index.snapshot.passageCount <= 40)
    let embedder = FakeEmbedder(limits: small)
    await folder.use(embedder)
    await folder.reembedder.settled()
    #expect(folder.served == "fake")
    let count = embedder.requests.count
    try root.writeSources(20)
    try await folder.index.refresh()
    await folder.reembedder.settled()
    #expect(folder.index.snapshot.passageCount > 40)
    #expect(folder.served == nil)
    #expect(folder.progress?.message?.contains("too many") == true)
    #expect(embedder.requests.count == count)
    await folder.close()
  }

  @Test func nothingServesBeforeTheFolderIsIndexed() async throws {
    try root.writeSources(4)
    let folder = EmbeddedFolder(root, store)
    try await folder.index.open()
    try await folder.index.update(paths: ["src/file0.swift", "src/file1.swift"])
    let embedder = FakeEmbedder()
    await folder.use(embedder)
    await folder.reembedder.settled()
    #expect(folder.progress?.embedded == folder.index.snapshot.passageCount)
    #expect(folder.progress?.isServing == false)
    try await folder.index.refresh()
    await folder.reembedder.settled()
    #expect(folder.progress?.isServing == true)
    await folder.close()
  }

  @Test func secretsStayHere() async throws {
    let key = "AKIA" + "Q3EGRZXW5FLKPHBN"
    let lines = (0..<60).map { (line: Int) -> String in
      let letters = (0..<64).map { (column: Int) -> UInt8 in UInt8(65 + (line * 7 + column * column * 3) % 26) }
      return String(decoding: letters, as: UTF8.self)
    }
    let block =
      "-----BEGIN RSA PRIVATE KEY-----\n\(lines.joined(separator: "\n"))\n-----END RSA PRIVATE KEY-----\n"
    let functions = (0..<400).map { "def f\($0)(x):\n  return x + \($0)\n" }.joined()
    try root.write("src/client.swift", "func connect() {\n  let key = \"\(key)\"\n  send(key)\n}\n")
    try root.write(
      "src/keys.py",
      "def load():\n  return parse(KEY)\n\n\(functions)KEY = '''\n\(block)'''\n")
    let folder = EmbeddedFolder(root, store)
    try await folder.open()
    #expect(folder.index.snapshot.paths.sorted() == ["src/client.swift", "src/keys.py"])
    let embedder = FakeEmbedder()
    await folder.use(embedder)
    await folder.reembedder.settled()
    #expect(folder.progress?.embedded == folder.index.snapshot.passageCount)
    let sent = embedder.passages.joined(separator: "\n")
    #expect(sent.contains("func connect()"))
    #expect(!sent.contains(key))
    // The middle of the key is no secret to who sees that line alone.
    for line in lines { #expect(!sent.contains(line)) }
    #expect(sent.contains("⟨secret:"))
    await folder.close()
  }

  @Test func documentsAreSentAsTheyAreRead() async throws {
    try root.write(
      "page.html",
      "<html><body class=\"wide\"><h1>Window cache</h1>\n<p>How the <b>cache</b> works.</p></body></html>\n")
    let folder = EmbeddedFolder(root, store)
    try await folder.open()
    let embedder = FakeEmbedder()
    await folder.use(embedder)
    await folder.reembedder.settled()
    let sent = try #require(embedder.passages.first)
    #expect(sent.hasPrefix("page.html\n"))
    #expect(sent.contains("Window cache"))
    #expect(!sent.contains("<b>") && !sent.contains("class="))
    await folder.close()
  }

  @Test func buffersAreEmbeddedWhenTheirTextHasSettled() async throws {
    try root.writeSources(4)
    let folder = EmbeddedFolder(root, store) { $0.settling = .milliseconds(20) }
    try await folder.open()
    let embedder = FakeEmbedder()
    await folder.use(embedder)
    await folder.reembedder.settled()
    #expect(folder.served == "fake")
    embedder.forget()
    // What is typed on the way is not sent, what is there in the end is; the rest of the file is known.
    let text = String(
      decoding: try #require(FileManager.default.contents(atPath: root.path + "/src/file1.swift")), as: UTF8.self)
    for count in 1...20 {
      let typed = text + "\n/// Typed.\nfunc typed() { let letters = \"\(String(repeating: "z", count: count))\" }\n"
      folder.index.setOverlay(path: "src/file1.swift", text: Array(typed.utf8))
      // Found at once, by an estimate.
      #expect(folder.search("typed letters", by: embedder).contains { $0.passage.names.contains("typed") })
      #expect(folder.served == "fake")
    }
    await folder.reembedder.settled()
    #expect(embedder.passages.filter { $0.contains("zzz") }.count <= 2)
    #expect(embedder.passages.contains { $0.contains(String(repeating: "z", count: 20)) })
    #expect(folder.hasVectors(of: embedder))
    // Closed without saving: nothing is asked.
    embedder.forget()
    folder.index.removeOverlay(path: "src/file1.swift")
    await folder.reembedder.settled()
    #expect(folder.hasVectors(of: embedder))
    #expect(embedder.passages.isEmpty)
    await folder.close()
  }

  @Test func otherProcessesReadWhatTheWriterStores() async throws {
    try root.writeSources(4)
    let writer = EmbeddedFolder(root, store)
    try await writer.open()
    let other = EmbeddedFolder(root, store)
    #expect(try await other.index.open() == .follower)
    let embedder = FakeEmbedder(limits: small)
    let silent = FakeEmbedder(limits: small)
    await other.use(silent)
    await other.reembedder.settled()
    #expect(other.progress?.embedded == 0)
    await writer.use(embedder)
    await writer.reembedder.settled()
    other.reembedder.wake()
    await other.reembedder.settled()
    #expect(other.served == "fake")
    #expect(other.hasVectors(of: embedder))
    let query = "merge the lease of a segment"
    #expect(other.search(query, by: embedder).map(\.score) == writer.search(query, by: embedder).map(\.score))
    // What changes, too.
    try root.write("src/file0.swift", "func other() { let limit = 1 }\n")
    try await writer.index.refresh()
    await writer.reembedder.settled()
    try await other.index.follow()
    await other.reembedder.settled()
    #expect(other.hasVectors(of: embedder))
    #expect(silent.requests.isEmpty)
    // It takes over, and pays for nothing that is there.
    await writer.close()
    try await other.index.open()
    #expect(other.index.role == .writer)
    try root.write("src/file1.swift", "func another() { let queue = 1 }\n")
    try await other.index.refresh()
    await other.reembedder.settled()
    #expect(silent.passages.count == 1)
    #expect(other.hasVectors(of: embedder))
    await other.close()
  }

  @Test(arguments: 0..<8 as Range<UInt64>)
  func anyOrderOfEditsAndEndsGivesTheSame(seed: UInt64) async throws {
    var generator = SeededGenerator(seed: seed)
    try root.writeSources(5, seed: seed)
    // Fails now and then, and takes different times.
    let state = Mutex(SeededGenerator(seed: seed &+ 100))
    let embedder = FakeEmbedder(limits: EmbeddingLimits(textsPerRequest: 3, concurrentRequests: 2)) {
      _ throws(EmbeddingFailure) in
      let dice = state.withLock { Int.random(in: 0...9, using: &$0) }
      if dice == 0 { throw EmbeddingFailure(.unavailable, "now and then") }
      if dice == 1 { throw EmbeddingFailure(.quotaExceeded, "now and then") }
      if dice < 5 { try? await Task.sleep(for: .milliseconds(dice)) }
      return nil
    }
    func make() -> EmbeddedFolder {
      EmbeddedFolder(root, store) {
        $0.firstPause = .milliseconds(1)
        $0.longestPause = .milliseconds(2)
        $0.grace = .seconds(5)
      }
    }
    var folder = make()
    try await folder.open()
    await folder.use(embedder)
    for _ in 0..<25 {
      let path = "src/file\(Int.random(in: 0...4, using: &generator)).swift"
      switch Int.random(in: 0...9, using: &generator) {
      case 0...3:
        try root.write(path, Source.text(functions: Int.random(in: 1...4, using: &generator), using: &generator))
        try await folder.index.update(paths: [path])
      case 4, 5:
        let text = Source.text(functions: 2, using: &generator)
        folder.index.setOverlay(path: path, text: Array(text.utf8))
      case 6: folder.index.removeOverlay(path: path)
      case 7:
        try? root.remove(path)
        try await folder.index.update(paths: [path])
      case 8:
        await folder.use(nil)
        await folder.use(embedder)
      default:
        await folder.close()
        folder = make()
        try await folder.open()
        await folder.use(embedder)
      }
      // Whatever is under way, each search finds what is there.
      let snapshot = folder.index.snapshot
      #expect(folder.search("read ahead", by: embedder).allSatisfy { snapshot.paths.contains($0.passage.file.path) })
    }
    try await until {
      await folder.reembedder.settled()
      return folder.progress?.embedded == folder.progress?.total
        && folder.progress?.total == folder.index.snapshot.passageCount
    }
    if folder.index.snapshot.passageCount > 0 { #expect(folder.hasVectors(of: embedder)) }
    await folder.close()
  }
}

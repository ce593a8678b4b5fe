import Embeddings
import Foundation
import SQLiteKit
import SeededInput
import Synchronization
import TestEmbedder
import Testing

@testable import SearchIndex

@Suite struct ReembedderTests {
  private let root: ScratchFolder
  private let store: ScratchFolder

  init() throws {
    root = try ScratchFolder()
    store = try ScratchFolder()
  }

  /// Counts down, from any thread.
  final class Counter: Sendable {
    private let left: Mutex<Int>
    init(_ count: Int) { left = Mutex(count) }
    /// Whether something is left, which is one less then.
    func take() -> Bool {
      left.withLock { left in
        left -= 1
        return left >= 0
      }
    }
    func set(_ count: Int) { left.withLock { $0 = count } }
  }

  @Test func theOldVectorsServeUntilTheNewOnesCoverTheFolder() async throws {
    try root.writeSources(8)
    let folder = EmbeddedFolder(root, store)
    try await folder.open()
    let before = folder.search("read ahead of the cache window")
    let allowed = Counter(5)
    let embedder = FakeEmbedder(limits: small)
    await folder.use(embedder, mayEmbed: { _ in allowed.take() })
    await folder.reembedder.settled()
    // Five requests of four, and no more for now.
    let progress = try #require(folder.progress)
    #expect(progress.embedded >= 20)
    #expect(progress.total == folder.index.snapshot.passageCount)
    #expect(progress.embedded < progress.total)
    #expect(progress.message?.contains("budget") == true)
    #expect(folder.served == nil)
    // A vector of the query changes nothing as long as it is so.
    let meanwhile = folder.search("read ahead of the cache window", by: embedder)
    #expect(meanwhile.map(\.score) == before.map(\.score))
    #expect(meanwhile.map(\.passage.lines) == before.map(\.passage.lines))

    allowed.set(.max)
    await folder.reembedder.resume()
    await folder.reembedder.settled()
    #expect(folder.served == "fake")
    #expect(folder.progress?.isServing == true)
    #expect(folder.progress?.embedded == folder.progress?.total)
    #expect(folder.progress?.message == nil)
    #expect(folder.hasVectors(of: embedder))
    // A search without a vector in time goes by the old ones, as before.
    let without = folder.search("read ahead of the cache window")
    #expect(without.map(\.score) == before.map(\.score))
    // None twice.
    #expect(counts(embedder.passages).values.allSatisfy { $0 == 1 })
    #expect(Set(embedder.passages) == folder.texts())
    await folder.close()
  }

  @Test func searchesGoByTheVectorsThatServe() async throws {
    try root.writeSources(8)
    let folder = EmbeddedFolder(root, store)
    try await folder.open()
    let embedder = FakeEmbedder(dimensions: 100, limits: small)
    await folder.use(embedder)
    await folder.reembedder.settled()
    let query = "parse the token of the queue"
    let hits = folder.search(query, by: embedder, evidence: .dense, limit: 5)
    // The same as by comparing all texts.
    let question = embedder.vector(of: query)
    func cosine(_ vector: [Float]) -> Float {
      let dot = zip(vector, question).reduce(Float(0)) { $0 + $1.0 * $1.1 }
      let norm = { (values: [Float]) in values.reduce(Float(0)) { $0 + $1 * $1 }.squareRoot() }
      return dot / norm(vector) / norm(question)
    }
    let nearest = folder.texts().max { cosine(embedder.vector(of: $0)) < cosine(embedder.vector(of: $1)) }
    let best = try #require(hits.max { ($0.why["dense"] ?? 0) < ($1.why["dense"] ?? 0) })
    let text = try #require(folder.index.text(of: best.passage.file, in: best.passage.segment))
    let number = try #require(best.passage.segment.files.firstIndex { $0.path == best.passage.file.path })
    let maker = PassageTexts(segment: best.passage.segment, file: number, text: text)
    #expect(maker.text(of: best.passage.passage) == nearest)
    // A vector of another space, or of another length, is not compared with these.
    let plain = folder.search(query).map(\.score)
    var searcher = Searcher()
    for (values, space) in [(embedder.vector(of: query), "other"), ([1, 2, 3], "fake")] {
      let vector = QueryVector(values, space: space)
      #expect(searcher.search(query, in: folder.index.snapshot, limit: 10, vector: vector).map(\.score) == plain)
    }
    await folder.close()
  }

  @Test func noTextIsEmbeddedTwice() async throws {
    try root.writeSources(4)
    let embedder = FakeEmbedder(limits: small)
    var folder = EmbeddedFolder(root, store)
    try await folder.open()
    await folder.use(embedder)
    await folder.reembedder.settled()
    var generator = SeededGenerator(seed: 77)
    let original = Source.text(functions: 6, using: &generator)
    // Edits, until segments are merged, and back again.
    for round in 0..<20 {
      let path = "src/file\(round % 4).swift"
      try root.write(path, "// edit \(round / 8)\n" + original)
      try await folder.index.update(paths: [path])
      await folder.reembedder.settled()
    }
    #expect(folder.index.snapshot.parts.count < 12)
    // A file that moves away and comes back.
    try root.move("src/file0.swift", "elsewhere")
    try await folder.index.refresh()
    await folder.reembedder.settled()
    try root.move("elsewhere", "src/file0.swift")
    try await folder.index.refresh()
    await folder.reembedder.settled()
    #expect(folder.hasVectors(of: embedder))
    await folder.close()
    // Another process.
    folder = EmbeddedFolder(root, store)
    try await folder.open()
    await folder.use(embedder)
    await folder.reembedder.settled()
    #expect(folder.hasVectors(of: embedder))
    // An index that is built anew.
    try await folder.index.clear()
    try await folder.index.refresh()
    await folder.reembedder.settled()
    #expect(folder.hasVectors(of: embedder))
    #expect(counts(embedder.passages).values.allSatisfy { $0 == 1 })
    await folder.close()
  }

  @Test func aProcessThatDiesLosesNothingThatWasEmbedded() async throws {
    try root.writeSources(6)
    let images = try ScratchFolder()
    // At each request, the files as they would be if the process died now.
    let taken = Mutex<[(image: String, embedded: Int)]>([])
    let embedder = FakeEmbedder(limits: small)
    embedder.setTrouble { [store] _ in
      let count = taken.withLock { $0.count }
      let image = images.path + "/\(count)"
      try? FileManager.default.createDirectory(atPath: image, withIntermediateDirectories: true)
      for name in (try? FileManager.default.contentsOfDirectory(atPath: store.path)) ?? []
      where !name.hasSuffix("-shm") && !name.hasSuffix(".lock") {
        try? FileManager.default.copyItem(atPath: store.path + "/" + name, toPath: image + "/" + name)
      }
      taken.withLock { $0.append((image, count)) }
      return nil
    }
    let folder = EmbeddedFolder(root, store)
    try await folder.open()
    await folder.use(embedder)
    await folder.reembedder.settled()
    let all = embedder.passages
    await folder.close()
    let states = taken.withLock { $0 }
    #expect(states.count > 5)
    for state in states {
      let image = try ScratchFolder()
      try FileManager.default.removeItem(atPath: image.path)
      try FileManager.default.moveItem(atPath: state.image, toPath: image.path)
      let again = EmbeddedFolder(root, image)
      let rest = FakeEmbedder(limits: small)
      try await again.open()
      await again.use(rest)
      await again.reembedder.settled()
      // What had been answered before is there; the others come, each once.
      #expect(counts(all.prefix(4 * state.embedded) + rest.passages).values.allSatisfy { $0 == 1 })
      #expect(again.hasVectors(of: rest))
      #expect(again.progress?.message == nil)
      await again.close()
    }
  }

  @Test func switchingThereAndBackPaysOnce() async throws {
    try root.writeSources(4)
    let folder = EmbeddedFolder(root, store)
    try await folder.open()
    let first = FakeEmbedder("a", limits: small)
    await folder.use(first)
    await folder.reembedder.settled()
    #expect(folder.served == "a")
    let paid = first.passages.count
    // The vectors of the first serve while those of the second are made.
    let allowed = Counter(2)
    let second = FakeEmbedder("b", dimensions: 200, seed: 2, limits: small)
    await folder.use(second, mayEmbed: { _ in allowed.take() })
    await folder.reembedder.settled()
    #expect(folder.served == "a")
    #expect(folder.hasVectors(of: first))
    #expect(folder.progress?.name == "b")
    #expect(folder.progress?.isServing == false)
    #expect(folder.reembedder.queries(for: folder.index.snapshot) != nil)
    // Back before it was done: nothing to do. And there again: only the rest.
    await folder.use(first)
    await folder.reembedder.settled()
    #expect(folder.progress?.isServing == true)
    allowed.set(.max)
    await folder.use(second)
    await folder.reembedder.settled()
    #expect(folder.served == "b")
    #expect(folder.hasVectors(of: second))
    #expect(counts(second.passages).values.allSatisfy { $0 == 1 })
    await folder.use(first)
    await folder.reembedder.settled()
    #expect(folder.served == "a")
    #expect(folder.hasVectors(of: first))
    #expect(first.passages.count == paid)
    // None at all: the embedded model, at once.
    await folder.use(nil)
    #expect(folder.served == nil)
    #expect(folder.reembedder.queries(for: folder.index.snapshot) == nil)
    await folder.use(first)
    await folder.reembedder.settled()
    #expect(folder.served == "a")
    #expect(first.passages.count == paid)
    await folder.close()
  }

  @Test func onlySpacesUsedLatelyAreKept() async throws {
    try root.writeSources(2)
    let folder = EmbeddedFolder(root, store) { $0.keptSpaces = 2 }
    try await folder.open()
    for name in ["a", "b", "a", "c"] {
      await folder.use(FakeEmbedder(name))
      await folder.reembedder.settled()
      #expect(folder.served == name)
    }
    #expect(Set(try store.storedVectors().keys) == ["a", "c"])
    let count = try store.storedVectors()["a"]
    #expect(count == folder.texts().count)
    // And no vector without a space.
    let database = try Connection(path: VectorStore.path(in: store.path), mode: .readOnly)
    #expect(try database.integer("SELECT COUNT(*) FROM vectors") == Int64(2 * folder.texts().count))
    await folder.close()
  }

  @Test func vectorsOfTextsThatAreGoneGo() async throws {
    try root.writeSources(6)
    let embedder = FakeEmbedder()
    let folder = EmbeddedFolder(root, store) {
      $0.sparedVectors = 3
      $0.sparedShare = 0
    }
    try await folder.open()
    await folder.use(embedder)
    await folder.reembedder.settled()
    for number in 1..<6 { try root.remove("src/file\(number).swift") }
    try await folder.index.refresh()
    await folder.reembedder.settled()
    #expect(try store.storedVectors() == ["fake": folder.texts().count + 3])
    #expect(folder.served == "fake")
    #expect(folder.hasVectors(of: embedder))
    // What was spared is still known, the rest is not.
    embedder.forget()
    try root.writeSources(6)
    try await folder.index.refresh()
    await folder.reembedder.settled()
    #expect(folder.hasVectors(of: embedder))
    let stayed = folder.index.snapshot.passages(of: "src/file0.swift").count
    #expect(embedder.passages.count == folder.texts().count - stayed - 3)
    await folder.close()
  }

  @Test func damagedVectorsAreMadeAnew() async throws {
    try root.writeSources(3)
    let embedder = FakeEmbedder(limits: small)
    var folder = EmbeddedFolder(root, store)
    try await folder.open()
    await folder.use(embedder)
    await folder.reembedder.settled()
    let total = embedder.passages.count
    await folder.close()
    do {
      let database = try Connection(path: VectorStore.path(in: store.path))
      let changes = [
        "data = zeroblob(length(data))", "data = x'00'", "data = data || x'00'", "high = high + 1",
        "data = CAST(substr(data, 1, 5) || x'7f' || substr(data, 7) AS BLOB)",
      ]
      for (row, change) in changes.enumerated() {
        try database.execute("UPDATE vectors SET \(change) WHERE id = \(row + 1)")
      }
    }
    embedder.forget()
    folder = EmbeddedFolder(root, store)
    try await folder.open()
    await folder.use(embedder)
    await folder.reembedder.settled()
    #expect(folder.hasVectors(of: embedder))
    #expect((4...5).contains(embedder.passages.count))
    #expect(try store.storedVectors() == ["fake": total])
    await folder.close()
    // The whole file.
    let path = VectorStore.path(in: store.path)
    for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    for index in stride(from: 0, to: bytes.count, by: 7) { bytes[index] = 0xA5 }
    try bytes.write(to: URL(fileURLWithPath: path))
    embedder.forget()
    folder = EmbeddedFolder(root, store)
    try await folder.open()
    await folder.use(embedder)
    await folder.reembedder.settled()
    #expect(folder.hasVectors(of: embedder))
    #expect(embedder.passages.count == total)
    #expect(folder.progress?.message?.contains("damaged") == true)
    await folder.close()
  }

  @Test func aModelThatHasChangedBehindItsNameIsAnotherOne() async throws {
    try root.writeSources(3)
    var folder = EmbeddedFolder(root, store)
    try await folder.open()
    await folder.use(FakeEmbedder(dimensions: 64, limits: small, saysDimensions: false))
    await folder.reembedder.settled()
    await folder.close()
    let changed = FakeEmbedder(dimensions: 96, limits: small, saysDimensions: false)
    folder = EmbeddedFolder(root, store)
    try await folder.open()
    await folder.use(changed)
    await folder.reembedder.settled()
    // Nobody knows before it is asked: the stored vectors serve.
    #expect(folder.served == "fake")
    #expect(changed.passages.isEmpty)
    try root.write("src/new.swift", "func addition() { let window = cache(1) }\n")
    try await folder.index.refresh()
    await folder.reembedder.settled()
    #expect(folder.hasVectors(of: changed))
    #expect(Set(changed.passages) == folder.texts())
    #expect(try store.storedVectors() == ["fake": folder.texts().count])
    await folder.close()
  }
}

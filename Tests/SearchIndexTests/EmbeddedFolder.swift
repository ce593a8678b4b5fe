import Embeddings
import Foundation
import SQLiteKit
import SeededInput
import TestEmbedder
import Workspace

@testable import SearchIndex

/// A folder with its index and what embeds it, as one process has them.
final class EmbeddedFolder: Sendable {
  let index: WorkspaceIndex
  let reembedder: Reembedder
  let root: FileURI

  init(_ root: ScratchFolder, _ store: ScratchFolder, _ change: (inout ReembeddingOptions) -> Void = { _ in }) {
    self.root = root.uri
    index = WorkspaceIndex(root: root.uri, directory: store.path)
    var options = ReembeddingOptions()
    options.settling = .zero
    options.grace = .zero
    options.requests.firstDelay = .milliseconds(1)
    options.firstPause = .seconds(600)
    change(&options)
    reembedder = Reembedder(index: index, options: options)
  }

  /// Opens the index and brings it up to date.
  func open() async throws {
    try await index.open()
    try await index.refresh()
  }

  func use(_ embedder: FakeEmbedder?, mayEmbed: @escaping EmbeddingAllowance = { _ in true }) async {
    await reembedder.setEmbedder(embedder.map { EmbeddingService($0, mayEmbed: mayEmbed) })
  }

  func close() async {
    await reembedder.stop()
    await index.close()
  }

  var served: String? { index.snapshot.servedSpace }
  var progress: EmbeddingProgress? { reembedder.progress }

  func search(
    _ query: String, by embedder: FakeEmbedder? = nil, evidence: SearchEvidence = .hybrid, limit: Int = 10
  ) -> [SearchHit] {
    var searcher = Searcher()
    let vector = embedder.flatMap { QueryVector($0.vector(of: query), space: $0.space.id) }
    return searcher.search(query, in: index.snapshot, limit: limit, evidence: evidence, vector: vector)
  }

  /// The texts of all live passages, as they should be sent.
  func texts() -> Set<String> {
    var texts: Set<String> = []
    for part in index.snapshot.parts {
      for (number, file) in part.segment.files.enumerated() where part.live[number] {
        guard let text = index.text(of: file, in: part.segment) else { continue }
        let maker = PassageTexts(segment: part.segment, file: number, text: text)
        for passage in file.passages { if let text = maker.text(of: passage) { texts.insert(text) } }
      }
    }
    return texts
  }

  /// Whether the snapshot has for each live passage the vector that the embedder gives for its text.
  func hasVectors(of embedder: FakeEmbedder) -> Bool {
    let snapshot = index.snapshot
    guard let served = snapshot.served, served.space == embedder.space.id else { return false }
    for (number, part) in snapshot.parts.enumerated() {
      for (fileNumber, file) in part.segment.files.enumerated() where part.live[fileNumber] {
        guard let text = index.text(of: file, in: part.segment) else { return false }
        let maker = PassageTexts(segment: part.segment, file: fileNumber, text: text)
        for passage in file.passages {
          guard let text = maker.text(of: passage), let expected = QuantisedVector(embedder.vector(of: text)) else {
            return false
          }
          let (codes, scale) = served.slab.row(served.rows[number][passage])
          guard scale == expected.scale, Array(codes.bindMemory(to: Int8.self)).starts(with: expected.codes) else {
            return false
          }
        }
      }
    }
    return true
  }
}

extension ScratchFolder {
  /// The vectors that are stored here, by space.
  func storedVectors() throws -> [String: Int] {
    let database = try Connection(path: VectorStore.path(in: path), mode: .readOnly)
    var counts: [String: Int] = [:]
    try database.run(
      "SELECT spaces.name, COUNT(vectors.id) FROM spaces LEFT JOIN vectors ON vectors.space = spaces.id GROUP BY 1"
    ) { counts[$0.text(0)] = Int($0.int(1)) }
    return counts
  }

  /// Writes sources of some functions each, all different.
  func writeSources(_ count: Int, seed: UInt64 = 1) throws {
    var generator = SeededGenerator(seed: seed)
    for number in 0..<count {
      try write("src/file\(number).swift", Source.text(functions: 6, using: &generator))
      try age("src/file\(number).swift")
    }
  }
}

/// Small requests, one at a time.
let small = EmbeddingLimits(textsPerRequest: 4, concurrentRequests: 1)

/// How often each element occurs.
func counts<Element: Hashable>(_ elements: [Element]) -> [Element: Int] {
  elements.reduce(into: [:]) { $0[$1, default: 0] += 1 }
}

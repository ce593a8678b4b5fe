import Embeddings
import Foundation
import SearchIndex
import Workspace

/// What another embedder's vectors cost beside what the provider costs: making texts, storing, reading and comparing.
///
/// usage: reembedding-run FOLDER WORK [DIMENSIONS]
///
/// The embedder answers at once with vectors of random numbers, which are made beforehand.
@main
struct ReembeddingRun {
  struct Instant: RemoteEmbedder {
    let space: EmbeddingSpace
    let limits = EmbeddingLimits(textsPerRequest: 128, concurrentRequests: 2)
    let vectors: [[Float]]

    init(dimensions: Int) {
      space = EmbeddingSpace(id: "instant", dimensions: dimensions)
      var generator = SystemRandomNumberGenerator()
      vectors = (0..<256).map { _ in (0..<dimensions).map { _ in Float.random(in: -1...1, using: &generator) } }
    }

    func embed(passages: [String]) async throws(EmbeddingFailure) -> [[Float]] {
      passages.map { vectors[$0.utf8.count & 255] }
    }

    func embed(query: String) async throws(EmbeddingFailure) -> [Float] { vectors[query.utf8.count & 255] }
  }

  static func main() async throws {
    let arguments = CommandLine.arguments
    guard arguments.count >= 3 else {
      print("usage: reembedding-run FOLDER WORK [DIMENSIONS]")
      exit(2)
    }
    let dimensions = arguments.count > 3 ? Int(arguments[3]) ?? 1024 : 1024
    try? FileManager.default.removeItem(atPath: arguments[2])
    let embedder = Instant(dimensions: dimensions)
    for pass in ["embed and store", "read what is stored"] {
      let index = WorkspaceIndex(root: FileURI(path: arguments[1]), directory: arguments[2])
      try await index.open()
      try await index.refresh()
      let before = (cpu: cpu(), memory: memory(), wall: ContinuousClock.now)
      let reembedder = Reembedder(index: index)
      await reembedder.setEmbedder(EmbeddingService(embedder))
      while index.snapshot.servedSpace == nil { try await Task.sleep(for: .milliseconds(1)) }
      await reembedder.settled()
      let count = index.snapshot.passageCount
      let spent = cpu() - before.cpu
      print(
        "\(pass): \(count) passages of \(dimensions) dimensions in \(before.wall.duration(to: .now)), "
          + "\(round(spent * 1e3)) ms CPU, \(round(spent / Double(count) * 1e7) / 10) us a passage, "
          + "\((memory() - before.memory) >> 20) MB more memory")
      try search(index.snapshot, embedder)
      await reembedder.stop()
      await index.close()
    }
    let size = try FileManager.default.attributesOfItem(atPath: arguments[2] + "/vectors-v1.db")[.size] as? Int ?? 0
    print("stored: \(size >> 20) MB")
  }

  static func search(_ snapshot: IndexSnapshot, _ embedder: Instant) throws {
    let queries = [
      "how are requests sent again after a failure", "where is the configuration read", "parse a token",
      "what happens when the connection is closed", "merge two sorted lists", "write ahead log",
    ]
    for name in ["embedded model", "other embedder"] {
      var searcher = Searcher()
      var times: [Double] = []
      for round in 0..<20 {
        for query in queries {
          let vector =
            name == "embedded model"
            ? nil : QueryVector(embedder.vectors[(query.utf8.count + round) & 255], space: "instant")
          let start = cpu()
          _ = searcher.search(query, in: snapshot, limit: 10, vector: vector)
          times.append((cpu() - start) * 1e3)
        }
      }
      times.sort()
      print("  search, \(name): p50 \(times[times.count / 2]) ms, p90 \(times[times.count * 9 / 10]) ms CPU")
    }
  }

  static func cpu() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// Bytes in memory.
  static func memory() -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    let pages = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    return pages * 4096
  }
}

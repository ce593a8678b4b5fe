import Chunking
import Embeddings
import Foundation
import SearchIndex
import Workspace

/// Measures the index in process, one figure a run, so that the memory of one does not count for another.
///
/// ```
/// performance index TREE                    cold index of a folder with two threads: MB/s, peak memory
/// performance embed TREE                    passages a second through the embedder on one core
/// performance grow CORPORA PASSAGES WORK    makes WORK/tree, copies of the corpora, and WORK/index
/// performance search QUERIES WORK [LIMIT]   latencies over WORK/index
/// performance walk TREE [THREADS]           one walk through a folder; walk.py compares it with other programs
/// performance skips TREE                    what is left out of a folder, and why
/// performance reopen WORK                   time to open WORK/index, and memory with it open
/// performance export QUERIES WORK OUT       vectors and words of WORK/index and the queries, for other programs
/// performance parts QUERIES WORK OUT.json   times and results of the search by vectors and by words, each alone
/// ```
@main
struct Performance {
  static func main() async throws {
    let arguments = Array(CommandLine.arguments.dropFirst())
    switch (arguments.first, arguments.count) {
    case ("index", 2): try await index(tree: arguments[1])
    case ("embed", 2): try embed(tree: arguments[1])
    case ("grow", 4):
      guard let passages = Int(arguments[2]) else { throw Failure(description: "PASSAGES is a number") }
      try await grow(corpora: arguments[1], passages: passages, work: arguments[3])
    case ("search", 3), ("search", 4):
      let limit = arguments.count == 4 ? Int(arguments[3]) ?? 10 : 10
      try await search(queries: arguments[1], work: arguments[2], limit: limit)
    case ("walk", 2), ("walk", 3):
      try walk(tree: arguments[1], threads: arguments.count == 3 ? Int(arguments[2]) ?? 2 : 2)
    case ("skips", 2): try skips(tree: arguments[1])
    case ("reopen", 2): try await reopen(work: arguments[1])
    case ("export", 4): try await Parts.export(queries: arguments[1], work: arguments[2], to: arguments[3])
    case ("parts", 4): try await Parts.run(queries: arguments[1], work: arguments[2], to: arguments[3])
    default:
      throw Failure(
        description: "index TREE | embed TREE | grow CORPORA PASSAGES WORK | search QUERIES WORK [LIMIT] | reopen WORK"
          + " | walk TREE [THREADS] | skips TREE | export QUERIES WORK OUT | parts QUERIES WORK OUT.json")
    }
  }

  struct Failure: Error, CustomStringConvertible { var description: String }

  /// Finds the files of a folder once, and nothing more.
  static func walk(tree: String, threads: Int) throws {
    var options = Discovery.Options()
    options.threads = threads
    let result = try Discovery(root: FileURI(path: absolute(tree)), options: options).run()
    let skipped = result.skipped.sorted { $0.value > $1.value }.map { "\($0.value) \($0.key.rawValue)" }
    print(
      "\(result.files.count) files in \(result.directories.count) directories; left out: \(skipped.joined(separator: ", "))"
    )
  }

  /// Prints every file and directory that is left out, with its reason.
  static func skips(tree: String) throws {
    let result = try Discovery(root: FileURI(path: absolute(tree))).run()
    for (path, reason) in result.skips.all { print("\(reason.rawValue)\t\(path)") }
    for entry in result.files {
      guard let content = try? FileReader.read(entry.uri) else { continue }
      if let reason = ContentClassifier.skipReason(path: entry.path, bytes: TextDecoder.decode(content.bytes)) {
        print("\(reason.rawValue)\t\(entry.path)")
      }
    }
  }

  /// Indexes a folder into a new cache folder, which is removed afterwards.
  static func index(tree: String) async throws {
    let directory = NSTemporaryDirectory() + "cicerone-performance-\(ProcessInfo.processInfo.processIdentifier)"
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let index = WorkspaceIndex(root: FileURI(path: absolute(tree)), directory: directory, threads: 2)
    let before = Memory.now
    let clock = ContinuousClock()
    let start = clock.now
    try await index.open()
    let summary = try await index.refresh()
    let seconds = start.duration(to: clock.now).seconds
    let memory = Memory.now
    print(
      format(
        "cold index: %.2f MB in %.2f s = %.1f MB/s, %d files, %d passages, 2 threads", Double(summary.bytes) / 1e6,
        seconds, Double(summary.bytes) / 1e6 / seconds, summary.indexed, index.snapshot.passageCount))
    print(
      format(
        "memory: %.0f MB before, %.0f MB peak, %.0f MB after (the index itself %.0f MB)", before.resident, memory.peak,
        memory.resident, Double(index.snapshot.memory) / 1e6))
    await index.close()
  }

  /// Embeds the passages of a folder one after another, with their paths before them as the index does.
  static func embed(tree: String) throws {
    let chunker = Chunker()
    let files = try Discovery(root: FileURI(path: absolute(tree))).run().files
    var passages: [(path: String, text: [UInt8])] = []
    for file in files {
      guard let content = try? FileReader.read(file.uri) else { continue }
      let reason = content.bytes.withUnsafeBufferPointer {
        ContentClassifier.skipReason(path: file.path, bytes: $0, maximumSize: 1 << 20)
      }
      if reason != nil { continue }
      let language = content.bytes.withUnsafeBufferPointer { Language.detect(path: file.path, text: $0) }
      for passage in chunker.chunk(content.bytes, language: language).passages {
        passages.append((file.path, Array(content.bytes[passage.byteRange])))
      }
    }
    let bytes = passages.reduce(0) { $0 + $1.text.count }
    var embedder = StaticEmbedder()
    var codes = [Int8](repeating: 0, count: embedder.model.dimensions)
    let clock = ContinuousClock()
    var best = Double.infinity
    var scales: Float = 0
    for _ in 0..<3 {
      let start = clock.now
      for passage in passages {
        var path = passage.path
        scales += path.withUTF8 { path in
          passage.text.withUnsafeBufferPointer { text in
            codes.withUnsafeMutableBufferPointer { codes in
              codes.baseAddress.map { embedder.embed(path, text, as: .document, codes: $0) } ?? 0
            }
          }
        }
      }
      best = min(best, start.duration(to: clock.now).seconds)
    }
    print(
      format(
        "embedder: %d passages, %.1f MB: %.0f passages/s, %.1f MB/s on one core (best of 3; mean scale %.5f)",
        passages.count, Double(bytes) / 1e6, Double(passages.count) / best, Double(bytes) / 1e6 / best,
        Double(scales) / Double(3 * passages.count)))
  }

  /// Puts copies of the corpora side by side until their index has about the wanted number of passages.
  static func grow(corpora: String, passages: Int, work: String) async throws {
    let manager = FileManager.default
    let names = try manager.contentsOfDirectory(atPath: corpora).filter { !$0.hasPrefix(".") }.sorted()
    guard !names.isEmpty else { throw Failure(description: "no corpora in \(corpora)") }
    let tree = absolute(work) + "/tree"
    try manager.createDirectory(atPath: tree, withIntermediateDirectories: true)
    let index = WorkspaceIndex(root: FileURI(path: tree), directory: absolute(work) + "/index", threads: 2)
    try await index.open()
    var number = 0
    // Most of it in one pass, as a real folder is indexed; the rest a corpus at a time.
    var estimate = 0
    while index.snapshot.passageCount < passages {
      repeat {
        let copy = "\(tree)/copy-\(number / names.count)/"
        try manager.createDirectory(atPath: copy, withIntermediateDirectories: true)
        let source = "\(corpora)/\(names[number % names.count])"
        try manager.copyItem(atPath: source, toPath: copy + names[number % names.count])
        estimate += try size(of: source) / 600
        number += 1
      } while estimate < passages * 9 / 10
      _ = try await index.refresh()
    }
    print("\(index.snapshot.passageCount) passages in \(index.snapshot.fileCount) files, \(number) corpora")
    await index.close()
  }

  /// Asks every query in four rounds, the first of which is not counted.
  static func search(queries path: String, work: String, limit: Int) async throws {
    let queries = try read(queries: path)
    let index = WorkspaceIndex(
      root: FileURI(path: absolute(work) + "/tree"), directory: absolute(work) + "/index", threads: 1)
    try await index.open()
    let snapshot = index.snapshot
    var searcher = Searcher()
    let clock = ContinuousClock()
    for (name, evidence) in [("hybrid", SearchEvidence.hybrid), ("lexical", .lexical), ("dense", .dense)] {
      var times: [Double] = []
      for round in 0..<4 {
        for query in queries {
          let start = clock.now
          let hits = searcher.search(query, in: snapshot, limit: limit, evidence: evidence)
          let took = start.duration(to: clock.now).seconds
          if hits.count > limit { throw Failure(description: "too many hits") }
          if round > 0 { times.append(took) }
        }
      }
      times.sort()
      func percentile(_ share: Double) -> Double {
        1000 * times[min(times.count - 1, Int(Double(times.count) * share))]
      }
      print(
        format(
          "search %@: %d passages, %d searches, limit %d: p50 %.2f ms, p90 %.2f ms, p99 %.2f ms", name as NSString,
          snapshot.passageCount, times.count, limit, percentile(0.5), percentile(0.9), percentile(0.99)))
    }
    await index.close()
  }

  /// Opens the index as a process that starts does, whose files the system still has in memory.
  static func reopen(work: String) async throws {
    let before = Memory.now
    let clock = ContinuousClock()
    let start = clock.now
    let index = WorkspaceIndex(
      root: FileURI(path: absolute(work) + "/tree"), directory: absolute(work) + "/index", threads: 2)
    try await index.open()
    let opened = start.duration(to: clock.now).seconds
    let memory = Memory.now
    let again = clock.now
    let summary = try await index.refresh()
    let refreshed = again.duration(to: clock.now).seconds
    print(
      format(
        "reopen: %d passages in %.0f ms; a pass over %d unchanged files %.0f ms (%d indexed)",
        index.snapshot.passageCount, 1000 * opened, index.snapshot.fileCount, 1000 * refreshed, summary.indexed))
    print(
      format(
        "memory: %.0f MB before, %.0f MB open, %.0f MB peak (the index itself %.0f MB)", before.resident,
        memory.resident, memory.peak, Double(index.snapshot.memory) / 1e6))
    await index.close()
  }

  /// The questions of a file with one JSON object a line.
  static func read(queries path: String) throws -> [String] {
    struct Query: Decodable { var query: String }
    let decoder = JSONDecoder()
    return try Data(contentsOf: URL(fileURLWithPath: path)).split(separator: 0x0A).map {
      try decoder.decode(Query.self, from: Data($0)).query
    }
  }

  static func absolute(_ path: String) -> String { URL(fileURLWithPath: path).standardizedFileURL.path }

  static func size(of folder: String) throws -> Int {
    guard let files = FileManager.default.enumerator(atPath: folder) else { return 0 }
    var total = 0
    while files.nextObject() != nil { total += (files.fileAttributes?[.size] as? NSNumber)?.intValue ?? 0 }
    return total
  }

  static func format(_ format: String, _ arguments: any CVarArg...) -> String {
    String(format: format, arguments: arguments)
  }
}

extension Duration {
  /// The length in seconds.
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

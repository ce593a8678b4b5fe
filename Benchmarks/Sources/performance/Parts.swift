import Chunking
import Embeddings
import Foundation
@_spi(Measurement) import SearchIndex
import Workspace

/// The search by vectors and the search by words, each alone, for comparison with other programs on the same data.
enum Parts {
  /// Results wanted: what a user sees, and what the ranking looks at.
  static let counts = [10, 200]

  /// Writes what the index was made of, a row a passage: `vectors.f32` and `queries.f32` with the embedding model's
  /// unit vectors before they were made bytes, `words.txt` and `questions.txt` with the terms as words, `groups.txt` with
  /// what is the same for all copies of a passage.
  static func export(queries path: String, work: String, to out: String) async throws {
    let index = try await open(work)
    let snapshot = index.snapshot
    let root = Performance.absolute(work) + "/tree/"
    try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
    var vectors = try Output(out + "/vectors.f32")
    var words = try Output(out + "/words.txt")
    var groups = try Output(out + "/groups.txt")
    var embedder = StaticEmbedder()
    var names = TermNames()
    let chunker = Chunker()
    var file = (path: "", bytes: [UInt8](), passages: [Passage](), next: 0)
    var count = 0
    for number in snapshot.numbers {
      guard let (passage, codes, scale) = snapshot.passage(number: number) else { continue }
      if passage.file.path != file.path {
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: root + passage.file.path)))
        let language = Language.detect(path: passage.file.path, firstLine: Array(bytes.prefix(256)))
        file = (passage.file.path, bytes, chunker.chunk(bytes, language: language).passages, 0)
      }
      guard file.next < file.passages.count, file.passages[file.next].byteRange == passage.bytes else {
        throw Performance.Failure(description: "\(file.path) is not as it was indexed")
      }
      let source = file.passages[file.next]
      file.next += 1
      let body = Array(file.bytes[source.byteRange])
      let context = Array("\(file.path)\n\(source.header)\n\(source.symbol)\n".utf8)
      let unit = (context + body).withUnsafeBufferPointer { embedder.embedding(of: $0, as: .document).unit }
      let cosine = zip(unit, codes).reduce(Float(0)) { $0 + $1.0 * scale * Float($1.1) }
      if scale > 0, cosine < 0.99 {
        throw Performance.Failure(description: "the vector of \(file.path) is made of something else: \(cosine)")
      }
      vectors.write(unit)
      let declared = Array(source.names.joined(separator: " ").utf8)
      let heads = Array("\(source.header) \(source.symbol)".utf8)
      let terms = [body, declared, heads].flatMap { $0.withUnsafeBufferPointer { Searcher.terms(of: $0) } }
      words.write(names.line(terms))
      // The path without the copy's folder.
      let original = file.path.split(separator: "/").dropFirst().joined(separator: "/")
      groups.write(Array("\(original):\(source.byteRange.lowerBound)\n".utf8))
      count += 1
    }
    groups.finish()
    vectors.finish()
    words.finish()
    var queryVectors = try Output(out + "/queries.f32")
    var questions = try Output(out + "/questions.txt")
    for query in try Performance.read(queries: path) {
      let unit = Array(query.utf8).withUnsafeBufferPointer { embedder.embedding(of: $0, as: .query).unit }
      queryVectors.write(unit)
      questions.write(names.line(Searcher.PreparedQuery(query, embedder: &embedder).terms))
    }
    queryVectors.finish()
    questions.finish()
    print("\(count) passages of \(embedder.model.dimensions) dimensions, \(names.count) terms")
    await index.close()
  }

  /// What `run` writes.
  struct Report: Encodable {
    struct Part: Encodable {
      /// Seconds for each query, the best of all rounds.
      var seconds: [Double]
      /// Rows found for each query, as `export` numbers them.
      var rows: [[Int]]
    }
    var passages: Int
    var vectors: [String: Part] = [:]
    var words: [String: Part] = [:]
  }

  /// Times both parts for every query, five rounds after one that does not count, and writes the results.
  static func run(queries path: String, work: String, to out: String) async throws {
    let index = try await open(work)
    let snapshot = index.snapshot
    var embedder = StaticEmbedder()
    let queries = try Performance.read(queries: path).map { Searcher.PreparedQuery($0, embedder: &embedder) }
    var rows: [Int: Int] = [:]
    for (row, number) in snapshot.numbers.enumerated() { rows[number] = row }
    var report = Report(passages: snapshot.passageCount)
    for count in counts {
      report.vectors["\(count)"] = measure(queries, rows) { $1.nearest($0, in: snapshot, count: count) }
      report.words["\(count)"] = measure(queries, rows) { $1.matches($0, in: snapshot, count: count) }
    }
    try JSONEncoder().encode(report).write(to: URL(fileURLWithPath: out))
    await index.close()
  }

  private static func measure(
    _ queries: [Searcher.PreparedQuery], _ rows: [Int: Int],
    _ body: (Searcher.PreparedQuery, inout Searcher) -> [(number: Int, score: Float)]
  ) -> Report.Part {
    var searcher = Searcher()
    let clock = ContinuousClock()
    var part = Report.Part(seconds: [Double](repeating: .infinity, count: queries.count), rows: [])
    for round in 0..<6 {
      for (number, query) in queries.enumerated() {
        let start = clock.now
        let found = body(query, &searcher)
        let seconds = start.duration(to: clock.now).seconds
        if round == 0 {
          part.rows.append(found.sorted { $0.score > $1.score }.map { rows[$0.number] ?? -1 })
        } else {
          part.seconds[number] = min(part.seconds[number], seconds)
        }
      }
    }
    return part
  }

  private static func open(_ work: String) async throws -> WorkspaceIndex {
    let folder = Performance.absolute(work)
    let index = WorkspaceIndex(root: FileURI(path: folder + "/tree"), directory: folder + "/index", threads: 1)
    try await index.open()
    return index
  }
}

/// Gives each term a short word, so that programs that keep strings are not burdened with hashes.
struct TermNames {
  private var names: [UInt64: String] = [:]
  /// Terms so far.
  var count: Int { names.count }

  /// The words of some terms as a line.
  mutating func line(_ terms: [UInt64]) -> [UInt8] {
    var line: [UInt8] = []
    for term in terms {
      let name = names[term] ?? "t" + String(names.count, radix: 36)
      names[term] = name
      line += name.utf8
      line.append(0x20)
    }
    line.append(0x0A)
    return line
  }
}

/// A file that is written from its beginning.
struct Output {
  private let handle: FileHandle
  private var buffer = Data()

  init(_ path: String) throws {
    guard FileManager.default.createFile(atPath: path, contents: nil), let handle = FileHandle(forWritingAtPath: path)
    else { throw Performance.Failure(description: "cannot write \(path)") }
    self.handle = handle
  }

  mutating func write<Element: BitwiseCopyable>(_ elements: [Element]) {
    elements.withUnsafeBytes { buffer.append(contentsOf: $0) }
    if buffer.count > 1 << 22 { flush() }
  }

  mutating func finish() {
    flush()
    try? handle.close()
  }

  private mutating func flush() {
    handle.write(buffer)
    buffer.removeAll(keepingCapacity: true)
  }
}

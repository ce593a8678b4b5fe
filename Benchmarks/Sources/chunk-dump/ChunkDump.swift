import Chunking
import Foundation

/// Prints what the chunker finds in files, a JSON object a line, for `chunking/compare.py`.
///
/// `chunk-dump <language> < list-of-paths` dumps; `chunk-dump --time <language> < list-of-paths` measures.
@main
struct ChunkDump {
  static func main() throws {
    var arguments = Array(CommandLine.arguments.dropFirst())
    let timing = arguments.first == "--time"
    if timing { arguments.removeFirst() }
    let forced = arguments.first.flatMap { Language(id: $0) }
    var paths: [String] = []
    while let line = readLine() { paths.append(line) }
    let files = paths.compactMap { path in FileManager.default.contents(atPath: path).map { (path, [UInt8]($0)) } }
    if timing {
      measure(files, language: forced)
    } else {
      try dump(files, language: forced)
    }
  }

  static func language(_ file: (path: String, bytes: [UInt8]), _ forced: Language?) -> Language {
    forced ?? file.bytes.withUnsafeBufferPointer { Language.detect(path: file.path, text: $0) }
  }

  /// The best of three passes over all files.
  static func measure(_ files: [(String, [UInt8])], language forced: Language?) {
    let chunker = Chunker()
    let size = files.reduce(0) { $0 + $1.1.count }
    var best = Double.infinity
    var passages = 0
    for _ in 0..<3 {
      let clock = ContinuousClock()
      passages = 0
      let duration = clock.measure {
        for file in files { passages += chunker.chunk(file.1, language: language(file, forced)).passages.count }
      }
      best = min(best, Double(duration.components.attoseconds) / 1e18 + Double(duration.components.seconds))
    }
    print(Double(size) / best / 1e6, size, files.count, passages)
  }

  static func dump(_ files: [(String, [UInt8])], language forced: Language?) throws {
    let chunker = Chunker()
    let encoder = JSONEncoder()
    for file in files {
      let result = chunker.chunk(file.1, language: language(file, forced))
      let record = Record(
        path: file.0, language: result.language.id,
        declarations: result.declarations.map {
          Record.Item(
            name: $0.name, path: $0.symbolPath, kind: "\($0.kind)", depth: $0.depth, line: $0.startLine,
            first: $0.lines.lowerBound,
            end: $0.lines.upperBound)
        },
        passages: result.passages.map {
          Record.Piece(
            first: $0.lines.lowerBound, end: $0.lines.upperBound, symbol: $0.symbol, names: $0.names,
            header: $0.header)
        }, imports: result.imports)
      FileHandle.standardOutput.write(try encoder.encode(record) + Data([0x0A]))
    }
  }
}

/// A line of output.
struct Record: Encodable {
  struct Item: Encodable {
    var name: String
    var path: String
    var kind: String
    var depth: Int
    var line: Int
    var first: Int
    var end: Int
  }

  struct Piece: Encodable {
    var first: Int
    var end: Int
    var symbol: String
    var names: [String]
    var header: String
  }

  var path: String
  var language: String
  var declarations: [Item]
  var passages: [Piece]
  var imports: [String]
}

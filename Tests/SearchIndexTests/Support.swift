import Foundation
import SeededInput
import Workspace

@testable import SearchIndex

/// A scratch folder that is removed with the value.
final class ScratchFolder: Sendable {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "index-tests-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var uri: FileURI { FileURI(path: path) }

  func write(_ relativePath: String, _ content: String) throws { try write(relativePath, Array(content.utf8)) }

  func write(_ relativePath: String, _ bytes: [UInt8]) throws {
    let url = URL(fileURLWithPath: path + "/" + relativePath)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: url)
  }

  func remove(_ relativePath: String) throws {
    try FileManager.default.removeItem(atPath: path + "/" + relativePath)
  }

  func move(_ from: String, _ to: String) throws {
    let url = URL(fileURLWithPath: path + "/" + to)
    try FileManager.default.createDirectory(at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
    try FileManager.default.moveItem(atPath: path + "/" + from, toPath: path + "/" + to)
  }

  /// Sets the time of modification back by `seconds`, so that it is trusted from now on.
  func age(_ relativePath: String, seconds: Double = 60) throws {
    try date(relativePath, Date(timeIntervalSinceNow: -seconds))
  }

  func date(_ relativePath: String, _ date: Date) throws {
    try FileManager.default.setAttributes([.modificationDate: date], ofItemAtPath: path + "/" + relativePath)
  }
}

/// Small sources for segments.
enum Source {
  static let words = [
    "read", "Ahead", "bytes", "index", "Server", "HTTP", "parse", "_token", "cache", "Window", "limit", "42", "queue",
    "merge", "lease", "vector", "passage", "segment",
  ]

  /// A source of random functions.
  static func text(functions: Int, using generator: inout SeededGenerator) -> String {
    var text = ""
    for _ in 0..<functions {
      let name = (0..<3).map { _ in words.randomElement(using: &generator) ?? "" }.joined()
      text += "/// " + (0..<8).map { _ in words.randomElement(using: &generator) ?? "" }.joined(separator: " ") + "\n"
      text += "func \(name)() {\n"
      for _ in 0..<Int.random(in: 1...12, using: &generator) {
        text += "  let \(words.randomElement(using: &generator) ?? "")x = "
        text += "\(words.randomElement(using: &generator) ?? "")(\(Int.random(in: 0...99, using: &generator)))\n"
      }
      text += "}\n\n"
    }
    return text
  }
}

extension SegmentBuilder {
  mutating func add(_ path: String, _ text: String) {
    let bytes = Array(text.utf8)
    bytes.withUnsafeBufferPointer {
      add(path: path, text: $0, contentHash: ContentHash(bytes), traits: FileTraits(path: path))
    }
  }
}

extension Segment {
  static func of(_ files: [(path: String, text: String)]) -> Segment {
    var builder = SegmentBuilder()
    for (path, text) in files { builder.add(path, text) }
    return builder.finish()
  }
}

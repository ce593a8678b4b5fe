/// The cells of a Jupyter notebook, by one pass over its JSON.
struct NotebookReader {
  /// A cell's source, as the string literals that it is written in (without their quotes).
  struct Cell {
    enum Kind {
      case code
      case markdown
      case other
    }

    var kind = Kind.other
    var sources: [Range<Int>] = []
  }

  private enum Key {
    case cells, source, metadata, kernelspec, languageInfo, other
  }

  private struct Level {
    var isObject: Bool
    /// The key that it is the value of.
    var key: Key
    var expectsKey: Bool
  }

  private(set) var cells: [Cell] = []
  /// The language of the code cells, as the notebook calls it.
  private(set) var language: String?

  private let text: UnsafeBufferPointer<UInt8>
  private var stack: [Level] = []
  private var key: Range<Int>?

  /// Reads a notebook; nil if the text holds no cells.
  static func read(_ text: UnsafeBufferPointer<UInt8>) -> NotebookReader? {
    var reader = NotebookReader(text: text)
    reader.scan()
    return reader.cells.isEmpty ? nil : reader
  }

  private init(text: UnsafeBufferPointer<UInt8>) { self.text = text }

  private mutating func scan() {
    var index = 0
    while index < text.count {
      switch text[index] {
      case UInt8(ascii: "\""):
        let end = stringEnd(index)
        take(index + 1..<max(index + 1, end - 1))
        index = end
        continue
      case UInt8(ascii: "{"): open(isObject: true)
      case UInt8(ascii: "["): open(isObject: false)
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        _ = stack.popLast()
        key = nil
      case UInt8(ascii: ","):
        if !stack.isEmpty { stack[stack.count - 1].expectsKey = stack[stack.count - 1].isObject }
      default: break
      }
      index += 1
    }
  }

  /// The offset after the closing quote; a literal ends with its line at the latest.
  private func stringEnd(_ start: Int) -> Int {
    var index = start + 1
    while index < text.count, text[index] != UInt8(ascii: "\""), text[index] != 0x0A, text[index] != 0x0D {
      index += text[index] == UInt8(ascii: "\\") && index + 1 < text.count && text[index + 1] >= 0x20 ? 2 : 1
    }
    return min(index + 1, text.count)
  }

  private mutating func open(isObject: Bool) {
    let name: Key
    switch stack.last?.isObject == true ? key.map({ string($0) }) : nil {
    case "cells" where stack.count == 1 && !isObject: name = .cells
    case "metadata" where stack.count == 1: name = .metadata
    case "source" where stack.count == 3: name = .source
    case "kernelspec" where stack.last?.key == .metadata: name = .kernelspec
    case "language_info" where stack.last?.key == .metadata: name = .languageInfo
    default: name = .other
    }
    if isObject, stack.count == 2, stack[1].key == .cells { cells.append(Cell()) }
    stack.append(Level(isObject: isObject, key: name, expectsKey: isObject))
    key = nil
  }

  private mutating func take(_ range: Range<Int>) {
    guard let level = stack.last else { return }
    if level.isObject, level.expectsKey {
      key = range
      stack[stack.count - 1].expectsKey = false
      return
    }
    let isCell = stack.count > 2 && stack[1].key == .cells
    if isCell, stack.count == 4, level.key == .source {
      cells[cells.count - 1].sources.append(range)
    } else if isCell, stack.count == 3, level.isObject, let key {
      switch string(key) {
      case "source": cells[cells.count - 1].sources = [range]
      case "cell_type":
        let kind = string(range)
        cells[cells.count - 1].kind = kind == "code" ? .code : kind == "markdown" ? .markdown : .other
      default: break
      }
    } else if let key,
      level.key == .kernelspec && string(key) == "language" && language == nil
        || level.key == .languageInfo && string(key) == "name"
    {
      language = string(range)
    }
  }

  private func string(_ range: Range<Int>) -> String {
    String(decoding: text[range].prefix(64), as: UTF8.self)
  }
}

extension NotebookReader {
  /// The sources of the cells at their lines, each line moved to the line's start.
  func readingText(of text: UnsafeBufferPointer<UInt8>) -> ReadingText {
    var bytes = ReadingText.blank(text)
    let lines = LineTable(text)
    var shifts = [Int](repeating: 0, count: lines.count)
    var outline = Outline()
    var line = -1
    var cursor = 0
    let code = codeLanguage
    for (number, cell) in cells.enumerated() {
      var first = -1
      for source in cell.sources {
        let own = lines.line(at: source.lowerBound)
        if own != line {
          line = own
          cursor = lines.starts[line]
          shifts[line] = source.lowerBound - cursor
        }
        if first < 0 { first = cursor }
        cursor = JSONText.decode(text, source, into: &bytes, at: cursor)
      }
      guard first >= 0, cursor > first else { continue }
      add(cell, number: number + 1, range: first..<cursor, of: bytes, code: code, to: &outline)
    }
    return ReadingText(bytes: bytes, outline: outline, shifts: shifts)
  }

  /// Python is what almost all notebooks are in that do not say.
  private var codeLanguage: Language? {
    guard let language else { return Language(id: "python") }
    let name = language.lowercased()
    return Language(id: name) ?? Language(id: ["c++": "cpp", "bash": "shellscript", "ir": "r"][name] ?? "")
  }

  /// Declares a cell and what stands in it.
  private func add(
    _ cell: Cell, number: Int, range: Range<Int>, of bytes: [UInt8], code: Language?, to outline: inout Outline
  ) {
    var end = range.upperBound
    while end > range.lowerBound, bytes[end - 1] <= 0x20 { end -= 1 }
    guard end > range.lowerBound else { return }
    outline.declarations.append(
      FoundDeclaration(
        kind: .block, start: range.lowerBound, keywordStart: range.lowerBound,
        name: range.lowerBound..<range.lowerBound, spelling: "cell \(number)", signatureEnd: range.lowerBound,
        bodyStart: range.lowerBound, bodyEnd: end, end: end, parent: -1, depth: 0))
    let language: Language?
    switch cell.kind {
    case .code: language = code
    case .markdown: language = Language(id: "markdown")
    case .other: language = nil
    }
    guard let language else { return }
    var part = Array(bytes[range.lowerBound..<end])
    if cell.kind == .code, !Self.removeMagics(&part) { return }
    let cellIndex = outline.declarations.count - 1
    part.withUnsafeBufferPointer { part in
      outline.append(
        StructureScanner.scan(part, lines: LineTable(part), language: language), at: range.lowerBound, in: cellIndex)
    }
  }

  /// Blanks lines that are for the notebook rather than the language; false if the whole cell is.
  private static func removeMagics(_ part: inout [UInt8]) -> Bool {
    if part.starts(with: "%%".utf8) { return false }
    var index = 0
    while index < part.count {
      let end = part[index...].firstIndex(of: 0x0A) ?? part.count
      if part[index] == UInt8(ascii: "%") || part[index] == UInt8(ascii: "!") {
        for place in index..<end where part[place] != 0x0D { part[place] = 0x20 }
      }
      index = end + 1
    }
    return true
  }
}

/// The contents of JSON string literals.
enum JSONText {
  /// Writes a literal without its escapes, control characters as spaces, and returns where it ends. It is never longer
  /// than the literal.
  static func decode(
    _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, into bytes: inout [UInt8], at start: Int
  ) -> Int {
    var output = start
    func put(_ byte: UInt8) {
      bytes[output] = byte < 0x20 ? 0x20 : byte
      output += 1
    }
    var index = range.lowerBound
    while index < range.upperBound {
      guard text[index] == UInt8(ascii: "\\"), index + 1 < range.upperBound else {
        put(text[index])
        index += 1
        continue
      }
      let escaped = text[index + 1]
      index += 2
      switch escaped {
      case UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"), UInt8(ascii: "b"), UInt8(ascii: "f"): put(0x20)
      case UInt8(ascii: "u"):
        guard var value = unit(text, index, range.upperBound) else { continue }
        index += 4
        if value & 0xFC00 == 0xD800, index + 6 <= range.upperBound, text[index] == UInt8(ascii: "\\"),
          text[index + 1] == UInt8(ascii: "u"), let low = unit(text, index + 2, range.upperBound),
          low & 0xFC00 == 0xDC00
        {
          value = 0x10000 + (value & 0x3FF) << 10 + (low & 0x3FF)
          index += 6
        }
        let scalar = Unicode.Scalar(value) ?? "\u{FFFD}"
        for byte in String(Character(scalar)).utf8 { put(byte) }
      default: put(escaped)
      }
    }
    return output
  }

  private static func unit(_ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> UInt32? {
    guard start + 4 <= end else { return nil }
    return UInt32(String(decoding: text[start..<start + 4], as: UTF8.self), radix: 16)
  }
}

/// Data and build files: JSON, notebooks, YAML, TOML, INI, makefiles, Dockerfiles.
extension DocumentParser {
  /// Keys deeper than this are not worth a name of their own.
  private static let keyDepth = 3

  /// Keys of JSON objects whose values stand on several lines, and all keys of the outermost object; or the cells of
  /// a notebook.
  mutating func json(cells: Bool) {
    struct Level {
      var isObject: Bool
      var declaration: Int
    }
    var stack: [Level] = []
    var key: Range<Int>?
    var pendingKey: Range<Int>?
    var inCells = false
    var cellCount = 0
    var position = 0
    var lastEnd = 0
    let count = text.count
    // Declarations open in the order of the stack: the innermost is last.
    var open: [Int] = []

    func declare(_ kind: SymbolKind, name: Range<Int>, at start: Int, spelling: String? = nil) -> Int {
      outline.declarations.append(
        FoundDeclaration(
          kind: kind, start: start, keywordStart: start, name: name, spelling: spelling, signatureEnd: name.upperBound,
          bodyStart: name.upperBound, end: name.upperBound, parent: open.last ?? -1, depth: open.count))
      return outline.declarations.count - 1
    }
    func close(_ index: Int, _ end: Int) {
      outline.declarations[index].end = end
      outline.declarations[index].bodyEnd = end
    }

    while position < count {
      let byte = base[position]
      switch byte {
      case UInt8(ascii: "\""):
        let start = position
        position += 1
        while position < count, base[position] != UInt8(ascii: "\""), base[position] != 0x0A {
          position += base[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        position = min(position + 1, count)
        key = start..<position
        lastEnd = position
        continue
      case UInt8(ascii: "/") where position + 1 < count && base[position + 1] == byte:
        while position < count, base[position] != 0x0A { position += 1 }
        continue
      case UInt8(ascii: ":"):
        if let name = key, stack.last?.isObject == true {
          pendingKey = name
          if !cells, stack.count == 1 {
            let inner = name.lowerBound + 1..<max(name.lowerBound + 1, name.upperBound - 1)
            _ = declare(.key, name: inner, at: name.lowerBound)
          }
        }
        key = nil
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        let isObject = byte == UInt8(ascii: "{")
        var declaration = -1
        if let name = pendingKey {
          let inner = name.lowerBound + 1..<max(name.lowerBound + 1, name.upperBound - 1)
          if cells {
            if stack.count == 1 { inCells = String(decoding: text[inner], as: UTF8.self) == "cells" }
          } else if stack.count == 1 {
            declaration = outline.declarations.count - 1
          } else if stack.count <= DocumentParser.keyDepth, stack.count == open.count + 1 {
            declaration = declare(.key, name: inner, at: name.lowerBound)
          }
        } else if cells, inCells, stack.count == 2, isObject {
          cellCount += 1
          declaration = declare(.block, name: position..<position + 1, at: position, spelling: "cell \(cellCount)")
        }
        if declaration >= 0 { open.append(declaration) }
        // Depth past what is named needs no memory of its own beyond a frame.
        stack.append(Level(isObject: isObject, declaration: declaration))
        pendingKey = nil
        key = nil
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if let level = stack.popLast() {
          if level.declaration >= 0 {
            close(level.declaration, position + 1)
            open.removeLast()
          } else if stack.isEmpty, !cells, outline.declarations.last?.depth == 0, lastEnd > 0 {
            closeScalar(lastEnd)
          }
          if stack.count == 1 { inCells = false }
        }
        lastEnd = position + 1
        key = nil
        pendingKey = nil
      case UInt8(ascii: ","):
        if stack.count == 1, !cells { closeScalar(lastEnd) }
        key = nil
        pendingKey = nil
      case 0x00...0x20: break
      default: lastEnd = position + 1
      }
      position += 1
    }
    for index in open { close(index, lastEnd) }
  }

  /// The last key's value was a scalar that ends here.
  private mutating func closeScalar(_ end: Int) {
    guard let last = outline.declarations.indices.last, outline.declarations[last].depth == 0 else { return }
    outline.declarations[last].end = max(outline.declarations[last].end, end)
    if outline.declarations[last].bodyEnd < 0 { outline.declarations[last].bodyEnd = outline.declarations[last].end }
  }

  /// Keys at the margin, and nested keys whose values are mappings or lists.
  func yamlKeys() -> [Mark] {
    var marks: [Mark] = []
    var columns: [Int] = []
    var scalarColumn = -1
    for line in 0..<lines.count where !lines.isBlank(line) {
      let range = content(line)
      let column = lines.indentation(line)
      if scalarColumn >= 0 {
        if column > scalarColumn { continue }
        scalarColumn = -1
      }
      let lead = first(line)
      if lead == UInt8(ascii: "#") || lead == UInt8(ascii: "-") && column == 0 && range.count == 3 { continue }
      while let last = columns.last, last >= column { columns.removeLast() }
      let last = base[range.upperBound - 1]
      let previous = range.count > 1 ? base[range.upperBound - 2] : 0
      if last == UInt8(ascii: "|") || last == UInt8(ascii: ">") || previous == UInt8(ascii: "|")
        || previous == UInt8(ascii: ">")
      {
        scalarColumn = column
      }
      guard lead != UInt8(ascii: "-"), lead != UInt8(ascii: "{"), lead != UInt8(ascii: "["),
        let colon = yamlColon(range), column == 0 || colon == range.upperBound - 1,
        columns.count < DocumentParser.keyDepth
      else { continue }
      marks.append(
        Mark(
          line: line, level: columns.count, name: trim(range.lowerBound..<colon, [0x20, 0x22, 0x27]), kind: .key))
      columns.append(column)
    }
    return marks
  }

  /// The colon after a key: outside quotes, before a blank or the end of the line.
  private func yamlColon(_ range: Range<Int>) -> Int? {
    var quote: UInt8 = 0
    for offset in range.prefix(200) {
      let byte = base[offset]
      if quote != 0 {
        if byte == quote { quote = 0 }
      } else if byte == 0x22 || byte == 0x27 {
        quote = byte
      } else if byte == UInt8(ascii: ":"), offset + 1 == range.upperBound || base[offset + 1] == 0x20 {
        return offset
      } else if byte == UInt8(ascii: "#") {
        return nil
      }
    }
    return nil
  }

  /// `[section]` and `[[section]]` of TOML and INI, with keys only above the first section.
  func sections() -> [Mark] {
    var marks: [Mark] = []
    var inString = false
    var sawSection = false
    for line in 0..<lines.count where !lines.isBlank(line) {
      let range = content(line)
      if tripleQuotes(range) % 2 == 1 {
        inString.toggle()
        continue
      }
      if inString { continue }
      if first(line) == UInt8(ascii: "["), lines.indentation(line) < 4 {
        let name = trim(
          range.lowerBound..<(text[range].firstIndex(of: UInt8(ascii: "]")) ?? range.upperBound), [0x5B, 0x20, 0x22])
        guard !name.isEmpty, !name.contains(where: { base[$0] == UInt8(ascii: ",") }) else { continue }
        sawSection = true
        marks.append(Mark(line: line, level: 0, name: name, kind: .key))
      } else if !sawSection, lines.indentation(line) == 0, let equals = text[range].firstIndex(of: UInt8(ascii: "=")),
        first(line) != UInt8(ascii: "#"), first(line) != UInt8(ascii: ";")
      {
        marks.append(Mark(line: line, level: 0, name: trim(range.lowerBound..<equals, [0x20, 0x22]), kind: .key))
      }
    }
    return marks
  }

  private func tripleQuotes(_ range: Range<Int>) -> Int {
    var found = 0
    var cursor = range.lowerBound
    while cursor + 2 < range.upperBound {
      let byte = base[cursor]
      if byte == 0x22 || byte == 0x27, base[cursor + 1] == byte, base[cursor + 2] == byte {
        found += 1
        cursor += 3
      } else {
        cursor += 1
      }
    }
    return found
  }

  /// Rules, definitions and variables of a makefile. Comments directly above a rule belong to it.
  mutating func rules() -> [Mark] {
    var marks: [Mark] = []
    var joined = false
    var inDefinition = false
    for line in 0..<lines.count where !lines.isBlank(line) {
      let range = content(line)
      let continues = base[range.upperBound - 1] == UInt8(ascii: "\\")
      defer { joined = continues }
      if joined || base[lines.starts[line]] == 0x09 { continue }
      if first(line) == UInt8(ascii: "#") {
        outline.comments.append(range)
        continue
      }
      if inDefinition {
        if text[range].starts(with: "endef".utf8) { inDefinition = false }
        continue
      }
      if text[range].starts(with: "define ".utf8) {
        inDefinition = true
        marks.append(
          Mark(line: line, level: 0, name: trim(range.lowerBound + 7..<range.upperBound, [0x20, 0x3D]), kind: .macro))
        continue
      }
      guard
        let stop = range.prefix(300).first(where: { base[$0] == UInt8(ascii: ":") || base[$0] == UInt8(ascii: "=") })
      else { continue }
      let isVariable =
        base[stop] == UInt8(ascii: "=")
        || stop + 1 < range.upperBound && base[stop + 1] == UInt8(ascii: "=")
        || stop + 2 < range.upperBound && base[stop + 1] == UInt8(ascii: ":") && base[stop + 2] == UInt8(ascii: "=")
      let name = trim(range.lowerBound..<stop, [0x20, 0x09, UInt8(ascii: "?"), UInt8(ascii: "+"), UInt8(ascii: "!")])
      guard !name.isEmpty, lines.indentation(line) == 0 else { continue }
      marks.append(Mark(line: line, level: 0, name: name, kind: isVariable ? .variable : .block))
    }
    // A variable is its line and the lines joined to it.
    for index in marks.indices where marks[index].kind == .variable {
      var end = marks[index].line
      while end < lines.count, !lines.isBlank(end), base[lines.contentEnds[end] - 1] == UInt8(ascii: "\\") { end += 1 }
      marks[index].limit = min(end + 1, lines.count)
    }
    return trimComments(marks)
  }

  /// A rule ends before the comments that stand above the next.
  private func trimComments(_ marks: [Mark]) -> [Mark] {
    var result = marks
    for index in result.indices.dropLast() where result[index].limit == nil {
      var end = result[index + 1].line
      while end - 1 > result[index].line, lines.isBlank(end - 1) || first(end - 1) == UInt8(ascii: "#") { end -= 1 }
      result[index].limit = end
    }
    return result
  }

  /// The stages of a Dockerfile, by name or image.
  func stages() -> [Mark] {
    var marks: [Mark] = []
    for line in 0..<lines.count where !lines.isBlank(line) {
      let range = content(line)
      guard range.count > 5, String(decoding: text[range.prefix(5)], as: UTF8.self).lowercased() == "from " else {
        continue
      }
      let words = text[range].split(whereSeparator: { $0 == 0x20 || $0 == 0x09 })
      var name = words.dropFirst().first { $0.first != UInt8(ascii: "-") }
      if words.count > 3, String(decoding: words[words.count - 2], as: UTF8.self).lowercased() == "as" {
        name = words[words.count - 1]
      }
      guard let name else { continue }
      marks.append(Mark(line: line, level: 0, name: name.startIndex..<name.endIndex, kind: .block))
    }
    return marks
  }
}

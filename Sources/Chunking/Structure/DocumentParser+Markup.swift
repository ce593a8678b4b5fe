/// XML, and components that hold markup, script and style (Vue, Svelte).
extension DocumentParser {
  /// Elements deeper than this are part of the one that encloses them.
  private static let elementDepth = 3

  /// Elements that span several lines, by the value of an attribute that names them or by their tags.
  mutating func elements() {
    var open: [Int] = []
    var declared: [Int] = []
    var index = 0
    while let start = next(UInt8(ascii: "<"), from: index), start + 1 < text.count {
      if let end = passed(start) {
        index = end
        continue
      }
      let isClosing = base[start + 1] == UInt8(ascii: "/")
      let tag = tagName(start + (isClosing ? 2 : 1))
      guard !tag.isEmpty else {
        index = start + 1
        continue
      }
      let end = tagEnd(tag.upperBound)
      index = end
      if isClosing {
        guard let last = open.popLast(), last >= 0 else { continue }
        close(last, end)
        declared.removeLast()
      } else if base[end - 1] == UInt8(ascii: ">"), base[end - 2] != UInt8(ascii: "/") {
        // Whether it spans lines is known when it ends; it then keeps its place or goes.
        if open.count < Self.elementDepth, declared.count == open.count {
          outline.declarations.append(
            FoundDeclaration(
              kind: .key, start: start, keywordStart: start, name: naming(tag, to: end), signatureEnd: end,
              bodyStart: end, end: end, parent: declared.last ?? -1, depth: declared.count))
          open.append(outline.declarations.count - 1)
          declared.append(outline.declarations.count - 1)
        } else {
          open.append(-1)
        }
      }
    }
    for last in declared { close(last, text.count) }
    dropSingleLines()
  }

  private mutating func close(_ index: Int, _ end: Int) {
    outline.declarations[index].end = end
    outline.declarations[index].bodyEnd = end
  }

  /// Removes elements that stand on one line, which hold no other.
  private mutating func dropSingleLines() {
    var kept: [FoundDeclaration] = []
    var places: [Int] = []
    for var found in outline.declarations {
      let isKept = lines.line(at: found.start) < lines.line(at: max(found.start, found.end - 1))
      let parent = found.parent >= 0 ? places[found.parent] : -1
      places.append(isKept && (found.parent < 0 || parent >= 0) ? kept.count : -1)
      guard places[places.count - 1] >= 0 else { continue }
      found.parent = parent
      kept.append(found)
    }
    outline.declarations = kept
  }

  /// Past a comment, a CDATA section or a declaration at `start`; nil if an element's tag stands there.
  private func passed(_ start: Int) -> Int? {
    switch base[start + 1] {
    case UInt8(ascii: "!"):
      for (opening, closing) in [("<!--", "-->"), ("<![CDATA[", "]]>")]
      where text[start...].starts(with: opening.utf8) {
        var index = start + opening.utf8.count
        while let end = next(UInt8(ascii: ">"), from: index) {
          if end >= 2, base[end - 1] == base[end - 2], base[end - 1] == closing.utf8.first { return end + 1 }
          index = end + 1
        }
        return text.count
      }
      return next(UInt8(ascii: ">"), from: start).map { $0 + 1 } ?? text.count
    case UInt8(ascii: "?"): return next(UInt8(ascii: ">"), from: start).map { $0 + 1 } ?? text.count
    default: return nil
    }
  }

  private func next(_ byte: UInt8, from start: Int) -> Int? {
    var index = start
    while index < text.count {
      if base[index] == byte { return index }
      index += 1
    }
    return nil
  }

  private func tagName(_ start: Int) -> Range<Int> {
    var end = start
    while end < text.count, base[end] > 0x20, !"/>=\"'<".utf8.contains(base[end]) { end += 1 }
    return start..<end
  }

  /// The offset after the `>` that ends a tag; quotes may hold others.
  private func tagEnd(_ start: Int) -> Int {
    var index = start
    var quote: UInt8 = 0
    while index < text.count {
      let byte = base[index]
      index += 1
      if quote != 0 {
        if byte == quote { quote = 0 }
      } else if byte == 0x22 || byte == 0x27 {
        quote = byte
      } else if byte == UInt8(ascii: ">") {
        break
      }
    }
    return index
  }

  /// The value of `name`, `id` or `key`, or the tag.
  private func naming(_ tag: Range<Int>, to end: Int) -> Range<Int> {
    var index = tag.upperBound
    while index < end {
      guard let equals = text[index..<end].firstIndex(of: UInt8(ascii: "=")), equals + 1 < end else { break }
      var start = equals
      while start > tag.upperBound, base[start - 1] > 0x20, base[start - 1] != UInt8(ascii: ":") { start -= 1 }
      let quote = base[equals + 1]
      guard quote == 0x22 || quote == 0x27,
        let close = text[(equals + 2)..<max(equals + 2, end)].firstIndex(of: quote)
      else { break }
      let name = text[start..<equals]
      if close > equals + 2, ["name", "id", "key"].contains(where: { name.elementsEqual($0.utf8) }) {
        return equals + 2..<close
      }
      index = close + 1
    }
    return tag
  }

  /// `<template>`, `<script>` and `<style>` at the margin, and what the script declares.
  mutating func component() {
    var line = 0
    while line < lines.count {
      let range = content(line)
      guard first(line) == UInt8(ascii: "<"), lines.indentation(line) == 0, range.count > 2 else {
        line += 1
        continue
      }
      let tag = tagName(range.lowerBound + 1)
      let name = String(decoding: text[tag], as: UTF8.self)
      guard ["template", "script", "style"].contains(name) else {
        line += 1
        continue
      }
      var last = line
      let closing = Array("</\(name)".utf8)
      while last < lines.count - 1, !text[content(last)].starts(with: closing) || lines.indentation(last) > 0 {
        if last == line, text[range].suffix(closing.count + 1).starts(with: closing) { break }
        last += 1
      }
      let head = tagEnd(tag.upperBound)
      let end = max(head, lines.contentEnds[last])
      outline.declarations.append(
        FoundDeclaration(
          kind: .block, start: range.lowerBound, keywordStart: range.lowerBound, name: tag, signatureEnd: head,
          bodyStart: head, bodyEnd: end, end: end, parent: -1, depth: 0))
      if name != "template", last > line {
        scan(head..<max(head, lines.starts[last]), tag: text[tag.lowerBound..<head])
      }
      line = max(last, lines.line(at: max(0, head - 1))) + 1
    }
  }

  private mutating func scan(_ range: Range<Int>, tag: Slice<UnsafeBufferPointer<UInt8>>) {
    let opening = String(decoding: tag, as: UTF8.self)
    let id: String
    if opening.hasPrefix("script") {
      id = opening.contains("ts\"") || opening.contains("typescript") ? "typescript" : "javascript"
    } else {
      id = opening.contains("scss") ? "scss" : opening.contains("less") ? "less" : "css"
    }
    guard let language = Language(id: id) else { return }
    let part = UnsafeBufferPointer(rebasing: text[range])
    let found = StructureScanner.scan(part, lines: LineTable(part), language: language)
    outline.append(found, at: range.lowerBound, in: outline.declarations.count - 1)
  }
}

extension LanguageRow {
  /// The document format, for documents and data.
  var documentStyle: DocumentStyle? {
    if case .document(let style) = structure { style } else { nil }
  }
}

extension DocumentStyle {
  /// The part of a text that is worth indexing: of tables and logs, whose lines are all alike, the beginning.
  func bounded(_ text: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    let limit: Int
    switch self {
    case .table: limit = 200
    case .log: limit = 400
    default: return text
    }
    var left = limit
    var index = 0
    while index < text.count {
      if text[index] == 0x0A || text[index] == 0x0D && !(index + 1 < text.count && text[index + 1] == 0x0A) {
        left -= 1
        if left == 0 { return UnsafeBufferPointer(rebasing: text[...index]) }
      }
      index += 1
    }
    return text
  }

  /// Lines that are read together: fenced code and tables.
  func wholeRuns(_ text: UnsafeBufferPointer<UInt8>, _ lines: LineTable) -> [Range<Int>] {
    guard self == .markdown || self == .asciidoc else { return [] }
    var runs: [Range<Int>] = []
    var start: Int?
    var opening: (byte: UInt8, length: Int) = (0, 0)
    for line in 0..<lines.count {
      let content = text[lines.contentStarts[line]..<max(lines.contentStarts[line], lines.contentEnds[line])]
      let lead = content.first ?? 0
      let length = content.prefix { $0 == lead }.count
      let isFence: Bool
      if self == .markdown {
        isFence = (lead == UInt8(ascii: "`") || lead == UInt8(ascii: "~")) && length >= 3
      } else {
        isFence = length >= 4 && length == content.count && "-.=*_+".utf8.contains(lead)
      }
      if let first = start, opening.byte != UInt8(ascii: "|") {
        if isFence, lead == opening.byte, length >= opening.length, length == content.count {
          runs.append(first..<line + 1)
          start = nil
        }
      } else if isFence {
        if let first = start { runs.append(first..<line) }
        start = line
        opening = (lead, length)
      } else if lead == UInt8(ascii: "|") {
        if start == nil {
          start = line
          opening = (lead, 1)
        }
      } else if let first = start {
        runs.append(first..<line)
        start = nil
      }
    }
    return runs
  }
}

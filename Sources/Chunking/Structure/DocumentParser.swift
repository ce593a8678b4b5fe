/// Which document or data format.
enum DocumentStyle: Sendable {
  case markdown, restructuredText, asciidoc, html
  case json, yaml, toml, notebook
  case makefile, dockerfile
  case xml, component, table, log
}

/// Finds sections, keys, cells and rules in documents and data, line by line.
struct DocumentParser {
  let text: UnsafeBufferPointer<UInt8>
  let base: UnsafePointer<UInt8>
  let lines: LineTable
  var outline = Outline()

  init(text: UnsafeBufferPointer<UInt8>, base: UnsafePointer<UInt8>, lines: LineTable) {
    self.text = text
    self.base = base
    self.lines = lines
  }

  mutating func parse(_ style: DocumentStyle) -> Outline {
    switch style {
    case .markdown: nest(markdownHeadings())
    case .restructuredText: nest(underlinedHeadings())
    case .asciidoc: nest(asciidocHeadings())
    case .html: nest(htmlHeadings())
    case .json: json(cells: false)
    case .notebook: json(cells: true)
    case .yaml: nest(yamlKeys())
    case .toml: nest(sections())
    case .makefile: nest(rules())
    case .dockerfile: nest(stages())
    case .xml: elements()
    case .component: component()
    case .table, .log: break
    }
    return outline
  }

  /// Something that reaches to the next one of its level or a lower.
  struct Mark {
    var line: Int
    var level: Int
    var name: Range<Int>
    var kind: SymbolKind = .heading
    /// The line it begins on where that is not `line`: an overline.
    var firstLine: Int?
    /// The last line of what introduces it: an underline.
    var headEnd: Int?
    /// Where it ends at the latest.
    var limit: Int?
  }

  /// Turns marks into declarations, each reaching to the next of its level or a lower one.
  mutating func nest(_ marks: [Mark]) {
    var open: [(index: Int, level: Int, limit: Int)] = []
    func end(before line: Int) -> Int {
      var last = line
      while last > 0, lines.isBlank(last - 1) { last -= 1 }
      return last > 0 ? lines.contentEnds[last - 1] : 0
    }
    for mark in marks {
      let first = mark.firstLine ?? mark.line
      while let last = open.last, last.level >= mark.level || open.count >= Outline.maxDepth {
        close(last.index, at: end(before: min(first, last.limit)))
        open.removeLast()
      }
      let signatureEnd = lines.contentEnds[mark.headEnd ?? mark.line]
      outline.declarations.append(
        FoundDeclaration(
          kind: mark.kind, start: lines.contentStarts[first], keywordStart: lines.contentStarts[mark.line],
          name: mark.name, signatureEnd: signatureEnd, bodyStart: signatureEnd, end: signatureEnd,
          parent: open.last?.index ?? -1, depth: open.count))
      open.append((outline.declarations.count - 1, mark.level, mark.limit ?? lines.count))
    }
    while let last = open.popLast() { close(last.index, at: end(before: last.limit)) }
  }

  private mutating func close(_ index: Int, at end: Int) {
    let end = max(end, outline.declarations[index].signatureEnd)
    outline.declarations[index].end = end
    outline.declarations[index].bodyEnd = end
  }

  // MARK: - Lines

  /// The content of a line, without indentation and trailing blanks.
  func content(_ line: Int) -> Range<Int> {
    lines.contentStarts[line]..<max(lines.contentStarts[line], lines.contentEnds[line])
  }

  func first(_ line: Int) -> UInt8 {
    lines.isBlank(line) ? 0 : base[lines.contentStarts[line]]
  }

  func run(of byte: UInt8, at offset: Int, to end: Int) -> Int {
    var cursor = offset
    while cursor < end, base[cursor] == byte { cursor += 1 }
    return cursor - offset
  }

  func trim(_ range: Range<Int>, _ bytes: [UInt8]) -> Range<Int> {
    var low = range.lowerBound
    var high = range.upperBound
    while low < high, bytes.contains(base[low]) { low += 1 }
    while low < high, bytes.contains(base[high - 1]) { high -= 1 }
    return low..<high
  }
}

/// Turns what a parser found in bytes into declarations with lines, names and doc comments.
struct DeclarationResolver {
  let text: UnsafeBufferPointer<UInt8>
  let lines: LineTable

  /// Names longer than this are cut: they are selectors, headings or keys.
  static let nameLimit = 200

  func resolve(_ outline: Outline) -> [Declaration] {
    guard !outline.declarations.isEmpty else { return [] }
    let commentLines = self.commentLines(outline.comments)
    var result: [Declaration] = []
    result.reserveCapacity(outline.declarations.count)
    for found in outline.declarations {
      let name = found.spelling ?? string(found.name)
      var local = name
      if let qualifier = found.qualifier { local = path(of: string(qualifier)) + "." + name }
      if found.kind.isType || found.kind == .module { local = local.replacing("::", with: ".") }
      let symbolPath = found.parent >= 0 ? result[found.parent].symbolPath + "." + local : local
      var firstLine = lines.line(at: found.start)
      let startLine = lines.line(at: found.keywordStart)
      var start = found.start
      var doc = found.docstring
      if lines.contentStarts[firstLine] >= found.start {
        let floor = found.parent >= 0 ? result[found.parent].startLine + 1 : 0
        let indentation = lines.indentation(firstLine)
        var line = firstLine
        while line > floor, commentLines[line - 1],
          !outline.docsShareIndentation || lines.indentation(line - 1) == indentation
        {
          line -= 1
        }
        if line < firstLine {
          if doc == nil { doc = lines.contentStarts[line]..<lines.contentEnds[firstLine - 1] }
          start = lines.contentStarts[line]
          firstLine = line
        }
      }
      let end = max(found.end, found.signatureEnd, found.keywordStart)
      let lastLine = lines.line(at: max(start, end - 1))
      let signatureStart = found.signatureStart >= 0 ? found.signatureStart : found.keywordStart
      let signatureEnd = trimmedEnd(signatureStart, found.signatureEnd)
      result.append(
        Declaration(
          name: name, symbolPath: symbolPath, kind: found.kind, depth: found.depth, byteRange: start..<end,
          nameRange: found.name, signatureRange: signatureStart..<signatureEnd,
          bodyRange: found.bodyStart >= 0 && found.bodyEnd >= found.bodyStart ? found.bodyStart..<found.bodyEnd : nil,
          docRange: doc, lines: firstLine..<lastLine + 1, startLine: startLine))
    }
    return result
  }

  /// A qualifier as part of a path: `A<T>::B` is `A.B`.
  private func path(of qualifier: String) -> String {
    var result = ""
    var level = 0
    for character in qualifier.replacing("::", with: ".") {
      if character == "<" {
        level += 1
      } else if character == ">" {
        level -= 1
      } else if level <= 0 {
        result.append(character)
      }
    }
    return result.isEmpty ? qualifier : result
  }

  private func string(_ range: Range<Int>) -> String {
    String(decoding: text[range.clamped(to: 0..<text.count)].prefix(DeclarationResolver.nameLimit), as: UTF8.self)
  }

  private func trimmedEnd(_ start: Int, _ end: Int) -> Int {
    var last = max(start, end)
    while last > start, text[last - 1] <= 0x20 { last -= 1 }
    return last
  }

  /// For each line, whether it holds a comment and nothing else.
  private func commentLines(_ comments: [Range<Int>]) -> [Bool] {
    var result = [Bool](repeating: false, count: lines.count)
    var line = 0
    for comment in comments {
      while line < lines.count, lines.starts[line + 1] <= comment.lowerBound { line += 1 }
      var current = line
      while current < lines.count, lines.starts[current] < comment.upperBound {
        if !lines.isBlank(current), lines.contentStarts[current] >= comment.lowerBound,
          lines.contentEnds[current] <= comment.upperBound
        {
          result[current] = true
        } else if lines.isBlank(current), lines.starts[current] > comment.lowerBound {
          // A blank line inside a block comment belongs to it.
          result[current] = true
        }
        current += 1
      }
      line = max(line, current - 1)
    }
    return result
  }
}

/// Documents: Markdown, reStructuredText, AsciiDoc, HTML.
extension DocumentParser {
  func markdownHeadings() -> [Mark] {
    var marks: [Mark] = []
    var fence: (byte: UInt8, length: Int)?
    var line = 0
    if lines.count > 0, isFrontMatter(0) {
      line = 1
      while line < lines.count, !isFrontMatter(line) { line += 1 }
    }
    while line < lines.count {
      let range = content(line)
      let lead = first(line)
      if lead == UInt8(ascii: "`") || lead == UInt8(ascii: "~") {
        let length = run(of: lead, at: range.lowerBound, to: range.upperBound)
        if let open = fence {
          if lead == open.byte, length >= open.length, length == range.count { fence = nil }
        } else if length >= 3 {
          fence = (lead, length)
        }
      } else if fence == nil, lead == UInt8(ascii: "#"), lines.indentation(line) < 4 {
        let level = run(of: lead, at: range.lowerBound, to: range.upperBound)
        let after = range.lowerBound + level
        if level <= 6, after == range.upperBound || base[after] == 0x20 || base[after] == 0x09 {
          marks.append(Mark(line: line, level: level, name: trim(after..<range.upperBound, [0x20, 0x09, lead])))
        }
      } else if fence == nil, line > 0, lead == UInt8(ascii: "=") || lead == UInt8(ascii: "-"),
        run(of: lead, at: range.lowerBound, to: range.upperBound) == range.count, !lines.isBlank(line - 1),
        marks.last?.line != line - 1, isParagraph(line - 1)
      {
        let level = lead == UInt8(ascii: "=") ? 1 : 2
        marks.append(Mark(line: line - 1, level: level, name: content(line - 1), headEnd: line))
      }
      line += 1
    }
    return marks
  }

  private func isFrontMatter(_ line: Int) -> Bool {
    let range = content(line)
    return range.count == 3 && run(of: UInt8(ascii: "-"), at: range.lowerBound, to: range.upperBound) == 3
  }

  /// Whether a line may be a heading that is underlined: the only line of a paragraph, no list, no quote, no table.
  private func isParagraph(_ line: Int) -> Bool {
    switch first(line) {
    case UInt8(ascii: "-"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: ">"), UInt8(ascii: "|"),
      UInt8(ascii: "#"), UInt8(ascii: "<"):
      return false
    default: return line == 0 || lines.isBlank(line - 1)
    }
  }

  /// reStructuredText: the order in which underlines appear says which is above which.
  func underlinedHeadings() -> [Mark] {
    var marks: [Mark] = []
    var levels: [Int] = []
    var line = 1
    while line < lines.count {
      let range = content(line)
      let lead = first(line)
      let above = content(line - 1)
      if isAdornment(lead), lines.indentation(line) == 0, range.count >= 3,
        run(of: lead, at: range.lowerBound, to: range.upperBound) == range.count, !lines.isBlank(line - 1),
        above.count <= range.count + 2 || above.count <= 2 * range.count && range.count > 8,
        !(isAdornment(first(line - 1))
          && run(of: first(line - 1), at: above.lowerBound, to: above.upperBound) == above.count)
      {
        let overlined =
          line > 1 && first(line - 2) == lead
          && run(of: lead, at: content(line - 2).lowerBound, to: content(line - 2).upperBound)
            == content(line - 2).count
          && content(line - 2).count >= 3
        guard overlined || lines.indentation(line - 1) == 0 else {
          line += 1
          continue
        }
        let style = Int(lead) + (overlined ? 256 : 0)
        let level = levels.firstIndex(of: style) ?? levels.count
        if level == levels.count { levels.append(style) }
        marks.append(
          Mark(line: line - 1, level: level, name: above, firstLine: overlined ? line - 2 : nil, headEnd: line))
      }
      line += 1
    }
    return marks
  }

  private func isAdornment(_ byte: UInt8) -> Bool {
    byte > 0x20 && byte < 0x7F
      && !(byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
        || byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z")
        || byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z"))
  }

  func asciidocHeadings() -> [Mark] {
    var marks: [Mark] = []
    var block: UInt8 = 0
    for line in 0..<lines.count {
      let range = content(line)
      let lead = first(line)
      if lead == UInt8(ascii: "-") || lead == UInt8(ascii: ".") || lead == UInt8(ascii: "="), range.count >= 4,
        run(of: lead, at: range.lowerBound, to: range.upperBound) == range.count
      {
        if block == 0 { block = lead } else if block == lead { block = 0 }
      } else if block == 0, lead == UInt8(ascii: "="), lines.indentation(line) == 0 {
        let level = run(of: lead, at: range.lowerBound, to: range.upperBound)
        let after = range.lowerBound + level
        if level <= 6, after < range.upperBound, base[after] == 0x20 {
          marks.append(Mark(line: line, level: level, name: trim(after..<range.upperBound, [0x20, lead])))
        }
      }
    }
    return marks
  }

  /// `<h1>` to `<h6>` where they are the first of their line.
  func htmlHeadings() -> [Mark] {
    var marks: [Mark] = []
    for line in 0..<lines.count {
      let range = content(line)
      guard first(line) == UInt8(ascii: "<"), range.count > 4, base[range.lowerBound + 1] | 0x20 == UInt8(ascii: "h"),
        base[range.lowerBound + 2] >= UInt8(ascii: "1"), base[range.lowerBound + 2] <= UInt8(ascii: "6")
      else { continue }
      let after = base[range.lowerBound + 3]
      guard after == UInt8(ascii: ">") || after == 0x20 else { continue }
      var start = range.lowerBound + 3
      while start < range.upperBound, base[start] != UInt8(ascii: ">") { start += 1 }
      start = min(start + 1, range.upperBound)
      // The text up to the next tag; tags in front of it are passed over.
      while start < range.upperBound, base[start] == UInt8(ascii: "<") {
        while start < range.upperBound, base[start] != UInt8(ascii: ">") { start += 1 }
        start = min(start + 1, range.upperBound)
      }
      var end = start
      while end < range.upperBound, base[end] != UInt8(ascii: "<") { end += 1 }
      marks.append(
        Mark(line: line, level: Int(base[range.lowerBound + 2] - UInt8(ascii: "0")), name: trim(start..<end, [0x20])))
    }
    return marks
  }
}

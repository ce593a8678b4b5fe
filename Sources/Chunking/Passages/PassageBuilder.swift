/// Cuts a file into passages along its declarations.
///
/// Walks the tree of declarations with a stack of its own. In every region (the file, or a declaration too large for
/// one passage) what stands between the nested declarations, and nested declarations that are small, gather up to
/// the target; a nested declaration that fits the limit is a passage; one that does not is a region in its turn.
struct PassageBuilder {
  let text: UnsafeBufferPointer<UInt8>
  let lines: LineTable
  let declarations: [Declaration]
  let target: Int
  let limit: Int
  /// Runs of lines, in order, that stay together where that does not exceed the limit: fenced code, tables.
  var whole: [Range<Int>] = []
  private var passages: [Passage] = []
  /// For each declaration, the index after its last descendant.
  private var subtreeEnds: [Int] = []
  private var parents: [Int] = []
  /// The next declaration whose start no passage holds yet.
  private var nextName = 0
  /// The signatures that passages have asked for: a long declaration heads many of them.
  private var signatures: [String?] = []

  /// A declaration with a body of at least this share of the target stands alone.
  private var standalone: Int { target / 3 }

  private struct Region {
    /// The declaration, or -1 for the file.
    var declaration: Int
    /// The next child to look at, and the index after the last.
    var child: Int
    var childrenEnd: Int
    /// The lines not yet in a passage or in the group.
    var line: Int
    var lineEnd: Int
  }

  /// What has gathered for the next passage.
  private struct Group {
    var lines: Range<Int>
    /// The one declaration in it, -2 for several, -1 for none.
    var declaration: Int
  }

  init(text: UnsafeBufferPointer<UInt8>, lines: LineTable, declarations: [Declaration], target: Int, limit: Int) {
    self.text = text
    self.lines = lines
    self.declarations = declarations
    self.target = target
    self.limit = limit
  }

  mutating func build() -> [Passage] {
    linkTree()
    var stack = [Region(declaration: -1, child: 0, childrenEnd: declarations.count, line: 0, lineEnd: lines.count)]
    var group: Group?
    while var region = stack.popLast() {
      if region.child < region.childrenEnd {
        let child = region.child
        region.child = subtreeEnds[child]
        let start = max(declarations[child].lines.lowerBound, region.line)
        let end = min(declarations[child].lines.upperBound, region.lineEnd)
        guard start < end else {
          stack.append(region)
          continue
        }
        gap(region.line..<start, in: region.declaration, group: &group)
        region.line = end
        stack.append(region)
        let size = lines.characters(start..<end)
        if size > limit {
          // What gathered just above a large declaration stays apart from it.
          flush(&group, in: region.declaration)
          stack.append(
            Region(declaration: child, child: child + 1, childrenEnd: subtreeEnds[child], line: start, lineEnd: end))
        } else {
          add(child, start..<end, in: region.declaration, group: &group)
        }
      } else {
        closeRegion(region, group: &group)
      }
    }
    return passages
  }

  private mutating func linkTree() {
    subtreeEnds = [Int](repeating: declarations.count, count: declarations.count)
    parents = [Int](repeating: -1, count: declarations.count)
    var stack: [Int] = []
    for (index, declaration) in declarations.enumerated() {
      while let last = stack.last, declarations[last].depth >= declaration.depth {
        subtreeEnds[last] = index
        stack.removeLast()
      }
      parents[index] = stack.last ?? -1
      stack.append(index)
    }
  }

  // MARK: - Gathering

  private mutating func add(_ child: Int, _ range: Range<Int>, in parent: Int, group: inout Group?) {
    let size = lines.characters(range)
    let alone = size >= standalone && declarations[child].bodyRange != nil || size >= target
    if alone { flush(&group, in: parent) }
    if let current = group {
      let merged = current.lines.lowerBound..<range.upperBound
      if lines.characters(merged) > (alone ? limit : target) {
        flush(&group, in: parent)
        group = Group(lines: range, declaration: child)
      } else {
        group = Group(lines: merged, declaration: current.declaration == -1 && alone ? child : -2)
      }
    } else {
      group = Group(lines: range, declaration: child)
    }
    if alone { flush(&group, in: parent) }
  }

  /// Lines that belong to no nested declaration.
  private mutating func gap(_ range: Range<Int>, in parent: Int, group: inout Group?) {
    let content = lines.trimmed(range)
    guard !content.isEmpty else { return }
    if isClosing(content), group == nil, let last = passages.last, last.lines.upperBound <= content.lowerBound,
      lines.characters(last.lines.lowerBound..<content.upperBound) <= limit + target
    {
      extendLast(to: content)
      return
    }
    if let current = group {
      let merged = current.lines.lowerBound..<content.upperBound
      if lines.characters(merged) <= target {
        group = Group(lines: merged, declaration: -2)
        return
      }
      flush(&group, in: parent)
    }
    if lines.characters(content) <= target {
      group = Group(lines: content, declaration: -1)
    } else {
      split(content, in: parent, group: &group)
    }
  }

  /// Whether there is nothing in these lines but brackets and words that close.
  private func isClosing(_ range: Range<Int>) -> Bool {
    guard range.count <= 3 else { return false }
    for line in range where !lines.isBlank(line) {
      let length = lines.contentEnds[line] - lines.contentStarts[line]
      if length > 12 { return false }
      let first = text[lines.contentStarts[line]]
      switch first {
      case UInt8(ascii: "}"), UInt8(ascii: ")"), UInt8(ascii: "]"): continue
      case UInt8(ascii: "e"):
        guard length >= 3, text[lines.contentStarts[line] + 1] == UInt8(ascii: "n"),
          text[lines.contentStarts[line] + 2] == UInt8(ascii: "d")
        else { return false }
      case UInt8(ascii: "@"):
        guard length == 4 else { return false }
      default: return false
      }
    }
    return true
  }

  private mutating func extendLast(to content: Range<Int>) {
    let index = passages.count - 1
    let start = passages[index].lines.lowerBound
    passages[index].lines = start..<content.upperBound
    passages[index].byteRange = lines.starts[start]..<lines.contentEnds[content.upperBound - 1]
  }

  private mutating func closeRegion(_ region: Region, group: inout Group?) {
    gap(region.line..<region.lineEnd, in: region.declaration, group: &group)
    flush(&group, in: region.declaration)
  }

  private mutating func flush(_ group: inout Group?, in parent: Int) {
    guard let current = group else { return }
    group = nil
    emit(current.lines, symbol: current.declaration >= 0 ? current.declaration : parent)
  }

  // MARK: - Splitting

  /// Cuts lines without declarations near the target, preferably at blank lines and where little is nested.
  private mutating func split(_ range: Range<Int>, in parent: Int, group: inout Group?) {
    var start = range.lowerBound
    while start < range.upperBound {
      if lines.isBlank(start) {
        start += 1
        continue
      }
      if lines.characters(start..<range.upperBound) <= target + target / 4 {
        group = Group(lines: start..<range.upperBound, declaration: -1)
        return
      }
      let cut = bestCut(start, range.upperBound)
      emit(lines.trimmed(start..<cut), symbol: parent)
      start = cut
    }
  }

  /// The line before which to cut; at least one line after `start`.
  private func bestCut(_ start: Int, _ end: Int) -> Int {
    var best = start + 1
    var bestScore = Int.max
    var line = start + 1
    let low = target / 2
    while line < end {
      let size = lines.characters(start..<line)
      // One line too many is better than a cut that leaves almost nothing.
      if size > limit, line > start + 1 { break }
      if size >= low || bestScore == .max {
        let score = self.score(line, size: size)
        if score <= bestScore || size < low {
          best = line
          bestScore = size < low ? .max : score
        }
      }
      if size > limit { break }
      line += 1
    }
    if line == end, lines.characters(start..<end) <= limit, bestScore == .max { return end }
    // What would be parted stays together in the next passage.
    if let run = wholeRun(best), run.lowerBound > start { return run.lowerBound }
    return best
  }

  /// How bad a cut before `line` is: distance from the target, nesting, no blank line.
  private func score(_ line: Int, size: Int) -> Int {
    if lines.isBlank(line) { return .max - 1 }
    if wholeRun(line) != nil { return .max - 2 }
    let first = text[lines.contentStarts[line]]
    var score = abs(size - target)
    score += min(lines.indentation(line), 64) * target / 16
    if !lines.isBlank(line - 1) { score += target / 4 }
    if first == UInt8(ascii: "}") || first == UInt8(ascii: ")") || first == UInt8(ascii: "]") { score += target }
    return score
  }

  /// The lines that stay together, and fit, which a cut before `line` would part.
  private func wholeRun(_ line: Int) -> Range<Int>? {
    var low = 0
    var high = whole.count
    while low < high {
      let middle = (low + high) / 2
      if whole[middle].lowerBound < line { low = middle + 1 } else { high = middle }
    }
    guard low > 0 else { return nil }
    let run = whole[low - 1]
    return line < run.upperBound && lines.characters(run) <= limit ? run : nil
  }

  // MARK: - Emitting

  private mutating func emit(_ range: Range<Int>, symbol: Int) {
    let content = lines.trimmed(range)
    guard !content.isEmpty else { return }
    var names: [String] = []
    while nextName < declarations.count, declarations[nextName].startLine < content.upperBound {
      if declarations[nextName].startLine >= content.lowerBound { names.append(declarations[nextName].name) }
      nextName += 1
    }
    passages.append(
      Passage(
        byteRange: lines.starts[content.lowerBound]..<lines.contentEnds[content.upperBound - 1], lines: content,
        symbol: symbol >= 0 ? declarations[symbol].symbolPath : "", names: names,
        kind: symbol >= 0 ? declarations[symbol].kind : .other, header: header(symbol, above: content.lowerBound)))
  }

  /// The signatures of `symbol` and what encloses it, of those that start above `line`.
  private mutating func header(_ symbol: Int, above line: Int) -> String {
    var header = ""
    var count = 0
    var current = symbol
    while current >= 0, count < 8 {
      if declarations[current].startLine < line {
        let signature = self.signature(current)
        header = count == 0 ? signature : "\(signature)\n\(header)"
        count += 1
      }
      current = parents[current]
    }
    return header
  }

  private mutating func signature(_ index: Int) -> String {
    if signatures.isEmpty { signatures = [String?](repeating: nil, count: declarations.count) }
    if let known = signatures[index] { return known }
    let signature = readSignature(index)
    signatures[index] = signature
    return signature
  }

  /// A signature on one line of at most 200 bytes.
  private func readSignature(_ index: Int) -> String {
    var bytes: [UInt8] = []
    var pendingSpace = false
    for offset in declarations[index].signatureRange {
      let byte = text[offset]
      if byte <= 0x20 {
        pendingSpace = !bytes.isEmpty
        continue
      }
      if pendingSpace {
        bytes.append(0x20)
        pendingSpace = false
      }
      bytes.append(byte)
      if bytes.count >= 200 { break }
    }
    // Never end inside a character.
    if bytes.count >= 200 {
      while let last = bytes.last, last & 0xC0 == 0x80 { bytes.removeLast() }
      if let last = bytes.last, last >= 0xC0 { bytes.removeLast() }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

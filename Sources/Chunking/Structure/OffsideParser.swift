/// Finds declarations in languages where the next declaration is known by its column: Haskell, OCaml, Erlang.
///
/// The first line in a container sets the column of its items; whatever starts there starts an item, and everything
/// further right belongs to the item above.
struct OffsideParser {
  var lexer: Lexer
  let style: OffsideStyle
  private var outline = Outline()
  private var containers = [Container(declaration: -1, column: -1, itemColumn: 0)]
  /// The first tokens of the current item.
  private var item: [Token] = []
  private var itemEnd = 0
  /// The last token of the current item, which may be longer than what is kept of it.
  private var lastToken = Token(start: 0, end: 0, kind: .end)
  /// Whether the form above ended (Erlang): what follows is no further clause of it.
  private var formEnded = false
  /// The declaration the last item became, or -1.
  private var lastDeclaration = -1
  private var attributeStart = -1

  private struct Container {
    var declaration: Int
    /// The column its own item starts at.
    var column: Int
    /// The column its items start at; -1 until there is one.
    var itemColumn: Int
  }

  init(lexer: Lexer, style: OffsideStyle) {
    self.lexer = lexer
    self.style = style
  }

  mutating func parse() -> Outline {
    var newline = true
    while true {
      let token = lexer.next()
      switch token.kind {
      case .end:
        endItem()
        while containers.count > 1 { closeContainer() }
        outline.comments = lexer.comments
        return outline
      case .newline:
        newline = true
      default:
        if newline { startLine(token) }
        newline = false
        if item.count < 80 { item.append(token) }
        itemEnd = token.end
        lastToken = token
      }
    }
  }

  private func keyword(_ token: Token) -> Keyword {
    lexer.language.keywords.keywords[token.kind == .word ? Int(token.keyword) : 0]
  }

  private func column(_ offset: Int) -> Int {
    var cursor = offset
    while cursor > 0, lexer.base[cursor - 1] == 0x20 || lexer.base[cursor - 1] == 0x09, offset - cursor < 256 {
      cursor -= 1
    }
    return cursor == 0 || lexer.base[cursor - 1] == 0x0A || lexer.base[cursor - 1] == 0x0D ? offset - cursor : 256
  }

  private mutating func startLine(_ token: Token) {
    // A quoted atom starts at its quote.
    let isQuoted = style == .erlang && token.kind == .word && lexer.byte(token.start - 1) == UInt8(ascii: "'")
    let column = column(token.start - (isQuoted ? 1 : 0))
    let top = containers[containers.count - 1]
    if column > top.itemColumn, top.itemColumn >= 0 {
      guard !item.isEmpty, keyword(lastToken).role == .opens, let head = head(), containers.count < Outline.maxDepth
      else {
        return
      }
      // The item's body holds items of its own.
      let index = declare(head)
      item.removeAll(keepingCapacity: true)
      containers.append(Container(declaration: index, column: top.itemColumn, itemColumn: column))
      return
    }
    // `end` closes the item it stands below.
    if keyword(token).role == .closes || keyword(token).role == .continuation { return }
    // A functor's `struct` stands below its head, and only words declare.
    if style == .ocaml, !item.isEmpty, token.kind == .word, keyword(token).role == .opens { return }
    endItem()
    while containers.count > 1, column <= containers[containers.count - 1].column { closeContainer() }
  }

  private mutating func closeContainer() {
    let container = containers.removeLast()
    guard container.declaration >= 0 else { return }
    outline.declarations[container.declaration].end = itemEnd
    outline.declarations[container.declaration].bodyEnd = itemEnd
    lastDeclaration = -1
  }

  private mutating func endItem() {
    defer { item.removeAll(keepingCapacity: true) }
    guard !item.isEmpty else { return }
    if style == .erlang, item[0].isPunctuation(Punctuation.minus), item.count > 1 {
      let word = item[1].start..<item[1].end
      if lexer.equals(word, "spec") || lexer.equals(word, "doc") {
        if attributeStart < 0 { attributeStart = item[0].start }
        return
      }
    }
    guard let head = head() else {
      attributeStart = -1
      return
    }
    let isClause = !formEnded
    if style == .erlang { formEnded = lastToken.isPunctuation(Punctuation.dot) }
    if isClause, lastDeclaration >= 0, head.kind == .function, outline.declarations[lastDeclaration].kind.isCallable,
      same(outline.declarations[lastDeclaration].name, head.name)
    {
      // Another clause.
      outline.declarations[lastDeclaration].end = itemEnd
      outline.declarations[lastDeclaration].bodyEnd = itemEnd
      return
    }
    let index = declare(head)
    if index >= 0 {
      outline.declarations[index].end = itemEnd
      outline.declarations[index].bodyEnd = itemEnd
    }
    lastDeclaration = index
  }

  private func same(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
    left.count == right.count && lexer.same(left.lowerBound, right.lowerBound, left.count)
  }

  private mutating func declare(_ head: Head) -> Int {
    let parent = containers[containers.count - 1].declaration
    let level = parent < 0 ? 0 : outline.declarations[parent].depth + 1
    var kind = head.kind
    if kind == .function, parent >= 0, outline.declarations[parent].kind.isType { kind = .method }
    outline.declarations.append(
      FoundDeclaration(
        kind: kind, start: attributeStart >= 0 ? attributeStart : head.start, keywordStart: head.keywordStart,
        name: head.name, spelling: head.spelling, signatureEnd: head.signatureEnd, bodyStart: head.signatureEnd,
        end: itemEnd, parent: parent, depth: level))
    attributeStart = -1
    return outline.declarations.count - 1
  }

  // MARK: - Heads

  private mutating func head() -> Head? {
    guard let first = item.first else { return nil }
    let word = keyword(first)
    switch word.role {
    case .imports:
      addImport()
      return nil
    case .control, .closes: return nil
    default: break
    }
    switch style {
    case .haskell: return word.role == .declares ? haskellType(word) : equation()
    case .ocaml: return word.role == .declares || word.role == .variable ? ocamlHead(word) : nil
    case .erlang: return erlangHead()
    }
  }

  private func make(_ kind: SymbolKind, _ name: Range<Int>) -> Head {
    let start = item[0].start
    return Head(
      kind: kind, start: start, keywordStart: start, name: name,
      signatureEnd: max(name.upperBound, min(lexer.lineEnd(from: name.upperBound, limit: 500), itemEnd)))
  }

  private mutating func addImport() {
    let words = item.dropFirst().filter { $0.kind == .word && keyword($0).role != .modifier }
    guard let first = words.first else { return }
    var end = first.end
    while lexer.byte(end) == UInt8(ascii: "."), lexer.isWordByte(lexer.byte(end + 1)) {
      end += 1
      while lexer.isWordByte(lexer.byte(end)) { end += 1 }
    }
    outline.imports.append(first.start..<end)
  }

  /// `name …`, `(operator) …`.
  private func equation() -> Head? {
    let defines = item.contains {
      $0.isPunctuation(Punctuation.scope) || $0.isPunctuation(Punctuation.equals) || $0.isPunctuation(Punctuation.bar)
    }
    guard defines else { return nil }
    if item[0].kind == .word {
      // ``a `with` b = …`` and `a <+> b = …` define what stands between.
      if item.count > 3, item[1].isPunctuation(UInt8(ascii: "`")), item[2].kind == .word {
        return make(.function, item[2].start..<item[2].end)
      }
      if item.count > 2, isOperator(item[1]) {
        let end = item.dropFirst(2).first { $0.start > item[1].start && lexer.isBlank(lexer.byte($0.start - 1)) }
        var last = end?.start ?? item[1].end
        while last > item[1].end, lexer.isBlank(lexer.base[last - 1]) { last -= 1 }
        return make(.function, item[1].start..<last)
      }
      return make(.function, item[0].start..<item[0].end)
    }
    guard item[0].isPunctuation(Punctuation.openParenthesis),
      let close = item.first(where: { $0.isPunctuation(Punctuation.closeParenthesis) }),
      item.count > 2, item[1].kind == .punctuation
    else { return nil }
    return make(.function, item[1].start..<max(item[1].end, close.start))
  }

  private func isOperator(_ token: Token) -> Bool {
    guard token.kind == .punctuation else { return false }
    switch token.byte {
    case Punctuation.less, Punctuation.greater, Punctuation.plus, Punctuation.minus, Punctuation.star,
      Punctuation.slash, Punctuation.dollar, Punctuation.ampersand, Punctuation.caret, Punctuation.percent,
      Punctuation.comparison, Punctuation.dot:
      return true
    case Punctuation.bar: return lexer.byte(token.end) == token.byte
    default: return false
    }
  }

  /// `data T`, `class C => T a where`, `instance C (T a) where`.
  private func haskellType(_ word: Keyword) -> Head? {
    var index = 1
    if let arrow = item.firstIndex(where: { $0.isPunctuation(Punctuation.fatArrow) }),
      word.kind == .interface || word.kind == .extension || word.kind == .struct
    {
      index = arrow + 1
    }
    while index < item.count, item[index].kind == .word,
      keyword(item[index]).role == .modifier || keyword(item[index]).role == .declares
    { index += 1 }
    guard let first = item[min(index, item.count)...].first(where: { $0.kind == .word }) else { return nil }
    if word.kind == .extension {
      let last = item[index...].prefix { keyword($0).role != .opens && $0.start < first.start + 80 }.last ?? first
      return make(word.kind, first.start..<max(first.end, last.end))
    }
    var end = first.end
    while lexer.byte(end) == UInt8(ascii: "."), lexer.isWordByte(lexer.byte(end + 1)), word.kind == .module {
      end += 1
      while lexer.isWordByte(lexer.byte(end)) { end += 1 }
    }
    return make(word.kind, first.start..<end)
  }

  /// `let rec f`, `type 'a t`, `module type S`, `and f`.
  private func ocamlHead(_ word: Keyword) -> Head? {
    var kind = word.kind
    var index = 1
    while index < item.count {
      let token = item[index]
      let role = keyword(token).role
      if role == .modifier || role == .declares {
        if keyword(token).kind == .struct, kind == .module { kind = .interface }
      } else if token.kind == .word {
        if !item[index - 1].isPunctuation(UInt8(ascii: "'")) { break }
      } else if token.isPunctuation(Punctuation.openParenthesis), kind == .function {
        guard index + 1 < item.count, item[index + 1].kind == .punctuation,
          !item[index + 1].isPunctuation(Punctuation.closeParenthesis)
        else { return nil }
        let close = item[index...].first { $0.isPunctuation(Punctuation.closeParenthesis) } ?? item[index + 1]
        var last = max(item[index + 1].end, close.start)
        while last > item[index + 1].end, lexer.isBlank(lexer.base[last - 1]) { last -= 1 }
        return make(.function, item[index + 1].start..<last)
      } else if token.isPunctuation(Punctuation.equals) || token.isPunctuation(Punctuation.openBrace) {
        return nil
      }
      index += 1
    }
    guard index < item.count else { return nil }
    if kind == .function, index + 1 < item.count,
      item[index + 1].isPunctuation(Punctuation.equals) || item[index + 1].isPunctuation(Punctuation.colon)
    {
      kind = item.contains { keyword($0).role == .opensAtStart } ? .function : .constant
    }
    return make(kind, item[index].start..<item[index].end)
  }

  private mutating func erlangHead() -> Head? {
    if item[0].isPunctuation(Punctuation.minus) {
      guard item.count > 3, let name = item.dropFirst(2).first(where: { $0.kind == .word }) else { return nil }
      let word = keyword(item[1])
      if word.role == .imports {
        let text = item.dropFirst(2).first { $0.kind == .string || $0.kind == .word } ?? name
        outline.imports.append(text.start..<text.end)
        return nil
      }
      return word.role == .declares ? make(word.kind, name.start..<name.end) : nil
    }
    guard item.count > 2, item[0].kind == .word, item[1].isPunctuation(Punctuation.openParenthesis) else { return nil }
    return make(.function, item[0].start..<item[0].end)
  }
}

/// Which of the languages with an offside rule.
enum OffsideStyle: Sendable {
  case haskell, ocaml, erlang
}

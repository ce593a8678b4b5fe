/// Finds declarations in languages whose bodies stand in braces.
///
/// Tokens gather in `tokens` from `base` on until a statement ends; its head is then classified. A brace inside an
/// expression starts a statement list of its own above the unfinished statement, which goes on after the closing
/// brace. The stack of frames is the only memory of nesting.
struct BraceParser {
  var lexer: Lexer
  let grammar: BraceGrammar
  var outline = Outline()
  var tokens: [Token] = []
  /// Where the current statement starts in `tokens`.
  var base = 0
  /// How many parentheses and brackets are open in the current statement.
  var depth = 0
  var sawNewline = false
  var frames: [Frame] = [Frame(scope: .file, declaration: -1, base: 0, depth: 0, resumes: false)]
  /// For each open conditional directive, how many frames there were.
  var conditionals: [Int] = []
  /// The keyword that stands before the next statement although it is not repeated: `case a, b`. 0 otherwise.
  var pendingCase: UInt8 = 0
  /// How many of the frames are arguments of macros.
  var invocations = 0
  /// The end of the last token that was not a newline.
  var lastEnd = 0

  struct Frame {
    var scope: Scope
    /// The declaration whose body this is, or -1.
    var declaration: Int
    /// Where the statement around the brace starts.
    var base: Int
    /// How many brackets were open in it.
    var depth: Int
    /// Whether that statement goes on after the brace.
    var resumes: Bool
    /// The keyword that stands before each statement in parentheses: Go's `type (`. 0 outside such a group.
    var group: UInt8 = 0
    /// The column of the statement whose body is indented instead of in braces; -1 in braces.
    var column = -1
    /// Whether these are the arguments of a macro.
    var invocation = false
  }

  enum Scope: UInt8 {
    case file, type, enumeration, module, function, block, object
    /// What is in it is no code of this file: the body of a macro.
    case opaque
  }

  /// Past this many tokens of a statement only those outside brackets are kept, past the double none.
  static let statementLimit = 256

  init(lexer: Lexer, grammar: BraceGrammar) {
    self.lexer = lexer
    self.grammar = grammar
    tokens.reserveCapacity(1024)
  }

  var scope: Scope { frames[frames.count - 1].scope }

  func keyword(_ token: Token) -> Keyword {
    lexer.language.keywords.keywords[Int(token.keyword)]
  }

  func role(_ token: Token) -> Keyword.Role {
    token.kind == .word ? lexer.language.keywords.keywords[Int(token.keyword)].role : .none
  }

  mutating func parse() -> Outline {
    while true {
      let token = lexer.next()
      switch token.kind {
      case .end:
        finish()
        return outline
      case .newline:
        sawNewline = true
        if grammar.selectors { openObjectiveClass() }
      case .directive:
        directive(token)
      case .word, .number, .string:
        endLineIfNeeded(before: token)
        append(token)
        lastEnd = token.end
        if grammar.selectors, role(token) == .closes, tokens.count > base + 1,
          tokens[tokens.count - 2].isPunctuation(Punctuation.at)
        {
          tokens.removeLast(tokens.count - base)
          closeObjectiveClass(at: token.end)
        }
      case .punctuation:
        endLineIfNeeded(before: token)
        punctuation(token)
        lastEnd = token.end
      }
    }
  }

  private mutating func punctuation(_ token: Token) {
    switch token.byte {
    case Punctuation.openBrace where grammar.style == .shell && !isShellGroup(token),
      Punctuation.closeBrace where grammar.style == .shell && !isShellGroup(token):
      append(Token(start: token.start, end: token.end, kind: .word))
    case Punctuation.openBrace:
      if grammar.selectors { openObjectiveClass() }
      openBrace(token)
    case Punctuation.closeBrace:
      closeBrace(token)
    case Punctuation.openParenthesis where grammar.groups && startsGroup():
      openGroup()
    case Punctuation.closeParenthesis where depth == 0 && frames[frames.count - 1].group != 0:
      closeGroups(end: token.end)
    case Punctuation.openParenthesis, Punctuation.openBracket:
      append(token)
      // In shells parentheses hold statements (subshells), and patterns close them unopened.
      if grammar.style != .shell { depth += 1 }
    case Punctuation.closeParenthesis, Punctuation.closeBracket:
      if depth > 0 { depth -= 1 }
      append(token)
    case Punctuation.semicolon:
      if depth == 0, !isOldStyleHead() { endStatement() } else { append(token) }
    case Punctuation.comma:
      if depth == 0,
        scope == .object
          || (scope == .enumeration || grammar.commaEnds && (scope == .type || scope == .file))
            && !startsDeclaration()
      {
        endStatement()
      } else if depth == 0, scope == .enumeration, tokens.count > base, role(tokens[base]) == .enumCase {
        // `case a, b` declares two.
        pendingCase = tokens[base].keyword
        endStatement()
      } else {
        append(token)
      }
    case Punctuation.colon where depth == 0 && isLabel():
      tokens.removeLast(tokens.count - base)
    default:
      append(token)
    }
  }

  /// `public:`, `private slots:`
  private func isLabel() -> Bool {
    let length = tokens.count - base
    return length >= 1 && length <= 2 && role(tokens[base]) == .label && tokens[tokens.count - 1].kind == .word
  }

  @inline(__always)
  private mutating func append(_ token: Token) {
    let length = tokens.count - base
    if length == 0, pendingCase != 0 {
      tokens.append(Token(start: token.start, end: token.start, kind: .word, keyword: pendingCase))
      pendingCase = 0
    } else if length == 0, frames[frames.count - 1].group != 0 {
      // Each line of a group reads as if its keyword stood before it.
      let keyword = frames[frames.count - 1].group
      tokens.append(Token(start: token.start, end: token.start, kind: .word, keyword: keyword))
    }
    if length < BraceParser.statementLimit || (depth == 0 && length < 2 * BraceParser.statementLimit) {
      tokens.append(token)
    }
  }

  /// Whether the statement so far starts with a declaring keyword.
  private func startsDeclaration() -> Bool {
    guard base < tokens.count else { return false }
    let first = prefixEnd(base, tokens.count)
    guard first < tokens.count else { return false }
    switch role(tokens[first]) {
    case .declares, .variable, .enumCase: return true
    default: return false
    }
  }

  // MARK: - Statements

  private mutating func endLineIfNeeded(before token: Token) {
    guard sawNewline else { return }
    sawNewline = false
    if grammar.indents, depth == 0 { indent(before: token) }
    guard grammar.newlineEnds, depth == 0, tokens.count > base else { return }
    if !continues(onto: token) { endStatement() }
  }

  /// Ends the statement: declares what it declares, without a body.
  mutating func endStatement() {
    if tokens.count > base {
      if let head = classify(end: tokens.count, opensBody: false) { declare(head, end: tokens[tokens.count - 1].end) }
      tokens.removeLast(tokens.count - base)
    }
    depth = 0
  }

  /// Adds a declaration; -1 if it is too deep to be kept.
  @discardableResult
  mutating func declare(_ head: Head, end: Int, body: Int = -1) -> Int {
    let parent = enclosing
    let level = parent < 0 ? 0 : outline.declarations[parent].depth + 1
    guard level < Outline.maxDepth else { return -1 }
    // What a macro makes of its arguments is its own affair.
    var kind = invocations > 0 ? .other : head.kind
    if kind == .function, scope == .type || scope == .enumeration { kind = .method }
    if kind == .variable || kind == .constant, scope == .type || scope == .enumeration { kind = .property }
    outline.declarations.append(
      FoundDeclaration(
        kind: kind, start: head.start, keywordStart: head.keywordStart, signatureStart: head.signatureStart,
        name: head.name, spelling: head.spelling, qualifier: head.qualifier, signatureEnd: head.signatureEnd,
        bodyStart: body, bodyEnd: -1, end: end,
        parent: parent, depth: level))
    return outline.declarations.count - 1
  }

  /// The innermost declaration whose body is open, or -1.
  var enclosing: Int { openDeclarations.last ?? -1 }

  /// The declarations whose bodies are open, outermost first.
  var openDeclarations: [Int] = []

  // MARK: - Braces

  private mutating func openBrace(_ token: Token) {
    pendingCase = 0
    let head = depth == 0 ? classify(end: tokens.count, opensBody: true) : nil
    if let head, !isExpressionBrace(in: head) {
      let index = declare(head, end: token.end, body: token.start)
      // In scripts what is assigned with a brace is an object, whose members commas separate.
      let isObject = grammar.style == .script && tokens[tokens.count - 1].isPunctuation(Punctuation.equals)
      let scope = isObject ? .object : BraceParser.scope(of: head.kind)
      tokens.removeLast(tokens.count - base)
      frames.append(Frame(scope: scope, declaration: index, base: base, depth: 0, resumes: false))
      if index >= 0 { openDeclarations.append(index) }
    } else {
      var (scope, resumes) =
        head == nil || grammar.style != .script && instantiates() ? anonymousScope() : (.opaque, true)
      let invocation = grammar.macros && invokesMacro()
      if invocation {
        invocations += 1
        // `name! { … }` is a statement, and its arguments may be declarations.
        if isMacroStatement() { (scope, resumes) = (self.scope, false) }
      }
      let inner = self.scope == .opaque ? .opaque : scope
      if !resumes { tokens.removeLast(tokens.count - base) }
      frames.append(
        Frame(scope: inner, declaration: -1, base: base, depth: depth, resumes: resumes, invocation: invocation))
      base = tokens.count
    }
    depth = 0
    sawNewline = false
  }

  private mutating func closeBrace(_ token: Token) {
    pendingCase = 0
    endStatement()
    if frames[frames.count - 1].group != 0 { closeGroups(end: token.start) }
    while frames.count > 1, frames[frames.count - 1].column >= 0 {
      popFrame(end: lastEnd)
      endStatement()
    }
    guard frames.count > 1 else { return }
    popFrame(end: token.end)
    if frames.count >= 1, tokens.count > base {
      tokens.append(Token(start: token.start, end: token.end, kind: .punctuation, byte: Punctuation.closeBrace))
    }
    sawNewline = false
  }

  mutating func popFrame(end: Int) {
    let frame = frames.removeLast()
    if frame.invocation { invocations -= 1 }
    if frame.declaration >= 0 {
      outline.declarations[frame.declaration].end = end
      outline.declarations[frame.declaration].bodyEnd = end
      openDeclarations.removeLast()
    }
    tokens.removeLast(tokens.count - base)
    base = frame.base
    depth = frame.resumes ? frame.depth : 0
    if !frame.resumes { tokens.removeLast(tokens.count - base) }
  }

  static func scope(of kind: SymbolKind) -> Scope {
    switch kind {
    case .enum: .enumeration
    case .class, .struct, .interface, .extension: .type
    case .module: .module
    // The constants of a Java enumeration may have bodies with methods.
    case .enumCase: .type
    case .macro: .opaque
    case .function, .method, .constructor, .test, .operator: .function
    default: .block
    }
  }

  // MARK: - Directives

  /// Of the branches of a conditional directive each starts from the nesting of the first: only one is compiled.
  private mutating func directive(_ token: Token) {
    switch token.byte {
    case 1:
      if conditionals.count < 1_000 { conditionals.append(frames.count) }
    case 2:
      guard let saved = conditionals.last, frames.count > saved else { return }
      while frames.count > saved {
        endStatement()
        popFrame(end: token.start)
      }
    case 3:
      _ = conditionals.popLast()
    default:
      importDirective(token)
    }
  }

  /// `#include` and `#import` name what they read in.
  private mutating func importDirective(_ token: Token) {
    var start = token.start + 1
    while start < token.end, lexer.isBlank(lexer.base[start]) { start += 1 }
    guard lexer.starts(start, with: "include") || lexer.starts(start, with: "import") else {
      defineDirective(token, nameStart: start)
      return
    }
    while start < token.end, lexer.isWordByte(lexer.base[start]) { start += 1 }
    while start < token.end, lexer.isBlank(lexer.base[start]) { start += 1 }
    var end = start
    while end < token.end, !lexer.isBlank(lexer.base[end]) { end += 1 }
    outline.imports.append(start..<end)
  }

  /// `#define NAME` declares a macro.
  private mutating func defineDirective(_ token: Token, nameStart: Int) {
    guard lexer.starts(nameStart, with: "define"), tokens.count == base, depth == 0, scope != .object else { return }
    var start = nameStart + 6
    while start < token.end, lexer.isBlank(lexer.base[start]) { start += 1 }
    var end = start
    while end < token.end, lexer.isWordByte(lexer.base[end]) { end += 1 }
    guard end > start else { return }
    var last = token.end
    while last > end, lexer.isBlank(lexer.base[last - 1]) { last -= 1 }
    declare(
      Head(kind: .macro, start: token.start, keywordStart: token.start, name: start..<end, signatureEnd: last),
      end: last)
  }

  private mutating func finish() {
    endStatement()
    while frames.count > 1 {
      popFrame(end: lastEnd)
      tokens.removeLast(tokens.count - base)
    }
    outline.comments = lexer.comments
    outline.sort()
  }
}

/// The head of a declaration: what is known of it before its body.
struct Head {
  var kind: SymbolKind
  var start: Int
  var keywordStart: Int
  /// Where the signature starts if not there: at the parameters of a template. -1 otherwise.
  var signatureStart = -1
  var name: Range<Int>
  var spelling: String?
  var qualifier: Range<Int>?
  var signatureEnd: Int
}

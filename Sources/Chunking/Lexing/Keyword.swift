/// What a word means at the head of a statement.
struct Keyword: Sendable {
  var role: Role
  var kind: SymbolKind = .other
  var name: NameRule = .next

  enum Role: UInt8, Sendable {
    /// No keyword.
    case none
    /// Declares something that is not a variable.
    case declares
    /// Declares a variable, constant or property.
    case variable
    /// May stand before a declaration.
    case modifier
    /// Starts a statement that declares nothing.
    case control
    /// Carries a statement on over the end of a line.
    case continuation
    /// Starts an import.
    case imports
    /// Opens a block that its language's closing word ends, wherever it stands.
    case opens
    /// Opens such a block only at the start of a statement.
    case opensAtStart
    /// Closes a block.
    case closes
    /// Starts `case` labels and enumeration cases.
    case enumCase
    /// Stands before a colon and says nothing about what follows.
    case label
    /// `do` after `while` or `for`, where those have opened the block.
    case doWord
  }

  /// Where the name of a declaration stands.
  enum NameRule: UInt8, Sendable {
    /// The next word.
    case next
    /// The keyword itself.
    case own
    /// The next word, or the keyword itself where there is none.
    case optional
    /// Words joined by dots or colons.
    case path
    /// The type after `for`, else the first path.
    case implementation
    /// The word after an optional parenthesised receiver, whose type qualifies it.
    case receiver
    /// The word before the first parenthesis; what stands before its dot is not part of it.
    case beforeParenthesis
    /// The next word; the word before the body says what it is.
    case beforeBody
    /// Everything up to the body.
    case whole
    /// The strings and words after the keyword.
    case labels
  }

  static func declares(_ kind: SymbolKind, _ name: NameRule = .next) -> Keyword {
    Keyword(role: .declares, kind: kind, name: name)
  }
  static func variable(_ kind: SymbolKind = .variable) -> Keyword { Keyword(role: .variable, kind: kind) }
  static let modifier = Keyword(role: .modifier)
  static let label = Keyword(role: .label)
  static let doWord = Keyword(role: .doWord)
  static let control = Keyword(role: .control)
  static let continuation = Keyword(role: .continuation)
  static let imports = Keyword(role: .imports)
  static let opens = Keyword(role: .opens)
  static let opensAtStart = Keyword(role: .opensAtStart)
  static let closes = Keyword(role: .closes)
}

/// Finds keywords by their bytes. Built once a language, read while lexing.
struct KeywordTable: Sendable {
  /// The keywords; index 0 is "no keyword".
  private(set) var keywords: [Keyword] = [Keyword(role: .none)]
  private(set) var spellings: [[UInt8]] = [[]]
  private var slots = [UInt8](repeating: 0, count: KeywordTable.slotCount)
  private let fold: UInt8

  static let slotCount = 1024

  init(_ words: [String: Keyword], ignoresCase: Bool) {
    fold = ignoresCase ? 0x20 : 0
    // Sorted, so that the table is the same in every process.
    for (word, keyword) in words.sorted(by: { $0.key < $1.key }) {
      precondition(keywords.count < 256, "a row may have 255 keywords")
      let bytes = word.utf8.map { $0 | fold }
      var slot = Int(KeywordTable.hash(bytes)) & (KeywordTable.slotCount - 1)
      while slots[slot] != 0 { slot = (slot + 1) & (KeywordTable.slotCount - 1) }
      slots[slot] = UInt8(keywords.count)
      keywords.append(keyword)
      spellings.append(bytes)
    }
  }

  @inline(__always)
  static func step(_ hash: UInt32, _ byte: UInt8) -> UInt32 {
    (hash ^ UInt32(byte)) &* 0x0100_0193
  }

  @inline(__always)
  static func finish(_ hash: UInt32) -> UInt32 {
    hash ^ (hash >> 15)
  }

  private static func hash(_ bytes: [UInt8]) -> UInt32 {
    finish(bytes.reduce(0x811C_9DC5) { step($0, $1) })
  }

  /// The index of the keyword with these bytes and this hash, or 0.
  @inline(__always)
  func find(_ bytes: UnsafePointer<UInt8>, count: Int, hash: UInt32) -> UInt8 {
    var slot = Int(hash) & (KeywordTable.slotCount - 1)
    while true {
      let index = slots[slot]
      if index == 0 { return 0 }
      if matches(Int(index), bytes, count) { return index }
      slot = (slot + 1) & (KeywordTable.slotCount - 1)
    }
  }

  private func matches(_ index: Int, _ bytes: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    let spelling = spellings[index]
    guard spelling.count == count else { return false }
    for offset in 0..<count where spelling[offset] != bytes[offset] | fold { return false }
    return true
  }
}

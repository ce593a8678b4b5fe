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
  /// The bytes of all keywords, and where each one's begin; one more entry for the end.
  private var spelling: [UInt8] = []
  private var starts: [UInt16] = [0, 0]
  /// For each first byte which lengths the keywords with it have, a bit each.
  private var lengths = [UInt64](repeating: 0, count: 256)
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
      spelling += bytes
      starts.append(UInt16(spelling.count))
      if let first = bytes.first {
        precondition(bytes.count < 64, "a keyword has fewer than 64 bytes")
        lengths[Int(first)] |= 1 << UInt64(bytes.count)
      }
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

  /// The index of the keyword with these bytes, or 0.
  @inline(__always)
  func find(_ bytes: UnsafePointer<UInt8>, count: Int) -> UInt8 {
    // Most words are no keyword, and mostly their first letter and length say so.
    guard count < 64, lengths[Int(bytes[0] | fold)] &>> UInt64(truncatingIfNeeded: count) & 1 != 0 else { return 0 }
    return search(bytes, count)
  }

  private func search(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> UInt8 {
    var hash: UInt32 = 0x811C_9DC5
    for offset in 0..<count { hash = KeywordTable.step(hash, bytes[offset] | fold) }
    var slot = Int(KeywordTable.finish(hash)) & (KeywordTable.slotCount - 1)
    while true {
      let index = slots[slot]
      if index == 0 { return 0 }
      if matches(Int(index), bytes, count) { return index }
      slot = (slot + 1) & (KeywordTable.slotCount - 1)
    }
  }

  private func matches(_ index: Int, _ bytes: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    let start = Int(starts[index])
    guard Int(starts[index + 1]) - start == count else { return false }
    for offset in 0..<count where spelling[start + offset] != bytes[offset] | fold { return false }
    return true
  }
}

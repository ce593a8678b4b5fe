/// A conversation as formats want it that know a system prompt and strictly alternating turns: what the system says
/// stands apart, messages of one speaker in a row are one turn, and nothing is empty.
struct ConversationTurns: Equatable, Sendable {
  /// One message's text.
  struct Part: Equatable, Sendable {
    var text: String
    /// Whether the prompt up to here is worth keeping in a cache.
    var endsCachedPrefix: Bool
  }

  /// What one speaker says before the other does.
  struct Turn: Equatable, Sendable {
    /// `user` or `assistant`.
    var role: ChatMessage.Role
    /// At least one.
    var parts: [Part]
  }

  /// What the system says, wherever in the conversation it did.
  private(set) var system: [Part] = []
  /// In order; no two in a row of one speaker.
  private(set) var turns: [Turn] = []

  /// Sorts `messages`. Those of white space alone are left out, since providers refuse them; the mark of a prefix that
  /// ended with one moves to what precedes it.
  init(_ messages: [ChatMessage]) {
    for message in messages {
      guard message.text.utf8.contains(where: { !Self.isBlank($0) }) else {
        if message.endsCachedPrefix { markLast(of: message.role) }
        continue
      }
      let part = Part(text: message.text, endsCachedPrefix: message.endsCachedPrefix)
      if message.role == .system {
        system.append(part)
      } else if turns.last?.role == message.role {
        turns[turns.count - 1].parts.append(part)
      } else {
        turns.append(Turn(role: message.role, parts: [part]))
      }
    }
    trimPrefill()
  }

  /// A last turn of the assistant is what it goes on from: providers refuse one that ends in white space.
  private mutating func trimPrefill() {
    guard turns.last?.role == .assistant, let part = turns[turns.count - 1].parts.popLast() else { return }
    let trimmed = part.text.utf8.reversed().drop(while: Self.isBlank).reversed()
    turns[turns.count - 1].parts.append(
      Part(text: String(decoding: Array(trimmed), as: UTF8.self), endsCachedPrefix: part.endsCachedPrefix))
  }

  /// For models without a system role: what it says begins the first turn of the user.
  mutating func moveSystemIntoFirstTurn() {
    guard !system.isEmpty else { return }
    if turns.first?.role == .user {
      turns[0].parts.insert(contentsOf: system, at: 0)
    } else {
      turns.insert(Turn(role: .user, parts: system), at: 0)
    }
    system = []
  }

  private mutating func markLast(of role: ChatMessage.Role) {
    if role == .system || turns.isEmpty {
      if !system.isEmpty { system[system.count - 1].endsCachedPrefix = true }
    } else {
      let last = turns.count - 1
      turns[last].parts[turns[last].parts.count - 1].endsCachedPrefix = true
    }
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }
}

extension ConversationTurns {
  /// Takes away the marks that are of no use: of prefixes that cannot reach `minimumTokens`, and beyond `limit` those in
  /// the middle. The first is shared by most requests and the last saves most, so these stay.
  mutating func limitCachedPrefixes(minimumTokens: Int, limit: Int = 4) {
    var bytes = 0
    var marks = 0
    // A token has two bytes or more of nearly any text; a mark too many costs nothing, one too few does.
    forEachPart { part in
      bytes += part.text.utf8.count
      if part.endsCachedPrefix, bytes / 2 < minimumTokens { part.endsCachedPrefix = false }
      if part.endsCachedPrefix { marks += 1 }
    }
    guard marks > limit else { return }
    var index = 0
    forEachPart { part in
      guard part.endsCachedPrefix else { return }
      part.endsCachedPrefix = index == 0 || index > marks - limit
      index += 1
    }
  }

  /// Takes away all marks.
  mutating func dropCachedPrefixes() { forEachPart { $0.endsCachedPrefix = false } }

  private mutating func forEachPart(_ body: (inout Part) -> Void) {
    for index in system.indices { body(&system[index]) }
    for turn in turns.indices {
      for index in turns[turn].parts.indices { body(&turns[turn].parts[index]) }
    }
  }
}

/// What was said in the conversations of this process. The oldest are forgotten, so memory stays bounded.
struct Conversations: Sendable {
  /// A question with its answer.
  struct Turn: Sendable {
    var question: String
    var answer: String
  }

  private var turns: [String: [Turn]] = [:]
  private var order: [String] = []
  private let conversationLimit = 64
  private let turnLimit = 16

  /// The newest turns of a conversation, oldest first.
  func recent(_ id: String, count: Int) -> [Turn] { turns[id].map { Array($0.suffix(count)) } ?? [] }

  /// Whether the conversation is known.
  func contains(_ id: String) -> Bool { turns[id] != nil }

  /// Notes a turn.
  mutating func append(_ turn: Turn, to id: String) {
    if turns[id] == nil {
      order.append(id)
      if order.count > conversationLimit { turns.removeValue(forKey: order.removeFirst()) }
    }
    turns[id, default: []].append(turn)
    if turns[id, default: []].count > turnLimit { turns[id]?.removeFirst() }
  }

  /// A new name for a conversation or a turn: 16 random hexadecimal digits.
  static func newID() -> String {
    let digits = String(UInt64.random(in: .min ... .max), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}

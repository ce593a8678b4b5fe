import SeededInput

/// A tree of generated source files that can change, with a word in each version of each file that stands nowhere else.
struct GeneratedTree {
  private let scratch: Scratch
  private var generator: SeededGenerator
  /// The words of the files as they are now, by path.
  private(set) var words: [String: String] = [:]
  /// Words of versions that are gone.
  private(set) var oldWords: [String] = []
  private var created = 0

  init(_ scratch: Scratch, files: Int, seed: UInt64) throws {
    self.scratch = scratch
    generator = SeededGenerator(seed: seed)
    for _ in 0..<files { try create() }
  }

  /// Queries that many files answer.
  static let queries = [
    "compute rotation of the antenna", "queue", "ledger settlement", "orbitTransfer", "release lock",
  ]

  /// Writes some files anew, adds and removes a few.
  mutating func edit() throws {
    for _ in 0..<Int.random(in: 5...60, using: &generator) { try rewrite(anyPath()) }
    for _ in 0..<Int.random(in: 0...4, using: &generator) { try create() }
    for _ in 0..<Int.random(in: 0...4, using: &generator) {
      let path = anyPath()
      try scratch.remove(path)
      if let word = words.removeValue(forKey: path) { oldWords.append(word) }
    }
  }

  mutating func random(below limit: Int) -> Int { Int.random(in: 0..<limit, using: &generator) }

  private mutating func anyPath() -> String { words.keys.sorted().randomElement(using: &generator) ?? "" }

  private mutating func create() throws {
    created += 1
    try rewrite("module\(created % 13)/File\(created).\(["swift", "py", "go"][created % 3])")
  }

  private mutating func rewrite(_ path: String) throws {
    if let word = words[path] { oldWords.append(word) }
    // Letters alone: a word that is not taken apart, and not reduced to a stem that another has.
    let word = "z" + String((0..<12).map { _ in "bcdfghjkmnpqvwx".randomElement(using: &generator) ?? "b" }) + "q"
    words[path] = word
    try scratch.write(path, source(path, word: word))
  }

  private mutating func source(_ path: String, word: String) -> String {
    let subjects = ["rotation", "ledger", "orbitTransfer", "queue", "antenna", "settlement", "lock"]
    let comment = path.hasSuffix(".py") ? "#" : "//"
    var text = "\(comment) This file has the mark \(word).\n"
    for number in 0..<Int.random(in: 2...8, using: &generator) {
      let subject = subjects.randomElement(using: &generator) ?? ""
      text += "\n\(comment) Computes the \(subject) of step \(number).\n"
      if path.hasSuffix(".py") {
        text += "def compute_\(subject)_\(number)(value):\n    return value * \(number)\n"
      } else if path.hasSuffix(".go") {
        text += "func compute\(subject)\(number)(value int) int {\n\treturn value * \(number)\n}\n"
      } else {
        text += "func compute\(subject)\(number)(value: Int) -> Int {\n  value * \(number)\n}\n"
      }
    }
    return text
  }
}

import SeededInput

/// A folder's texts, on disk and in open buffers, and random changes of them.
struct World {
  enum Kind: Sendable { case type, close, write, remove }

  struct Change: Sendable {
    var kind: Kind
    var path: String
    var text = ""
    var isTold = false
  }

  static let paths = (0..<6).map { "src/file\($0).swift" }

  var generator: SeededGenerator
  var disk: [String: String] = [:]
  var buffers: [String: String] = [:]
  var edits = 0

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  mutating func random(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
  mutating func anyName() -> String { "computeValue\(random(0...11))" }

  mutating func newText() -> String {
    (0..<random(1...5)).map { _ in
      "/// Computes the value.\nfunc \(anyName())() -> Int {\n"
        + (0..<random(1...9)).map { "  let part\($0) = compute(\($0))\n" }.joined() + "}\n\n"
    }.joined()
  }

  mutating func edit() -> Change {
    edits += 1
    let path = Self.paths[random(0...5)]
    let old = buffers[path] ?? disk[path] ?? ""
    // A line before, a swapped line end, a changed digit, or all anew.
    let texts = [
      "// line\n" + old, old.replacing("() ->", with: "()\n->", maxReplacements: 1),
      old.replacing("(1)", with: "(2)"), newText(),
    ]
    let text = texts[random(0...3)]
    switch random(0...9) {
    case 0...4:
      buffers[path] = text
      return Change(kind: .type, path: path, text: text)
    case 5, 6:
      buffers[path] = nil
      return Change(kind: .close, path: path)
    case 7, 8:
      disk[path] = text
      return Change(kind: .write, path: path, text: text, isTold: random(0...1) == 0)
    default:
      disk[path] = nil
      return Change(kind: .remove, path: path)
    }
  }
}

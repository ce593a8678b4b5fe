/// Takes citations that do not exist out of a model's text, as it streams.
///
/// `[3]` and `[1, 4]` are citations; other brackets (`array[i]`, `[x](url)`) pass. Text in code blocks passes too.
struct CitationFilter: Sendable {
  /// Ids that exist are 1...`count`.
  let count: Int
  /// The ids that the text cites.
  private(set) var cited: Set<Int> = []
  /// Citations that were taken out.
  private(set) var invented = 0
  /// Text from a `[` on that may become a citation.
  private var held = ""
  private var previous: Character = " "
  private var backticks = 0
  private var inFence = false

  init(count: Int) { self.count = count }

  /// Takes more of the text and gives what can be shown of it.
  mutating func push(_ text: String) -> String {
    var output = ""
    for character in text {
      if !held.isEmpty {
        if character.isNumber || character == "," || character == " " {
          held.append(character)
          // No list of citations is that long.
          if held.count > 24 { flushHeld(into: &output) }
          continue
        }
        if character == "]" {
          held.append(character)
          resolve(into: &output)
          continue
        }
        flushHeld(into: &output)
      }
      if character == "`" {
        backticks += 1
        if backticks == 3 { inFence.toggle() }
      } else {
        backticks = 0
      }
      // After a word or a bracket it is a subscript: `names[3]`.
      if character == "[", !inFence, !(previous.isLetter || previous.isNumber || previous == ")" || previous == "_") {
        held = "["
        continue
      }
      output.append(character)
      previous = character
    }
    return output
  }

  /// The rest, when the text has ended.
  mutating func finish() -> String {
    var output = ""
    flushHeld(into: &output)
    return output
  }

  private mutating func flushHeld(into output: inout String) {
    output += held
    previous = held.last ?? previous
    held = ""
  }

  private mutating func resolve(into output: inout String) {
    let ids = held.dropFirst().dropLast().split(whereSeparator: { $0 == "," || $0 == " " }).map { Int($0) }
    if ids.isEmpty || ids.contains(nil) {
      flushHeld(into: &output)
      return
    }
    let known = ids.compactMap { $0 }.filter { (1...max(1, count)).contains($0) && count > 0 }
    invented += ids.count - known.count
    cited.formUnion(known)
    held = ""
    if known.isEmpty {
      // The blank before it goes with it.
      if output.last == " " { output.removeLast() }
    } else {
      output += known.map { "[\($0)]" }.joined()
    }
    previous = "]"
  }
}

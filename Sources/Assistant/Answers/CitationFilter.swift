/// Takes citations that do not exist out of a model's text, as it streams.
///
/// `[3]` and `[1, 4]` are citations; other brackets (`array[i]`, `[x](url)`) pass, and so does text in code blocks and
/// code spans. It works scalar by scalar and remembers all that it has to, so the output does not depend on where the
/// stream is cut.
struct CitationFilter: Sendable {
  /// The ids that exist.
  private let valid: Set<Int>
  /// Whether numbers in brackets are text of the workspace, to be shown as such, instead of citations.
  private let escapes: Bool
  /// The ids that the text cites.
  private(set) var cited: Set<Int> = []
  /// Citations that were taken out.
  private(set) var invented = 0

  /// Text from a `[` on that may become a citation.
  private var held = String.UnicodeScalarView()
  /// A blank that was not given yet, since it goes with the citation after it if that is taken out.
  private var blank = false
  private var previous: Unicode.Scalar = " "
  /// Brackets of subscripts that are open.
  private var subscripts = 0
  /// Backticks of the run under way, and whether it began its line.
  private var ticks = (count: 0, beginsLine: false)
  /// Backticks that opened the code that the text is in; 0 outside.
  private var code = (ticks: 0, isBlock: false)
  /// Whether the line has nothing yet but white space and the marks of quotes and lists.
  private var isLineStart = true

  /// No list of citations is that long.
  private static let longest = 512

  /// A filter for ids 1...`count`.
  init(count: Int) { self.init(valid: Set((0..<max(0, count)).map { $0 + 1 })) }

  /// A filter for some ids.
  init(valid: Set<Int>) {
    self.valid = valid
    escapes = false
  }

  private init(escapes: Bool) {
    valid = []
    self.escapes = escapes
  }

  /// A text of the workspace with a backslash before whatever looks like a citation, so that it is none.
  static func escaped(_ text: String) -> String {
    var filter = CitationFilter(escapes: true)
    return filter.push(text) + filter.finish()
  }

  /// Takes more of the text and gives what can be shown of it.
  mutating func push(_ text: String) -> String {
    var output = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { take(scalar, into: &output) }
    return String(output)
  }

  /// The rest, when the text has ended.
  mutating func finish() -> String {
    var output = String.UnicodeScalarView()
    flushHeld(into: &output)
    giveBlank(into: &output)
    return String(output)
  }

  private mutating func take(_ scalar: Unicode.Scalar, into output: inout String.UnicodeScalarView) {
    if !held.isEmpty {
      switch scalar {
      case "0"..."9", ",", " ":
        held.append(scalar)
        if held.count > Self.longest { flushHeld(into: &output) }
        return
      case "]":
        held.append(scalar)
        resolve(into: &output)
        return
      default: flushHeld(into: &output)
      }
    }
    if scalar == "`" {
      ticks = (ticks.count + 1, ticks.count == 0 ? isLineStart : ticks.beginsLine)
      isLineStart = false
      give(scalar, into: &output)
      return
    }
    if ticks.count > 0 { endTicks() }
    noteLine(scalar)
    if code.ticks == 0 {
      if scalar == "[", previous != "\\" {
        if !Self.endsName(previous) {
          held.append(scalar)
          return
        }
        subscripts += 1
      } else if scalar == "]", subscripts > 0 {
        subscripts -= 1
        give(scalar, into: &output)
        // `matrix[0][1]`: what follows is a subscript too.
        previous = ")"
        return
      }
    }
    give(scalar, into: &output)
  }

  /// Whether a bracket after this is a subscript: `names[3]`, `list()[0]`. Scripts that put no blanks between words
  /// put none before a citation either, so their letters do not count.
  private static func endsName(_ scalar: Unicode.Scalar) -> Bool {
    if scalar == ")" || scalar == "_" { return true }
    guard scalar.value < 0x2E80 else { return false }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .spacingMark, .decimalNumber: return true
    default: return scalar.properties.isAlphabetic
    }
  }

  /// A run of backticks has ended: it opens code, or closes what a run of its length opened.
  private mutating func endTicks() {
    let (count, beginsLine) = ticks
    ticks = (0, false)
    if code.ticks == 0 {
      code = (count, count >= 3 && beginsLine)
    } else if code.isBlock ? beginsLine && count >= code.ticks : count == code.ticks {
      code = (0, false)
    }
  }

  private mutating func noteLine(_ scalar: Unicode.Scalar) {
    switch scalar {
    case "\n", "\r":
      isLineStart = true
      subscripts = 0
      // A backtick alone on its line is no code; what follows must not pass for it.
      if !code.isBlock { code = (0, false) }
    case " ", "\t", ">", "-", "*", "+", ".", "0"..."9": break
    default: isLineStart = false
    }
  }

  private mutating func give(_ scalar: Unicode.Scalar, into output: inout String.UnicodeScalarView) {
    giveBlank(into: &output)
    if scalar == " " { blank = true } else { output.append(scalar) }
    previous = scalar
  }

  private mutating func giveBlank(into output: inout String.UnicodeScalarView) {
    if blank { output.append(" ") }
    blank = false
  }

  private mutating func flushHeld(into output: inout String.UnicodeScalarView) {
    guard let last = held.last else { return }
    giveBlank(into: &output)
    output.append(contentsOf: held)
    previous = last
    isLineStart = false
    held = String.UnicodeScalarView()
  }

  private mutating func resolve(into output: inout String.UnicodeScalarView) {
    let numbers = held.dropFirst().dropLast().split(whereSeparator: { $0 == "," || $0 == " " })
    if numbers.isEmpty || escapes {
      if !numbers.isEmpty {
        giveBlank(into: &output)
        output.append("\\")
      }
      flushHeld(into: &output)
      return
    }
    // A number too large to read is one that does not exist.
    let known = numbers.compactMap { Int(String($0)) }.filter { valid.contains($0) }
    invented += numbers.count - known.count
    cited.formUnion(known)
    held = String.UnicodeScalarView()
    isLineStart = false
    if known.isEmpty {
      // The blank before it goes with it.
      blank = false
    } else {
      giveBlank(into: &output)
      for id in known { output.append(contentsOf: "[\(id)]".unicodeScalars) }
    }
    previous = "]"
  }
}

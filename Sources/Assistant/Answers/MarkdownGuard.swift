/// Takes the teeth out of Markdown that did not come from us, as it streams: no raw HTML, no images (which an editor
/// would fetch from wherever they say), no links but to the web and to files. Text in code stays as it is.
///
/// A model can be talked into writing such things by a file of the workspace, and an extractive answer quotes files.
struct MarkdownGuard: Sendable {
  /// Schemes that a link may have; one without a scheme is a path.
  private static let schemes: Set<String> = ["http", "https", "file", "mailto"]
  /// No scheme is longer.
  private static let longestScheme = 24

  /// A `(` after a `]`, and what may be a scheme after it.
  private var target: String.UnicodeScalarView?
  private var previous: Unicode.Scalar = "\n"
  /// `<` was read and not given yet: what follows decides.
  private var angle = false
  /// Backticks of the run under way, and whether it began its line.
  private var run = (count: 0, beginsLine: false)
  /// Backticks that opened the code that the text is in; 0 outside.
  private var code = (ticks: 0, isBlock: false)
  private var isLineStart = true

  /// The whole of a text.
  static func guarded(_ text: String) -> String {
    var markdown = MarkdownGuard()
    return markdown.push(text) + markdown.finish()
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
    if angle { output.append("<") }
    angle = false
    if let target { output += target }
    target = nil
    return String(output)
  }

  private mutating func take(_ scalar: Unicode.Scalar, into output: inout String.UnicodeScalarView) {
    if let held = target {
      if resolveTarget(held, scalar, into: &output) { return }
    }
    if scalar == "`" {
      if run.count == 0 { run.beginsLine = isLineStart }
      run.count += 1
    } else if run.count > 0 {
      endRun()
    }
    if code.ticks > 0 || scalar == "`" {
      if angle { output.append("<") }
      angle = false
      give(scalar, into: &output)
      return
    }
    if angle {
      angle = false
      // Where no tag, comment or autolink can begin it is an ordinary sign.
      let begins = scalar.properties.isAlphabetic || scalar == "/" || scalar == "!" || scalar == "?"
      output += (begins ? "&lt;" : "<").unicodeScalars
    }
    switch scalar {
    case "<" where previous != "\\":
      angle = true
      previous = scalar
      isLineStart = false
      return
    case "[" where previous == "!": output.append("\\")
    case "(" where previous == "]":
      target = String.UnicodeScalarView([scalar])
      return
    // `[name]: address` defines a link that stands elsewhere.
    case ":" where previous == "]": output.append("\\")
    default: break
    }
    give(scalar, into: &output)
  }

  /// Decides about the target of a link once its scheme is known; whether the scalar is used up.
  private mutating func resolveTarget(
    _ held: String.UnicodeScalarView, _ scalar: Unicode.Scalar, into output: inout String.UnicodeScalarView
  ) -> Bool {
    let isSchemePart =
      scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "+-._ <\t\n".unicodeScalars.contains(scalar)
    if isSchemePart, held.count <= Self.longestScheme {
      target?.append(scalar)
      return true
    }
    let scheme = String(held.dropFirst()).filter { $0.isLetter || $0.isNumber || $0 == "+" || $0 == "-" }.lowercased()
    let isAllowed = scalar != ":" || Self.schemes.contains(scheme)
    if !isAllowed { output.append("\\") }
    output += held
    previous = held.last ?? previous
    target = nil
    return false
  }

  private mutating func give(_ scalar: Unicode.Scalar, into output: inout String.UnicodeScalarView) {
    output.append(scalar)
    previous = scalar
    if scalar == "\n" {
      isLineStart = true
    } else if !scalar.properties.isWhitespace, scalar != ">" {
      isLineStart = false
    }
  }

  /// A run of backticks has ended: it opens code, closes it, or stands in it.
  private mutating func endRun() {
    if code.ticks == 0 {
      code = (run.count, run.count >= 3 && run.beginsLine)
    } else if code.isBlock ? run.count >= code.ticks && run.beginsLine : run.count == code.ticks {
      code = (0, false)
    }
    run = (0, false)
  }
}

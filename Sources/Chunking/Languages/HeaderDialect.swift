/// Tells what a `.h` file is written in by what is in it: C, C++ or Objective-C share the extension.
///
/// Looks at the first word of each line of code: what stands in comments, in continued macros and between
/// `#ifdef __cplusplus` and its `#endif` says nothing. The first line that only one of the languages has decides.
struct HeaderDialect {
  private let text: UnsafeBufferPointer<UInt8>
  private var inComment = false
  /// How many conditionals are open inside one for C++ alone; 0 outside.
  private var guarded = 0

  /// The number of bytes looked at: licence and includes come first, declarations soon after.
  private static let reach = 1 << 16

  private init(_ text: UnsafeBufferPointer<UInt8>) {
    self.text = UnsafeBufferPointer(rebasing: text.prefix(HeaderDialect.reach))
  }

  /// The identifier of the language, `c` unless something tells otherwise.
  static func detect(_ text: UnsafeBufferPointer<UInt8>) -> String {
    var dialect = HeaderDialect(text)
    var line = 0
    var isContinued = false
    while line < dialect.text.count {
      var end = line
      while end < dialect.text.count, dialect.text[end] != 0x0A, dialect.text[end] != 0x0D { end += 1 }
      let content = dialect.code(line..<end)
      if !isContinued, let found = dialect.verdict(content) { return found }
      isContinued = !content.isEmpty && dialect.text[content.upperBound - 1] == UInt8(ascii: "\\")
      line = end + 1
    }
    return "c"
  }

  /// The line without blanks at its ends and comments at its start; empty if nothing is left.
  private mutating func code(_ line: Range<Int>) -> Range<Int> {
    var start = line.lowerBound
    while start < line.upperBound {
      if inComment {
        if starts(start, "*/") {
          inComment = false
          start += 1
        }
        start += 1
      } else if text[start] <= 0x20 {
        start += 1
      } else if starts(start, "/*") {
        inComment = true
        start += 2
      } else {
        break
      }
    }
    guard start < line.upperBound, !starts(start, "//") else { return line.upperBound..<line.upperBound }
    var end = line.upperBound
    var cursor = start
    while cursor < end {
      if starts(cursor, "//") {
        end = cursor
      } else if starts(cursor, "/*") {
        var close = cursor + 2
        while close < end, !starts(close, "*/") { close += 1 }
        if close >= end {
          inComment = true
          end = cursor
        } else {
          cursor = close + 1
        }
      }
      cursor += 1
    }
    while end > start, text[end - 1] <= 0x20 { end -= 1 }
    return start..<end
  }

  /// What only one of the languages would have in this line of code.
  private mutating func verdict(_ line: Range<Int>) -> String? {
    guard let first = line.first else { return nil }
    if text[first] == UInt8(ascii: "#") { return directive(line) }
    guard guarded == 0 else { return nil }
    if text[first] == UInt8(ascii: "@") {
      let word = text[(first + 1)..<line.upperBound].prefix { $0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z") }
      return ["interface", "protocol", "class", "end", "import"].contains(String(decoding: word, as: UTF8.self))
        ? "objective-c" : nil
    }
    var end = first
    while end < line.upperBound, isWordByte(text[end]) { end += 1 }
    let word = String(decoding: text[first..<end], as: UTF8.self)
    var next = end
    while next < line.upperBound, text[next] == 0x20 || text[next] == 0x09 { next += 1 }
    let following = next < line.upperBound ? text[next] : 0
    switch word {
    case "class", "namespace", "using", "virtual", "explicit", "friend", "constexpr", "typename", "mutable":
      return isWordByte(following) || following == UInt8(ascii: "{") ? "cpp" : nil
    case "template": return following == UInt8(ascii: "<") ? "cpp" : nil
    case "public", "private", "protected": return following == UInt8(ascii: ":") ? "cpp" : nil
    default: return nil
    }
  }

  private mutating func directive(_ line: Range<Int>) -> String? {
    var start = line.lowerBound + 1
    while start < line.upperBound, text[start] == 0x20 || text[start] == 0x09 { start += 1 }
    if starts(start, "if") {
      if guarded > 0 || mentionsCPlusPlus(line) { guarded += 1 }
    } else if starts(start, "endif") {
      guarded = max(0, guarded - 1)
    } else if starts(start, "el"), guarded == 1 {
      guarded = 0
    } else if starts(start, "import") {
      return "objective-c"
    } else if guarded == 0, starts(start, "include") {
      // The standard headers of C++ have no extension.
      guard let open = line.first(where: { text[$0] == UInt8(ascii: "<") }) else { return nil }
      let name = text[(open + 1)..<line.upperBound].prefix { $0 != UInt8(ascii: ">") }
      return !name.isEmpty && name.allSatisfy({ isWordByte($0) }) ? "cpp" : nil
    }
    return nil
  }

  /// Whether a condition asks for C++: `#ifdef __cplusplus`, not `#ifndef __cplusplus`.
  private func mentionsCPlusPlus(_ line: Range<Int>) -> Bool {
    line.contains { starts($0, "__cplusplus") } && !line.contains { starts($0, "ifndef") || starts($0, "!") }
  }

  private func starts(_ start: Int, _ word: StaticString) -> Bool {
    let length = word.utf8CodeUnitCount
    guard start + length <= text.count else { return false }
    for index in 0..<length where text[start + index] != word.utf8Start[index] { return false }
    return true
  }

  private func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }
}

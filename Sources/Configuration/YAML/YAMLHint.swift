/// What to do about text that is no YAML: libyaml says what it met, not what was wrong.
enum YAMLHint {
  static func hint(for error: ConfigurationError, in bytes: UnsafeBufferPointer<UInt8>) -> String? {
    let line = line(error.position.line, in: bytes)
    if line.prefix(while: { $0 == 0x20 || $0 == 0x09 }).contains(0x09) {
      return "indent with spaces: YAML takes no tabs there"
    }
    let message = error.message
    if message.contains("scanning an alias") || message.contains("no anchor") {
      return "a text that begins with * needs quotes: \"*\""
    }
    if message.contains("mapping values are not allowed") {
      return "a text with “: ” in it needs quotes; else compare the indentation with the lines above"
    }
    if message.contains("cannot start any token") { return "a text that begins with @, ` or % needs quotes" }
    if message.contains("expected key") || message.contains("expected '-' indicator") {
      return "compare the indentation with the lines above"
    }
    if message.contains("flow sequence") || message.contains("flow mapping") { return "a bracket is not closed" }
    if message.contains("quoted scalar") { return "a quotation mark is not closed" }
    return nil
  }

  private static func line(_ number: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Slice<UnsafeBufferPointer<UInt8>> {
    var start = bytes.startIndex
    for _ in 1..<max(1, number) {
      guard let end = bytes[start...].firstIndex(of: 0x0A) else { break }
      start = end + 1
    }
    return bytes[start...].prefix { $0 != 0x0A }
  }
}

/// HTML as text: tags, comments, scripts and styles become spaces, entities what they stand for.
///
/// What says something to a reader stays of a tag: the values of attributes such as `alt`, `title`, `id` and `name`.
struct MarkupReader {
  private let text: UnsafeBufferPointer<UInt8>
  private var bytes: [UInt8]
  private var index = 0

  /// The text of a document, with everything at its place.
  static func plainText(of text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    var reader = MarkupReader(text: text)
    reader.read()
    return reader.bytes
  }

  private init(text: UnsafeBufferPointer<UInt8>) {
    self.text = text
    bytes = ReadingText.blank(text)
  }

  private mutating func read() {
    while index < text.count {
      let byte = text[index]
      if byte == UInt8(ascii: "<"), index + 1 < text.count {
        let next = text[index + 1]
        if starts(with: "<!--") {
          index = Self.find("-->", in: text, from: index + 4, foldsCase: false) ?? text.count
          continue
        }
        if isLetter(next) || next == UInt8(ascii: "/") || next == UInt8(ascii: "!") || next == UInt8(ascii: "?") {
          tag()
          continue
        }
      }
      if byte == UInt8(ascii: "&"), let entity = Entity.at(index, in: text) {
        for (offset, value) in entity.value.enumerated() { bytes[index + offset] = value }
        index += entity.length
        continue
      }
      bytes[index] = byte
      index += 1
    }
  }

  private mutating func tag() {
    let nameStart = index + 1
    index = nameStart
    while index < text.count, isLetter(text[index]) || (0x30...0x39).contains(text[index]) { index += 1 }
    let name = String(decoding: text[nameStart..<index].prefix(16).map { $0 | 0x20 }, as: UTF8.self)
    // An attribute's value may hold a `>`; a tag that is never closed ends at a limit.
    let limit = min(text.count, index + 20_000)
    while index < limit, text[index] != UInt8(ascii: ">") {
      if text[index] == UInt8(ascii: "="), index + 1 < limit { attribute(limit) } else { index += 1 }
    }
    index = min(index + 1, text.count)
    if name == "script" || name == "style", text[nameStart] != UInt8(ascii: "/") {
      index = Self.find("</" + name, in: text, from: index, foldsCase: true, passes: false) ?? text.count
    }
  }

  /// At the `=` of an attribute: passes over the value, and keeps it if its name is one of those worth reading.
  private mutating func attribute(_ limit: Int) {
    var start = index
    while start > 0, isLetter(text[start - 1]) || text[start - 1] == UInt8(ascii: "-") { start -= 1 }
    let name = String(decoding: text[start..<index].prefix(16).map { $0 | 0x20 }, as: UTF8.self)
    index += 1
    let quote = text[index]
    guard quote == 0x22 || quote == 0x27 else { return }
    let value = index + 1
    var end = value
    while end < limit, text[end] != quote { end += 1 }
    if Self.readable.contains(name) {
      for place in value..<end where text[place] >= 0x20 { bytes[place] = text[place] }
    }
    index = min(end + 1, limit)
  }

  private static let readable: Set<String> = [
    "id", "name", "alt", "title", "placeholder", "label", "aria-label", "content", "action", "summary",
  ]

  private func starts(with prefix: StaticString) -> Bool {
    guard index + prefix.utf8CodeUnitCount <= text.count else { return false }
    for offset in 0..<prefix.utf8CodeUnitCount where text[index + offset] != prefix.utf8Start[offset] { return false }
    return true
  }

  private func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }

  /// Where `needle` stands, or ends if it is passed over.
  private static func find(
    _ needle: String, in text: UnsafeBufferPointer<UInt8>, from start: Int, foldsCase: Bool, passes: Bool = true
  ) -> Int? {
    let needle = Array(needle.utf8)
    var index = start
    while index + needle.count <= text.count {
      var offset = 0
      while offset < needle.count {
        let byte = text[index + offset]
        guard byte == needle[offset] || foldsCase && byte | 0x20 == needle[offset] else { break }
        offset += 1
      }
      if offset == needle.count { return passes ? index + offset : index }
      index += 1
    }
    return nil
  }

  /// A character reference such as `&amp;` or `&#233;`.
  private enum Entity {
    static func at(_ start: Int, in text: UnsafeBufferPointer<UInt8>) -> (value: [UInt8], length: Int)? {
      let window = text[start..<min(text.count, start + 12)]
      guard let end = window.firstIndex(of: UInt8(ascii: ";")) else { return nil }
      let name = String(decoding: text[start + 1..<end], as: UTF8.self)
      let length = end + 1 - start
      if let known = named[name] { return (Array(known.utf8), length) }
      guard name.hasPrefix("#") else { return nil }
      let digits = name.dropFirst()
      let number = digits.first == "x" || digits.first == "X" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
      guard let number, let scalar = Unicode.Scalar(number) else { return nil }
      // A line that is written as a number is none of the source's.
      let value = number < 0x20 ? [0x20] : Array(String(Character(scalar)).utf8)
      return value.count <= length ? (value, length) : nil
    }

    private static let named = [
      "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": " ", "copy": "©", "reg": "®", "trade": "™",
      "mdash": "—", "ndash": "–", "hellip": "…", "laquo": "«", "raquo": "»", "lsquo": "‘", "rsquo": "’", "ldquo": "“",
      "rdquo": "”", "bull": "•", "middot": "·", "times": "×", "rarr": "→", "larr": "←", "auml": "ä", "ouml": "ö",
      "uuml": "ü", "Auml": "Ä", "Ouml": "Ö", "Uuml": "Ü", "szlig": "ß", "eacute": "é", "egrave": "è", "agrave": "à",
      "ccedil": "ç", "ntilde": "ñ", "euro": "€", "sect": "§", "para": "¶", "deg": "°",
    ]
  }
}

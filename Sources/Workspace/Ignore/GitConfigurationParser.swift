/// Takes git's configuration format apart, as git does.
///
/// Where git would refuse the file, the rest of it is left out.
struct GitConfigurationParser {
  /// One `name = value` of a section.
  struct Entry: Hashable {
    /// `core`, lower-cased.
    var section: String
    /// What stands in quotes after the section's name, as it is; nil if there is nothing.
    var subsection: [UInt8]?
    /// Lower-cased.
    var name: String
    /// nil for a name without `=`, which means true.
    var value: [UInt8]?
  }

  private let bytes: [UInt8]
  private var index = 0
  private var section = ""
  private var subsection: [UInt8]?

  private init(_ bytes: [UInt8]) {
    self.bytes = bytes
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { index = 3 }
  }

  /// The entries of a configuration file in order.
  static func entries(_ bytes: [UInt8]) -> [Entry] {
    var parser = GitConfigurationParser(bytes)
    var entries: [Entry] = []
    while let byte = parser.next() {
      switch byte {
      case 0x0A, 0x20, 0x09, 0x0D, 0x0B, 0x0C: continue
      case 0x23, 0x3B: parser.skipLine()
      case 0x5B: guard parser.readSection() else { return entries }
      default:
        guard !parser.section.isEmpty, Self.isLetter(byte), let entry = parser.readEntry(byte) else { return entries }
        entries.append(entry)
      }
    }
    return entries
  }

  /// The next byte; `\r\n` counts as `\n`.
  private mutating func next() -> UInt8? {
    guard index < bytes.count else { return nil }
    if bytes[index] == 0x0D, index + 1 < bytes.count, bytes[index + 1] == 0x0A { index += 1 }
    defer { index += 1 }
    return bytes[index]
  }

  private mutating func skipLine() {
    while let byte = next(), byte != 0x0A {}
  }

  private mutating func readSection() -> Bool {
    var name: [UInt8] = []
    while let byte = next() {
      if byte == 0x5D {
        (section, subsection) = Self.split(name)
        return true
      }
      if byte == 0x20 || byte == 0x09 { return readSubsection(name) }
      guard Self.isNameByte(byte) || byte == 0x2E else { return false }
      name.append(asciiLowercased(byte))
    }
    return false
  }

  private mutating func readSubsection(_ name: [UInt8]) -> Bool {
    var opening = next()
    while opening == 0x20 || opening == 0x09 { opening = next() }
    guard opening == 0x22 else { return false }
    var text: [UInt8] = []
    while let byte = next(), byte != 0x0A {
      if byte == 0x22 {
        guard next() == 0x5D else { return false }
        section = String(decoding: name, as: UTF8.self)
        subsection = text
        return true
      }
      if byte == 0x5C {
        guard let escaped = next(), escaped != 0x0A else { return false }
        text.append(escaped)
      } else {
        text.append(byte)
      }
    }
    return false
  }

  /// The old spelling `[section.subsection]`.
  private static func split(_ name: [UInt8]) -> (String, [UInt8]?) {
    guard let dot = name.firstIndex(of: 0x2E) else { return (String(decoding: name, as: UTF8.self), nil) }
    return (String(decoding: name[..<dot], as: UTF8.self), Array(name[(dot + 1)...]))
  }

  private mutating func readEntry(_ first: UInt8) -> Entry? {
    var name = [asciiLowercased(first)]
    var byte = next()
    while let current = byte, Self.isNameByte(current) {
      name.append(asciiLowercased(current))
      byte = next()
    }
    while byte == 0x20 || byte == 0x09 { byte = next() }
    var entry = Entry(
      section: section, subsection: subsection, name: String(decoding: name, as: UTF8.self), value: nil)
    if byte == nil || byte == 0x0A { return entry }
    guard byte == 0x3D, let value = readValue() else { return nil }
    entry.value = value
    return entry
  }

  /// The value without quotes, escapes, comment and the white space around it; nil if git would refuse it.
  private mutating func readValue() -> [UInt8]? {
    var value: [UInt8] = []
    var kept = 0
    var isQuoted = false
    while let byte = next() {
      if byte == 0x0A { return isQuoted ? nil : Array(value[..<kept]) }
      if !isQuoted {
        if byte == 0x20 || (0x09...0x0D).contains(byte) {
          if !value.isEmpty { value.append(byte) }
          continue
        }
        if byte == 0x23 || byte == 0x3B {
          skipLine()
          return Array(value[..<kept])
        }
      }
      if byte == 0x22 {
        isQuoted.toggle()
        continue
      }
      if byte == 0x5C {
        switch next() {
        case 0x0A: continue
        case 0x6E: value.append(0x0A)
        case 0x74: value.append(0x09)
        case 0x62: value.append(0x08)
        case 0x5C: value.append(0x5C)
        case 0x22: value.append(0x22)
        default: return nil
        }
      } else {
        value.append(byte)
      }
      kept = value.count
    }
    return isQuoted ? nil : Array(value[..<kept])
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    isLetter(byte) || (0x30...0x39).contains(byte) || byte == 0x2D
  }
}

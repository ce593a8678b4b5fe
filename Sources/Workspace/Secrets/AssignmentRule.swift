/// Finds values that are assigned to names such as `password` and look random.
enum AssignmentRule {
  /// Longest value looked at.
  private static let maximumLength = 512

  /// The value between the quote at `quote` and the next one like it, if a name before it makes it a secret.
  static func quoted(_ bytes: UnsafeBufferPointer<UInt8>, quote: Int) -> Range<Int>? {
    guard let name = name(bytes, before: quote), isSecretName(bytes, name) else { return nil }
    let start = quote + 1
    var end = start
    while end < bytes.count, bytes[end] != bytes[quote] {
      if bytes[end] <= 0x20 || end - start > maximumLength { return nil }
      end += 1
    }
    guard end < bytes.count, end - start >= 8 else { return nil }
    let value = UnsafeBufferPointer(rebasing: bytes[start..<end])
    return Randomness.looksRandom(value) ? start..<end : nil
  }

  /// The value of `NAME=value` or `name: value` on the line that starts at `lineStart`, where nothing else follows.
  static func unquoted(_ bytes: UnsafeBufferPointer<UInt8>, lineStart: Int) -> Range<Int>? {
    var index = lineStart
    while index < bytes.count, bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
    let export = Array("export ".utf8)
    if bytes.count - index > export.count, bytes[index..<(index + export.count)].elementsEqual(export) {
      index += export.count
    }
    let nameStart = index
    while index < bytes.count, isNameByte(bytes[index]) { index += 1 }
    let name = nameStart..<index
    guard !name.isEmpty, name.count <= 64, index < bytes.count, bytes[index] == 0x3D || bytes[index] == 0x3A else {
      return nil
    }
    let isColon = bytes[index] == 0x3A
    index += 1
    // YAML wants a space after the colon; `a:b` is something else.
    if isColon, index >= bytes.count || bytes[index] != 0x20 { return nil }
    while index < bytes.count, bytes[index] == 0x20 { index += 1 }
    let start = index
    while index < bytes.count, index - start <= maximumLength, isPlainValueByte(bytes[index]) { index += 1 }
    let end = index
    while index < bytes.count, bytes[index] == 0x20 || bytes[index] == 0x0D { index += 1 }
    guard index == bytes.count || bytes[index] == 0x0A, end - start >= 12, isSecretName(bytes, name) else {
      return nil
    }
    let value = UnsafeBufferPointer(rebasing: bytes[start..<end])
    return Randomness.looksRandom(value) && Randomness.digits(value) >= 2 ? start..<end : nil
  }

  /// The name that the value in quotes is assigned to: `name = "`, `"name": "`, `name: String = "` is not followed.
  private static func name(_ bytes: UnsafeBufferPointer<UInt8>, before quote: Int) -> Range<Int>? {
    var index = quote
    func skipSpaces() {
      while index > 0, bytes[index - 1] == 0x20 || bytes[index - 1] == 0x09 { index -= 1 }
    }
    skipSpaces()
    guard index > 0 else { return nil }
    switch bytes[index - 1] {
    case 0x3D, 0x3A: index -= 1
    case 0x3E where index > 1 && bytes[index - 2] == 0x3D: index -= 2
    default: return nil
    }
    if index > 0, bytes[index - 1] == 0x3A { index -= 1 }
    skipSpaces()
    // The name may be a key in quotes or brackets.
    while index > 0, "\"'`]".utf8.contains(bytes[index - 1]) { index -= 1 }
    let end = index
    while index > 0, end - index < 64, isNameByte(bytes[index - 1]) { index -= 1 }
    return index < end ? index..<end : nil
  }

  private static func isSecretName(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Bool {
    var name: [UInt8] = []
    for byte in bytes[range] where byte != 0x5F && byte != 0x2D { name.append(asciiLowercased(byte)) }
    let isTelling = name.withUnsafeBufferPointer { name in
      keywords.contains { ByteSearch.first($0, in: name, from: 0) != nil }
    }
    guard isTelling else { return false }
    let text = String(decoding: name, as: UTF8.self)
    return !harmlessEndings.contains { text.hasSuffix($0) }
  }

  private static let keywords = [
    "password", "passwd", "passphrase", "secret", "token", "apikey", "accesskey", "privatekey", "authkey",
    "encryptionkey", "signingkey", "accountkey", "credential", "pwd",
  ].map { Array($0.utf8) }

  /// Names that speak of a secret but do not hold it.
  private static let harmlessEndings = [
    "url", "uri", "path", "file", "name", "field", "type", "header", "label", "prefix", "suffix", "regex", "pattern",
    "id", "length", "hash", "digest", "checksum", "endpoint", "placeholder", "hint", "message", "error", "title",
  ]

  private static func isNameByte(_ byte: UInt8) -> Bool {
    SecretScanner.isWord(byte) || byte == 0x2D
  }

  private static func isPlainValueByte(_ byte: UInt8) -> Bool {
    SecretScanner.isWord(byte) || "+/=-!@#%^&*~".utf8.contains(byte)
  }
}

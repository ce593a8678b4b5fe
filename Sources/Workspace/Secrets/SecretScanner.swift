/// Finds secrets in texts before they are sent anywhere, and takes them out.
///
/// Prefers what is certain (known key formats, private keys, passwords in URLs) and takes a value for a secret by its
/// name only if it looks random: placeholders, hashes and identifiers stay readable. Time is linear in the text.
public enum SecretScanner {
  /// The secrets in a text, in order; they do not overlap.
  public static func findings(in bytes: UnsafeBufferPointer<UInt8>) -> [SecretFinding] {
    var findings: [SecretFinding] = []
    var index = 0
    while let key = PrivateKeyBlock.next(in: bytes, from: index) {
      findings.append(SecretFinding(range: key, kind: .privateKey))
      index = key.upperBound
    }
    scanTokens(bytes, into: &findings)
    return withoutOverlaps(findings)
  }

  /// The secrets in a text, as ranges of its UTF-8.
  public static func findings(in text: String) -> [SecretFinding] {
    var text = text
    return text.withUTF8 { findings(in: $0) }
  }

  /// The text with each secret replaced by `⟨secret:kind:hash4⟩`, and what was replaced.
  public static func redact(_ text: String) -> (text: String, redactions: [Redaction]) {
    var text = text
    let (bytes, redactions) = text.withUTF8 { redact($0) }
    return redactions.isEmpty ? (text, []) : (String(decoding: bytes, as: UTF8.self), redactions)
  }

  /// The same for bytes.
  public static func redact(_ bytes: UnsafeBufferPointer<UInt8>) -> (bytes: [UInt8], redactions: [Redaction]) {
    var result: [UInt8] = []
    var redactions: [Redaction] = []
    var copied = 0
    for finding in findings(in: bytes) {
      let secret = UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: bytes[finding.range]))
      let placeholder = "⟨secret:\(finding.kind.rawValue):\(ContentHash(secret).shortHex.prefix(4))⟩"
      result += bytes[copied..<finding.range.lowerBound]
      result += placeholder.utf8
      copied = finding.range.upperBound
      redactions.append(Redaction(range: finding.range, kind: finding.kind, placeholder: placeholder))
    }
    result += bytes[copied...]
    return (result, redactions)
  }

  /// Whether a key of a known service stands in a text.
  static func hasServiceKey(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    var previous: UInt8 = 0x0A
    for index in bytes.indices {
      let byte = bytes[index]
      if !isWord(previous), !ServiceKeyFormat.byFirstByte[Int(byte)].isEmpty, serviceKey(bytes, index) != nil {
        return true
      }
      previous = byte
    }
    return false
  }

  /// Looks at the start of every token, at every quote and at every line.
  private static func scanTokens(_ bytes: UnsafeBufferPointer<UInt8>, into findings: inout [SecretFinding]) {
    var index = 0
    var previous: UInt8 = 0x0A
    while index < bytes.count {
      let byte = bytes[index]
      if previous == 0x0A, let range = AssignmentRule.unquoted(bytes, lineStart: index) {
        findings.append(SecretFinding(range: range, kind: .assignment))
      }
      if byte == 0x22 || byte == 0x27 || byte == 0x60 {
        if let range = AssignmentRule.quoted(bytes, quote: index) {
          findings.append(SecretFinding(range: range, kind: .assignment))
        }
      } else if byte == 0x3A, let range = urlPassword(bytes, colon: index) {
        findings.append(SecretFinding(range: range, kind: .urlPassword))
      } else if !isWord(previous), let finding = token(bytes, index) {
        findings.append(finding)
        index = finding.range.upperBound
        previous = bytes[index - 1]
        continue
      }
      previous = byte
      index += 1
    }
  }

  private static func token(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> SecretFinding? {
    if let key = serviceKey(bytes, start) { return SecretFinding(range: key, kind: .serviceKey) }
    return webToken(bytes, start).map { SecretFinding(range: $0, kind: .webToken) }
  }

  /// The service's key that starts at `start`, if it is no placeholder.
  private static func serviceKey(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> Range<Int>? {
    for format in ServiceKeyFormat.byFirstByte[Int(bytes[start])] {
      guard let end = format.end(in: bytes, from: start) else { continue }
      let body = UnsafeBufferPointer(rebasing: bytes[(start + format.prefix.count)..<end])
      return Randomness.isKeyPlaceholder(body) ? nil : start..<end
    }
    return nil
  }

  /// `eyJ….eyJ….signature`: both the header and the claims are JSON objects in base64.
  private static func webToken(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int) -> Range<Int>? {
    func part(_ from: Int, minimum: Int, isObject: Bool) -> Int? {
      if isObject {
        guard from + 3 <= bytes.count, bytes[from] == 0x65, bytes[from + 1] == 0x79, bytes[from + 2] == 0x4A else {
          return nil
        }
      }
      var end = from
      while end < bytes.count, ServiceKeyFormat.Alphabet.urlSafe.contains(bytes[end]) { end += 1 }
      return end - from >= minimum ? end : nil
    }
    guard let header = part(start, minimum: 15, isObject: true), header < bytes.count, bytes[header] == 0x2E,
      let claims = part(header + 1, minimum: 10, isObject: true), claims < bytes.count, bytes[claims] == 0x2E,
      let end = part(claims + 1, minimum: 20, isObject: false)
    else { return nil }
    return start..<end
  }

  /// The password in `scheme://user:password@host`, found by the colon before `//`.
  private static func urlPassword(_ bytes: UnsafeBufferPointer<UInt8>, colon: Int) -> Range<Int>? {
    guard colon > 1, colon + 3 < bytes.count, bytes[colon + 1] == 0x2F, bytes[colon + 2] == 0x2F,
      isWord(bytes[colon - 1])
    else { return nil }
    var separator: Int?
    var at: Int?
    let end = min(bytes.count, colon + 300)
    var index = colon + 3
    loop: while index < end {
      switch bytes[index] {
      case 0x3A where separator == nil: separator = index
      case 0x40:
        at = index
        break loop
      case 0...0x20, 0x22, 0x27, 0x2F, 0x3C, 0x3E, 0x60, 0x7F: break loop
      default: break
      }
      index += 1
    }
    guard let separator, let at, at - separator > 4 else { return nil }
    let password = UnsafeBufferPointer(rebasing: bytes[(separator + 1)..<at])
    return Randomness.isPlaceholder(password) || isStandIn(password) ? nil : (separator + 1)..<at
  }

  /// Whether a URL's password is a name to be filled in (`DB_PASS`), an expression, or a fixed word of a service.
  private static func isStandIn(_ password: UnsafeBufferPointer<UInt8>) -> Bool {
    if password.contains(where: { "$[]{}()<>".utf8.contains($0) }) { return true }
    if password.allSatisfy({ ($0 >= 0x41 && $0 <= 0x5A) || $0 == 0x5F }) { return true }
    return ["x-oauth-basic", "pass", "p%40ss"].contains { password.elementsEqual($0.utf8) }
  }

  /// Sorts, and keeps of overlapping findings the one that starts first, then the longer, then the one that does not
  /// rest on a name: a key is the same secret, with the same placeholder, whether it is assigned or only mentioned.
  private static func withoutOverlaps(_ findings: [SecretFinding]) -> [SecretFinding] {
    func order(_ finding: SecretFinding) -> (Int, Int, Int) {
      (finding.range.lowerBound, -finding.range.count, finding.kind == .assignment ? 1 : 0)
    }
    let sorted = findings.sorted { order($0) < order($1) }
    var result: [SecretFinding] = []
    for finding in sorted where finding.range.lowerBound >= result.last?.range.upperBound ?? 0 {
      result.append(finding)
    }
    return result
  }

  @inline(__always)
  static func isWord(_ byte: UInt8) -> Bool {
    ServiceKeyFormat.Alphabet.alphanumeric.contains(byte) || byte == 0x5F
  }
}

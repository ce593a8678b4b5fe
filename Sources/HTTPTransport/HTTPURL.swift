/// An absolute `http` or `https` URL, parsed strictly.
///
/// The transport below parses the same text again, so anything on which two parsers could disagree about the host is
/// refused here: user information, backslashes, spaces, control and non-ASCII characters, escapes in the host.
public struct HTTPURL: Sendable, Hashable, CustomStringConvertible {
  /// What is spoken on the connection.
  public enum Scheme: String, Sendable {
    /// In clear.
    case http
    /// Over TLS.
    case https
  }

  /// Why a text is not accepted.
  public struct Invalid: Error, Sendable, Hashable, CustomStringConvertible {
    /// What is wrong, without the URL itself (it could hold a key).
    public let description: String
  }

  /// `http` or `https`.
  public let scheme: Scheme
  /// Lower case, without the brackets of an IPv6 address.
  public let host: String
  /// 1 to 65535, the scheme's own when the text names none.
  public let port: Int
  /// Empty, or beginning with `/`.
  public let path: String
  /// What follows `?`.
  public let query: String?
  /// The whole, normalised: no default port, no fragment.
  public let description: String
  /// Whether this machine answers: `localhost`, a full 127.x.y.z, `::1`. Short forms such as `127.1` do not count.
  public let isLoopback: Bool

  /// Parses `text`.
  public init(_ text: String) throws(Invalid) {
    try Self.check(text)
    guard let colon = Self.schemeEnd(text) else {
      throw Invalid(description: "the URL must begin with http:// or https://")
    }
    guard let scheme = Scheme(rawValue: text[..<colon].lowercased()) else {
      throw Invalid(description: "only http and https are spoken")
    }
    var rest = text.utf8[text.utf8.index(colon, offsetBy: 3)...]
    if let hash = rest.firstIndex(of: 0x23) { rest = rest[..<hash] }
    let authority = rest.prefix { $0 != 0x2F && $0 != 0x3F }
    rest = rest[authority.endIndex...]
    guard !authority.contains(0x40) else {
      throw Invalid(description: "user name and password do not belong in a URL")
    }
    let (host, portText) = try HTTPURL.split(Substring(authority))
    var port: Int?
    if let portText {
      guard !portText.isEmpty, portText.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(portText),
        (1...65535).contains(number)
      else { throw Invalid(description: "the port is not a number from 1 to 65535") }
      port = number
    }
    self.init(scheme: scheme, host: host, port: port, isLoopback: Self.isLoopback(host), rest: rest)
  }

  /// Puts parts together that were checked; `rest` is what follows the authority, without a fragment.
  private init(scheme: Scheme, host: String, port: Int?, isLoopback: Bool, rest: Substring.UTF8View) {
    let defaultPort = scheme == .http ? 80 : 443
    let question = rest.firstIndex(of: 0x3F)
    self.scheme = scheme
    self.host = host
    self.isLoopback = isLoopback
    self.port = port ?? defaultPort
    path = String(Substring(rest[..<(question ?? rest.endIndex)]))
    query = question.map { String(Substring(rest[rest.index(after: $0)...])) }
    var description = scheme == .http ? "http://" : "https://"
    description += host.utf8.contains(0x3A) ? "[" + host + "]" : host
    if self.port != defaultPort { description += ":" + String(self.port) }
    description += path
    if let query { description += "?" + query }
    self.description = description
  }

  private static func check(_ text: String) throws(Invalid) {
    guard text.utf8.count <= 8192 else { throw Invalid(description: "the URL is longer than 8192 bytes") }
    for byte in text.utf8 where byte <= 0x20 || byte >= 0x7F || byte == 0x5C {
      throw Invalid(description: "the URL holds a space, a backslash, a control or a non-ASCII character")
    }
  }

  /// Where the first `://` stands.
  private static func schemeEnd(_ text: String) -> String.Index? {
    var index = text.utf8.startIndex
    while let colon = text.utf8[index...].firstIndex(of: 0x3A) {
      if text.utf8[colon...].starts(with: "://".utf8) { return colon }
      index = text.utf8.index(after: colon)
    }
    return nil
  }

  private static func split(_ authority: Substring) throws(Invalid) -> (host: String, port: Substring?) {
    if authority.first == "[" {
      guard let end = authority.firstIndex(of: "]") else { throw Invalid(description: "a bracket is not closed") }
      let host = authority[authority.index(after: authority.startIndex)..<end].lowercased()
      let isAddress = host.utf8.allSatisfy {
        (0x30...0x39).contains($0) || (0x61...0x66).contains($0) || $0 == 0x3A || $0 == 0x2E
      }
      let after = authority[authority.index(after: end)...]
      guard isAddress, host.utf8.contains(0x3A), after.isEmpty || after.first == ":" else {
        throw Invalid(description: "the IPv6 address is not well formed")
      }
      return (host, after.isEmpty ? nil : after.dropFirst())
    }
    let parts = authority.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let host = (parts.first ?? "").lowercased()
    let isName = host.utf8.allSatisfy {
      (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F
    }
    guard isName, !host.isEmpty, host.utf8.count <= 253 else {
      throw Invalid(description: "the host name is empty or not well formed")
    }
    return (host, parts.count > 1 ? parts[1] : nil)
  }

  private static func isLoopback(_ host: String) -> Bool {
    if host == "localhost" || host == "::1" { return true }
    guard host.utf8.first == 0x31 else { return false }
    let parts = host.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 4, parts[0] == "127" else { return false }
    return parts.allSatisfy { part in
      part.utf8.allSatisfy { (0x30...0x39).contains($0) } && part.utf8.count <= 3 && UInt8(part) != nil
    }
  }

  /// Another path on the same host: `base` without its trailing slashes, then `suffix`. The query is dropped.
  public func appending(_ suffix: String) throws(Invalid) -> HTTPURL {
    var base = path.utf8[...]
    while base.last == 0x2F { base = base.dropLast() }
    let rest = String(Substring(base)) + (suffix.utf8.first == 0x2F ? suffix : "/" + suffix)
    // What follows cannot change the host: only its characters and the length of the whole are looked at again.
    try Self.check(rest)
    let end = rest.utf8.firstIndex(of: 0x23) ?? rest.utf8.endIndex
    let url = HTTPURL(
      scheme: scheme, host: host, port: port, isLoopback: isLoopback, rest: rest.utf8[..<end])
    try Self.check(url.description)
    return url
  }
}

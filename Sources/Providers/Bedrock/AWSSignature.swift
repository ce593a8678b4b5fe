import Crypto
import HTTPTransport

/// AWS's signature of a request, version 4: what is sent and when, signed by keys that are not sent.
struct AWSSignature {
  var credentials: AWSCredentials
  var region: String
  var service: String
  /// Seconds since 1970.
  var time: Double

  /// What others on the way may change is not signed.
  private static let unsigned: Set = [
    "authorization", "connection", "content-length", "expect", "transfer-encoding", "user-agent", "x-amzn-trace-id",
  ]

  /// `headers` with those added that show the signature. All of them are signed, and the host that the transport adds.
  func sign(
    _ method: HTTPRequest.Method, _ url: HTTPURL, headers: [HTTPRequestHeader], body: [UInt8]
  ) -> [HTTPRequestHeader] {
    let date = AWSDate(time)
    // A date or token of somebody else's would be signed, but not be ours.
    var headers = headers.filter {
      !["authorization", "x-amz-date", "x-amz-security-token", "host"].contains($0.name.lowercased())
    }
    headers.append(HTTPRequestHeader("X-Amz-Date", date.stamp))
    if let token = credentials.sessionToken { headers.append(HTTPRequestHeader("X-Amz-Security-Token", token)) }
    let signed = signedHeaders(headers, host: Self.host(url))
    let names = signed.map(\.name).joined(separator: ";")
    let canonical = [
      method.rawValue, Self.canonicalPath(url.path), Self.canonicalQuery(url.query),
      signed.map { "\($0.name):\($0.value)\n" }.joined(), names, Self.hash(body),
    ].joined(separator: "\n")
    let scope = "\(date.day)/\(region)/\(service)/aws4_request"
    let text = ["AWS4-HMAC-SHA256", date.stamp, scope, Self.hash(Array(canonical.utf8))].joined(separator: "\n")
    let signature = Self.hex(Self.authenticate(text, with: signingKey(day: date.day)))
    headers.append(
      HTTPRequestHeader(
        "Authorization",
        "AWS4-HMAC-SHA256 Credential=\(credentials.accessKeyID)/\(scope), SignedHeaders=\(names), "
          + "Signature=\(signature)"))
    return headers
  }

  /// Names in lower case and sorted, values of one name joined, white space within them folded.
  private func signedHeaders(
    _ headers: [HTTPRequestHeader], host: String
  ) -> [(name: String, value: String)] {
    var values = ["host": host]
    for header in headers {
      let name = header.name.lowercased()
      guard !Self.unsigned.contains(name) else { continue }
      let text =
        switch header.value {
        case .plain(let text): text
        case .secret(let prefix, let secret): secret.withExposedText { prefix + $0 }
        }
      let folded = text.split { $0 == " " || $0 == "\t" }.joined(separator: " ")
      values[name] = values[name].map { $0 + "," + folded } ?? folded
    }
    return values.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
  }

  private func signingKey(day: String) -> SymmetricKey {
    var key = credentials.secretAccessKey.withExposedText { SymmetricKey(data: Array("AWS4\($0)".utf8)) }
    for part in [day, region, service, "aws4_request"] {
      key = SymmetricKey(data: Self.authenticate(part, with: key))
    }
    return key
  }

  // MARK: Canonical forms

  /// The host as the transport sends it: with its port, if that is not the scheme's own.
  static func host(_ url: HTTPURL) -> String {
    let name = url.host.utf8.contains(0x3A) ? "[\(url.host)]" : url.host
    return url.port == (url.scheme == .http ? 80 : 443) ? name : "\(name):\(url.port)"
  }

  /// The path as sent, without empty and dot segments, encoded once more.
  static func canonicalPath(_ path: String) -> String {
    var segments: [Substring] = []
    let all = path.split(separator: "/", omittingEmptySubsequences: false)
    for segment in all where !segment.isEmpty && segment != "." {
      if segment == ".." { _ = segments.popLast() } else { segments.append(segment) }
    }
    let end = !segments.isEmpty && all.last?.isEmpty == true ? "/" : ""
    return "/" + segments.map { String($0).percentEncoded }.joined(separator: "/") + end
  }

  /// The parameters as sent, sorted.
  static func canonicalQuery(_ query: String?) -> String {
    let pairs = (query ?? "").split(separator: "&").map { pair -> (name: Substring, value: Substring) in
      guard let equals = pair.firstIndex(of: "=") else { return (pair, "") }
      return (pair[..<equals], pair[pair.index(after: equals)...])
    }
    return pairs.sorted { ($0.name, $0.value) < ($1.name, $1.value) }.map { "\($0.name)=\($0.value)" }
      .joined(separator: "&")
  }

  private static func hash(_ bytes: [UInt8]) -> String { hex(Array(SHA256.hash(data: bytes))) }

  private static func authenticate(_ text: String, with key: SymmetricKey) -> [UInt8] {
    Array(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: key))
  }

  private static func hex(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }
}

/// A moment as AWS writes it, in UTC.
struct AWSDate: Equatable {
  /// `20261122`.
  let day: String
  /// `20261122T120000Z`.
  let stamp: String

  /// `time` is in seconds since 1970.
  init(_ time: Double) {
    let seconds = Int(max(0, time.isFinite ? time : 0))
    let clock = seconds % 86400
    // Years are counted from March, so that the leap day comes last; 400 of them have 146,097 days.
    let days = seconds / 86400 + 719_468
    let dayOfEra = days % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    let year = yearOfEra + days / 146_097 * 400 + (month <= 2 ? 1 : 0)
    func digits(_ value: Int, _ count: Int) -> String {
      let text = String(value)
      return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
    }
    day = digits(year, 4) + digits(month, 2) + digits(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1, 2)
    stamp = day + "T" + digits(clock / 3600, 2) + digits(clock / 60 % 60, 2) + digits(clock % 60, 2) + "Z"
  }
}

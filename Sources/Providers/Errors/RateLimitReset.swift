import HTTPTransport

/// When limits of the rate are refilled, by the headers of a refusal.
struct RateLimitReset {
  /// A time of OpenAI's kind is when a bucket is full again, not when the next request has room: no more than a hint for
  /// the pause before the next attempt. Longer than this, it would make a request be given up, or its only deployment be
  /// left alone, while there is room already.
  static let maxHint = 5.0

  private let headers: HTTPHeaders

  init(_ headers: HTTPHeaders) { self.headers = headers }

  /// The seconds to wait; `nil` when the headers do not say. `now` is in seconds since 1970.
  func wait(now: Double) -> Double? {
    // Anthropic's are exact: the time at which what is used up is there again.
    let exact = ["requests", "tokens", "input-tokens", "output-tokens"].compactMap { bucket -> Double? in
      guard isEmpty("anthropic-ratelimit-\(bucket)-remaining") else { return nil }
      return headers["anthropic-ratelimit-\(bucket)-reset"].flatMap(Self.secondsSince1970).map { max(0, $0 - now) }
    }
    if let longest = exact.max() { return longest }
    var hints: [Double] = []
    if isEmpty("x-ratelimit-remaining-requests") { hints += [hint("x-ratelimit-reset-requests")].compactMap { $0 } }
    // Tokens may be too few for this request without being none.
    hints += [hint("x-ratelimit-reset-tokens")].compactMap { $0 }
    return hints.max()
  }

  private func isEmpty(_ name: String) -> Bool { headers[name].flatMap(Double.init) == 0 }

  /// Seconds, up to the bound. Nothing and less than nothing stand for unknown.
  private func hint(_ name: String) -> Double? {
    guard let text = headers[name], let seconds = Double(text) ?? Self.seconds(text), seconds > 0 else { return nil }
    return min(seconds, Self.maxHint)
  }

  /// Reads `9ms`, `6m0s`, `1h2m3.5s`: decimal numbers, each with a unit.
  static func seconds(_ text: String) -> Double? {
    var sum = 0.0
    var rest = text[...]
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      let number = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      rest = rest.dropFirst(number.count)
      let unit = rest.prefix { !($0.isASCII && ($0.isNumber || $0 == ".")) }
      rest = rest.dropFirst(unit.count)
      let factors = ["h": 3600, "m": 60, "s": 1, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ns": 1e-9]
      guard let value = Double(number), let factor = factors[String(unit)] else { return nil }
      sum += value * factor
    }
    return sum.isFinite ? sum : nil
  }

  /// Reads `2026-01-02T03:04:05Z`, with a fraction or an offset (`+01:00`) if need be.
  static func secondsSince1970(_ text: String) -> Double? {
    let bytes = Array(text.utf8)
    func number(_ range: Range<Int>) -> Int? {
      guard range.upperBound <= bytes.count else { return nil }
      var value = 0
      for byte in bytes[range] {
        guard (0x30...0x39).contains(byte) else { return nil }
        value = value * 10 + Int(byte - 0x30)
      }
      return value
    }
    func has(_ character: Unicode.Scalar, at index: Int) -> Bool {
      index < bytes.count && UInt32(bytes[index]) == character.value
    }
    guard let year = number(0..<4), has("-", at: 4), let month = number(5..<7), has("-", at: 7),
      let day = number(8..<10), has("T", at: 10) || has("t", at: 10) || has(" ", at: 10), let hour = number(11..<13),
      has(":", at: 13), let minute = number(14..<16), has(":", at: 16), let second = number(17..<19),
      (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60,
      second <= 60
    else { return nil }
    var position = 19
    var fraction = 0.0
    if has(".", at: position) {
      var scale = 0.1
      position += 1
      while let digit = number(position..<position + 1) {
        fraction += Double(digit) * scale
        scale /= 10
        position += 1
      }
    }
    var offset = 0
    if has("+", at: position) || has("-", at: position) {
      guard let hours = number(position + 1..<position + 3), has(":", at: position + 3),
        let minutes = number(position + 4..<position + 6), bytes.count == position + 6
      else { return nil }
      offset = (hours * 3600 + minutes * 60) * (has("-", at: position) ? -1 : 1)
    } else {
      guard has("Z", at: position) || has("z", at: position), bytes.count == position + 1 else { return nil }
    }
    let days = RetryAdvice.days(year, month - 1, day)
    return Double(days * 86400 + hour * 3600 + minute * 60 + second - offset) + fraction
  }
}

import HTTPTransport

/// Assembles heads from the header lines libcurl hands over, informational responses left out.
struct ResponseHeadParser {
  private let limit: Int
  private var received = 0
  private var status = 0
  private var headers = HTTPHeaders()
  private(set) var isComplete = false
  /// Whether a byte of any response has come.
  var hasStarted: Bool { received > 0 }

  /// `limit` bounds all lines together, in bytes.
  init(limit: Int) { self.limit = limit }

  /// Takes one line with its ending; the head, when the line was the blank one after it. Trailers are counted, no more.
  mutating func take(_ raw: UnsafeBufferPointer<UInt8>) throws(HTTPTransportError) -> CurlExchange.Head? {
    received += raw.count
    guard received <= limit else { throw .headersTooLarge(limit: limit) }
    guard !isComplete else { return nil }
    var end = raw.count
    while end > 0, raw[end - 1] == 0x0A || raw[end - 1] == 0x0D { end -= 1 }
    if end == 0 {
      guard status != 0 else { throw .malformed("no status line") }
      if (100..<200).contains(status) { return nil }
      isComplete = true
      return CurlExchange.Head(status: status, headers: headers)
    }
    let line = UnsafeBufferPointer(rebasing: raw[0..<end])
    if end > 5, line.starts(with: "HTTP/".utf8) {
      let words = line.split(separator: 0x20, maxSplits: 2)
      guard words.count >= 2, let code = Int(String(decoding: words[1], as: UTF8.self)), (100...999).contains(code)
      else { throw .malformed("no status line") }
      status = code
      headers = HTTPHeaders()
      return nil
    }
    // A line without a colon is a folded continuation or noise: neither is needed.
    guard let colon = line.firstIndex(of: 0x3A) else { return nil }
    func isBlank(_ index: Int) -> Bool { line[index] == 0x20 || line[index] == 0x09 }
    var start = colon + 1
    while start < end, isBlank(start) { start += 1 }
    while end > start, isBlank(end - 1) { end -= 1 }
    headers.append(
      name: String(decoding: UnsafeBufferPointer(rebasing: line[..<colon]), as: UTF8.self),
      value: String(decoding: UnsafeBufferPointer(rebasing: line[start..<end]), as: UTF8.self))
    return nil
  }
}

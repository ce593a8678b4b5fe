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
    var line = raw[...]
    while let last = line.last, last == 0x0A || last == 0x0D { line = line.dropLast() }
    if line.isEmpty {
      guard status != 0 else { throw .malformed("no status line") }
      if (100..<200).contains(status) { return nil }
      isComplete = true
      return CurlExchange.Head(status: status, headers: headers)
    }
    if line.count > 5, line.prefix(5).elementsEqual("HTTP/".utf8) {
      let words = line.split(separator: 0x20, maxSplits: 2)
      guard words.count >= 2, let code = Int(String(decoding: words[1], as: UTF8.self)), (100...999).contains(code)
      else { throw .malformed("no status line") }
      status = code
      headers = HTTPHeaders()
      return nil
    }
    // A line without a colon is a folded continuation or noise: neither is needed.
    guard let colon = line.firstIndex(of: 0x3A) else { return nil }
    var value = line[(colon + 1)...]
    while let first = value.first, first == 0x20 || first == 0x09 { value = value.dropFirst() }
    while let last = value.last, last == 0x20 || last == 0x09 { value = value.dropLast() }
    headers.append(
      name: String(decoding: line[..<colon], as: UTF8.self), value: String(decoding: value, as: UTF8.self))
    return nil
  }
}

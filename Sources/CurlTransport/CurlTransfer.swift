import CCurl
import HTTPTransport

/// An exchange while libcurl works on it. Lives on the curl thread alone.
final class CurlTransfer {
  let exchange: CurlExchange
  let easy: UnsafeMutableRawPointer
  var clock: TransferClock
  var hasRetried = false
  /// Why a callback stopped the transfer.
  var abortReason: HTTPTransportError?
  private let pass: LoopPass

  private var parser: ResponseHeadParser
  private var bodyBytes = 0
  private var headerList: UnsafeMutablePointer<curl_slist>?
  private let errorText: UnsafeMutablePointer<CChar>

  /// Whether any byte of a response has come.
  var hasResponse: Bool { parser.hasStarted }
  /// Whether the head has been handed over.
  var hasHead: Bool { parser.isComplete }

  /// Sets `easy` up for the exchange's request.
  init(
    _ exchange: CurlExchange, easy: UnsafeMutableRawPointer, configuration: CurlConfiguration,
    pass: LoopPass
  ) throws(HTTPTransportError) {
    self.exchange = exchange
    self.easy = easy
    self.pass = pass
    clock = TransferClock(exchange.request.timeouts, start: pass.now)
    parser = ResponseHeadParser(limit: exchange.request.limits.headerBytes)
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    try setUp(configuration)
  }

  deinit {
    curl_slist_free_all(headerList)
    errorText.deallocate()
  }

  private func setUp(_ configuration: CurlConfiguration) throws(HTTPTransportError) {
    let request = exchange.request
    // Without this restriction a mistake elsewhere could open files or other protocols: refuse to go on without it.
    guard cicerone_curl_allow_http_only(easy) == CURLE_OK else { throw .invalidRequest("libcurl is too old") }
    cicerone_curl_quick_exit(easy)
    set(CURLOPT_ERRORBUFFER, pointer: errorText)
    set(CURLOPT_NOSIGNAL, 1)
    set(CURLOPT_FOLLOWLOCATION, 0)
    set(CURLOPT_SSL_VERIFYPEER, 1)
    set(CURLOPT_SSL_VERIFYHOST, 2)
    set(CURLOPT_SSLVERSION, 6)  // CURL_SSLVERSION_TLSv1_2
    set(CURLOPT_TCP_KEEPALIVE, 1)
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    set(CURLOPT_HTTP_VERSION, configuration.version == .http1 ? 2 : 4)  // 1.1, or 2 over TLS
    set(CURLOPT_CONNECTTIMEOUT_MS, max(1, request.timeouts.connect.wholeMilliseconds))
    set(CURLOPT_URL, string: request.url.description)
    if let file = configuration.certificateFile { set(CURLOPT_CAINFO, string: file) }
    if let directory = configuration.certificateDirectory { set(CURLOPT_CAPATH, string: directory) }
    // Always set, even to nothing: libcurl would otherwise read the process's environment by itself.
    let proxy = request.url.isLoopback ? nil : configuration.proxies[request.url.scheme]
    if let proxy {
      proxy.withExposedText { set(CURLOPT_PROXY, string: $0) }
    } else {
      set(CURLOPT_PROXY, string: "")
    }
    set(CURLOPT_NOPROXY, string: configuration.proxyExceptions)

    var headers = request.headers
    if !headers.contains(where: { HTTPHeaders.isSame($0.name, "user-agent") }) {
      headers.append(HTTPRequestHeader("User-Agent", configuration.userAgent))
    }
    for header in headers {
      try header.withLine { headerList = curl_slist_append(headerList, $0) }
    }
    if request.method == .post {
      headerList = curl_slist_append(headerList, "Expect:")
      set(CURLOPT_POST, 1)
      cicerone_curl_set_offset(easy, CURLOPT_POSTFIELDSIZE_LARGE, Int64(request.body.count))
      // Copied by libcurl, for it outlives this call.
      (request.body.isEmpty ? [0] : request.body).withUnsafeBytes {
        set(CURLOPT_COPYPOSTFIELDS, pointer: UnsafeMutableRawPointer(mutating: $0.baseAddress))
      }
    } else {
      set(CURLOPT_HTTPGET, 1)
    }
    set(CURLOPT_HTTPHEADER, pointer: headerList)

    // Unretained: the loop holds the transfer for as long as the handle is in use.
    let context = Unmanaged.passUnretained(self).toOpaque()
    set(CURLOPT_HEADERDATA, pointer: context)
    set(CURLOPT_WRITEDATA, pointer: context)
    cicerone_curl_set_receive(easy, CURLOPT_HEADERFUNCTION) { bytes, size, count, context in
      CurlTransfer.of(context)?.receiveHeader(CurlTransfer.buffer(bytes, size * count)) ?? 0
    }
    cicerone_curl_set_receive(easy, CURLOPT_WRITEFUNCTION) { bytes, size, count, context in
      CurlTransfer.of(context)?.receiveBody(CurlTransfer.buffer(bytes, size * count)) ?? 0
    }
  }

  /// Notes when the connection stood, which libcurl tells only when asked.
  func noteConnection() {
    guard clock.connected == nil else { return }
    let microseconds = cicerone_curl_get_microseconds(easy, CURLINFO_PRETRANSFER_TIME_T)
    if microseconds > 0 { clock.connected = clock.start + .microseconds(microseconds) }
  }

  /// Whether libcurl used a connection made earlier.
  var reusedConnection: Bool {
    var connects = 0
    return cicerone_curl_get_long(easy, CURLINFO_NUM_CONNECTS, &connects) == CURLE_OK && connects == 0
  }

  /// libcurl's own words for what went wrong.
  func describe(_ code: CURLcode) -> String {
    let own = String(cString: errorText)
    return own.isEmpty ? String(cString: curl_easy_strerror(code)) : own
  }

  private func receiveHeader(_ line: UnsafeBufferPointer<UInt8>) -> Int {
    clock.lastByte = pass.now
    do {
      if let head = try parser.take(line) {
        exchange.deliver(head)
        pass.note(exchange)
      }
      return line.count
    } catch {
      abortReason = error
      return CurlTransfer.abort
    }
  }

  private func receiveBody(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    clock.lastByte = pass.now
    guard bodyBytes + bytes.count <= exchange.request.limits.bodyBytes else {
      abortReason = .bodyTooLarge(limit: exchange.request.limits.bodyBytes)
      return CurlTransfer.abort
    }
    switch exchange.offer(bytes) {
    case .taken:
      pass.note(exchange)
      bodyBytes += bytes.count
      return bytes.count
    case .full:
      clock.isPaused = true
      return CurlTransfer.pause
    case .abandoned:
      abortReason = .cancelled
      return CurlTransfer.abort
    }
  }

  /// Any count other than the one offered stops the transfer; -1 can never be it, nor means "pause".
  private static let abort = -1
  private static let pause = 0x1000_0001  // CURL_WRITEFUNC_PAUSE

  private static func of(_ context: UnsafeMutableRawPointer?) -> CurlTransfer? {
    context.map { Unmanaged<CurlTransfer>.fromOpaque($0).takeUnretainedValue() }
  }

  private static func buffer(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> UnsafeBufferPointer<UInt8> {
    let raw = UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : count)
    return raw.assumingMemoryBound(to: UInt8.self)
  }

  private func set(_ option: CURLoption, _ value: Int) { cicerone_curl_set_long(easy, option, value) }
  private func set(_ option: CURLoption, string: String) { cicerone_curl_set_string(easy, option, string) }
  private func set(_ option: CURLoption, pointer: UnsafeMutableRawPointer?) {
    cicerone_curl_set_pointer(easy, option, pointer)
  }
}

extension Duration {
  /// Rounded up, within the range of an `Int`.
  var wholeMilliseconds: Int {
    let (seconds, attoseconds) = components
    guard seconds < 1 << 40 else { return Int.max }
    return Int(seconds) * 1000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
  }
}

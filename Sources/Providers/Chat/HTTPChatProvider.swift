public import HTTPTransport
import Ledger

/// Chats over HTTP in any format: sends, adapts what a server refuses by name, reads the answer as it comes.
public struct HTTPChatProvider: ChatProvider {
  /// The server.
  public let endpoint: Endpoint
  private let format: any ChatFormat
  private let transport: any HTTPTransport

  /// The longest error body read, in bytes.
  static let maxErrorBytes = 64 << 10
  /// How often a request is changed at most to please a server.
  static let maxAdaptations = 8

  /// Makes a provider.
  public init(_ endpoint: Endpoint, format: any ChatFormat, transport: any HTTPTransport) {
    self.endpoint = endpoint
    self.format = format
    self.transport = transport
  }

  /// Sends `request` and streams the answer. A parameter the server refuses by name is left out or renamed, and the
  /// request sent again: a refused request costs nothing.
  public func stream(_ request: ChatRequest) async throws(ProviderError) -> ChatStream {
    var exchange = format.exchange(request, at: endpoint)
    var adaptations = 0
    while true {
      do throws(ProviderError) {
        let response = try await HTTPExchange.send(
          try exchange.httpRequest(), provider: endpoint.provider, transport: transport
        ) { [exchange] in exchange.error(status: $0, headers: $1, body: $2, now: RetryAdvice.currentTime) }
        let reader = ChatStreamReader(
          body: response.body, decoder: exchange.decoder(response.headers), provider: endpoint.provider)
        return ChatStream { () async throws(ProviderError) in try await reader.next() }
      } catch {
        adaptations += 1
        guard adaptations <= Self.maxAdaptations, exchange.adapt(to: error) else { throw error }
      }
    }
  }
}

/// One request and the head of its response, with errors named.
enum HTTPExchange {
  /// Sends; a status other than success becomes the error that `classify` makes of it.
  static func send(
    _ request: HTTPRequest, provider: String, transport: any HTTPTransport,
    classify: (Int, HTTPHeaders, [UInt8]) -> ProviderError
  ) async throws(ProviderError) -> HTTPResponse {
    let response: HTTPResponse
    do {
      response = try await transport.send(request)
    } catch {
      throw ProviderError(error, provider: provider)
    }
    guard !(200..<300).contains(response.status) else { return response }
    // A body that breaks off is no reason to lose the status.
    let text = try? await response.body.collect(upTo: HTTPChatProvider.maxErrorBytes).bytes
    if Task.isCancelled { throw ProviderError(.cancelled, provider: provider, message: "cancelled") }
    throw classify(response.status, response.headers, text ?? [])
  }

  /// Sends, and reads a whole body of at most `limit` bytes as JSON.
  static func document(
    _ request: HTTPRequest, provider: String, transport: any HTTPTransport, limit: Int = 64 << 20,
    classify: (Int, HTTPHeaders, [UInt8]) -> ProviderError
  ) async throws(ProviderError) -> (tree: JSONTree, headers: HTTPHeaders) {
    let response = try await send(request, provider: provider, transport: transport, classify: classify)
    let body: (bytes: [UInt8], isComplete: Bool)
    do {
      body = try await response.body.collect(upTo: limit)
    } catch {
      throw ProviderError(error, provider: provider)
    }
    guard body.isComplete, let tree = try? JSONTree(parsing: body.bytes) else {
      throw ProviderError(
        .server, provider: provider,
        message: body.isComplete ? "the answer is not JSON" : "the answer is longer than \(limit) bytes",
        code: "invalid_response", mayBeCharged: true)
    }
    return (tree, response.headers)
  }
}

/// Reads a body through a decoder, one event at a time.
private actor ChatStreamReader {
  private let body: HTTPBody
  private let provider: String
  private var decoder: any ChatDecoder
  private var pending: [ChatEvent] = []
  private var position = 0
  private var error: ProviderError?

  init(body: HTTPBody, decoder: any ChatDecoder, provider: String) {
    self.body = body
    self.decoder = decoder
    self.provider = provider
  }

  func next() async throws(ProviderError) -> ChatEvent? {
    while position == pending.count {
      if let error { throw error }
      if decoder.isOver {
        // Nothing after the end matters; a server that keeps the stream open must not hold the answer up.
        body.cancel()
        return nil
      }
      do throws(HTTPTransportError) {
        if let bytes = try await body.next() {
          (pending, error) = decoder.push(bytes)
        } else {
          (pending, error) = decoder.end()
        }
      } catch {
        if decoder.isOver { return nil }
        if let rest = complete(after: error) {
          pending = rest
          position = 0
          continue
        }
        // What was delivered is charged: say how much it was before saying what went wrong.
        pending = [.usage(decoder.finalUsage)]
        self.error = ProviderError(error, provider: provider)
      }
      position = 0
    }
    defer { position += 1 }
    return pending[position]
  }

  /// The last events of an answer that lacks nothing but the end of its stream: one that had said why it ended is whole,
  /// however the connection went.
  private func complete(after failure: HTTPTransportError) -> [ChatEvent]? {
    switch failure {
    case .reset, .timeout, .truncated: break
    default: return nil
    }
    var ended = decoder
    let (events, error) = ended.end()
    guard error == nil, ended.isOver else { return nil }
    decoder = ended
    body.cancel()
    return events
  }
}

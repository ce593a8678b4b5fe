public import HTTPTransport
import Ledger

/// OpenAI's chat completions, and every server that offers the same.
public struct OpenAIChatProvider: ChatProvider {
  /// The server.
  public let endpoint: OpenAIEndpoint
  private let transport: any HTTPTransport

  /// The longest error body read, in bytes.
  static let maxErrorBytes = 64 << 10

  /// Makes a provider.
  public init(_ endpoint: OpenAIEndpoint, transport: any HTTPTransport) {
    self.endpoint = endpoint
    self.transport = transport
  }

  /// Sends `request` and streams the answer. A parameter the server refuses by name is left out or renamed, and the
  /// request sent again: a refused request costs nothing.
  public func stream(_ request: ChatRequest) async throws(ProviderError) -> ChatStream {
    var shape = OpenAIRequestShape(
      dialect: endpoint.dialect, model: request.model, catalogue: .embedded)
    while true {
      do throws(ProviderError) {
        let response = try await post(shape.body(request))
        let reader = OpenAIStreamReader(
          body: response.body, decoder: OpenAIChatDecoder(request, classifier: classifier))
        return ChatStream { () async throws(ProviderError) in try await reader.next() }
      } catch {
        guard shape.adapt(to: error) else { throw error }
      }
    }
  }

  /// Lists the server's models (`GET /models`).
  public func models() async throws(ProviderError) -> [ListedModel] {
    let response = try await send(.get, "models", body: [], limits: HTTPLimits(bodyBytes: 8 << 20))
    let body: [UInt8]
    do {
      body = try await response.body.collect(upTo: 8 << 20).bytes
    } catch {
      throw ProviderError(error, provider: endpoint.provider)
    }
    guard let tree = try? JSONTree(parsing: body), let models = ListedModel.read(tree) else {
      throw ProviderError(
        .server, provider: endpoint.provider, message: "the list of models is not well formed",
        code: "invalid_response")
    }
    return models
  }

  private var classifier: ErrorClassifier {
    ErrorClassifier(provider: endpoint.provider, secrets: endpoint.key.map { [$0] } ?? [])
  }

  private func post(_ body: [UInt8]) async throws(ProviderError) -> HTTPResponse {
    try await send(.post, "chat/completions", body: body, limits: HTTPLimits())
  }

  private func send(
    _ method: HTTPRequest.Method, _ path: String, body: [UInt8], limits: HTTPLimits
  ) async throws(ProviderError) -> HTTPResponse {
    var headers = endpoint.headers
    if method == .post {
      headers.append(HTTPRequestHeader("Content-Type", "application/json"))
      headers.append(HTTPRequestHeader("Accept", "text/event-stream, application/json"))
    }
    let url: HTTPURL
    do {
      url = try endpoint.base.appending(path)
    } catch {
      throw ProviderError(.badRequest, provider: endpoint.provider, message: error.description)
    }
    let response: HTTPResponse
    do {
      response = try await transport.send(
        HTTPRequest(method, url, headers: headers, body: body, timeouts: endpoint.timeouts, limits: limits))
    } catch {
      throw ProviderError(error, provider: endpoint.provider)
    }
    guard !(200..<300).contains(response.status) else { return response }
    // A body that breaks off is no reason to lose the status.
    let text = try? await response.body.collect(upTo: Self.maxErrorBytes).bytes
    if Task.isCancelled { throw ProviderError(.cancelled, provider: endpoint.provider, message: "cancelled") }
    throw classifier.error(
      status: response.status, headers: response.headers, body: text ?? [], now: RetryAdvice.currentTime)
  }
}

/// Reads a body through the decoder, one event at a time.
private actor OpenAIStreamReader {
  private let body: HTTPBody
  private var decoder: OpenAIChatDecoder
  private var pending: [ChatEvent] = []
  private var position = 0
  private var error: ProviderError?

  init(body: HTTPBody, decoder: OpenAIChatDecoder) {
    self.body = body
    self.decoder = decoder
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
        // What was delivered is charged: say how much it was before saying what went wrong.
        pending = [.usage(decoder.finalUsage)]
        self.error = ProviderError(error, provider: decoder.provider)
      }
      position = 0
    }
    defer { position += 1 }
    return pending[position]
  }
}

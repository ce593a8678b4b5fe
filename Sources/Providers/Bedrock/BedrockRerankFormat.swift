public import HTTPTransport
import Ledger

/// Reranking on Bedrock: Cohere's and Amazon's models, which are asked alike.
public struct BedrockRerankFormat: RerankFormat {
  private let clock: @Sendable () -> Double

  /// Makes the format; `clock` gives the seconds since 1970 that requests are signed with.
  public init(clock: @escaping @Sendable () -> Double) { self.clock = clock }

  /// Makes the format, with the system's clock.
  public init() { self.init { RetryAdvice.currentTime } }

  /// See ``RerankFormat``.
  public func httpRequest(_ request: RerankRequest, at endpoint: Endpoint) throws(ProviderError) -> HTTPRequest {
    let name = BedrockModelName(request.model)
    var body: [String: JSONTree] = [
      "query": .string(request.query), "documents": .array(request.documents.map(JSONTree.string)),
    ]
    if let topN = request.topN { body["top_n"] = .integer(topN) }
    if name.base.hasPrefix("cohere.") { body["api_version"] = .integer(2) }
    return try endpoint.bedrockRequest("invoke", model: name.id, body: body, clock: clock)
  }

  /// See ``RerankFormat``. What was used is not said.
  public func response(
    _ answer: JSONTree, headers: HTTPHeaders, to request: RerankRequest, provider: String
  ) throws(ProviderError) -> RerankResponse {
    RerankResponse(results: try RerankResults.read(answer, of: request.documents.count, provider: provider))
  }

  /// By Amazon's own words.
  public func error(
    status: Int, headers: HTTPHeaders, body: [UInt8], at endpoint: Endpoint, now: Double
  ) -> ProviderError {
    BedrockErrors(endpoint).error(status: status, headers: headers, body: body, now: now)
  }
}

extension RerankFormat where Self == BedrockRerankFormat {
  /// Bedrock's.
  public static var bedrock: Self { Self() }
}

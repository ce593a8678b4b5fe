public import HTTPTransport

/// A server that speaks OpenAI's chat completions.
public struct OpenAIEndpoint: Sendable, Hashable {
  /// How strictly the server follows OpenAI's newest words.
  public enum Dialect: Sendable, Hashable {
    /// api.openai.com itself.
    case openAI
    /// Everything else: older, widely understood parameters.
    case compatible
  }

  /// The provider's name in errors and in the catalogue: `openai`, `ollama`.
  public var provider: String
  /// Up to and including `/v1`.
  public var base: HTTPURL
  /// Sent when there is one.
  public var key: Secret?
  /// `OpenAI-Organization`.
  public var organization: String?
  /// `OpenAI-Project`.
  public var project: String?
  /// When to give up.
  public var timeouts: HTTPTimeouts

  /// Makes an endpoint.
  public init(
    provider: String = "openai", base: HTTPURL, key: Secret? = nil, organization: String? = nil,
    project: String? = nil, timeouts: HTTPTimeouts = HTTPTimeouts()
  ) {
    self.provider = provider
    self.base = base
    self.key = key
    self.organization = organization
    self.project = project
    self.timeouts = timeouts
  }

  /// `https://api.openai.com/v1`.
  public static let officialBase = "https://api.openai.com/v1"

  /// By the host.
  public var dialect: Dialect { base.host == "api.openai.com" ? .openAI : .compatible }

  /// The headers of every request.
  var headers: [HTTPRequestHeader] {
    var headers: [HTTPRequestHeader] = []
    if let key { headers.append(HTTPRequestHeader("Authorization", prefix: "Bearer ", key)) }
    if let organization { headers.append(HTTPRequestHeader("OpenAI-Organization", organization)) }
    if let project { headers.append(HTTPRequestHeader("OpenAI-Project", project)) }
    return headers
  }
}

public import HTTPTransport

/// A place where a provider is reached, and the credential shown there.
public struct Endpoint: Sendable, Hashable {
  /// The provider's name in the registry, in errors and in the catalogue: `openai`, `ollama`.
  public var provider: String
  /// What paths are appended to: for OpenAI's format up to and including `/v1`.
  public var base: HTTPURL
  /// Shown with every request.
  public var credential: Credential
  /// What else the provider must know, by LiteLLM's names: `api_version`, `aws_region_name`, `organization`.
  public var values: [String: String]
  /// Sent with every request, after the provider's own.
  public var headers: [HTTPRequestHeader]
  /// When to give up.
  public var timeouts: HTTPTimeouts

  /// Makes an endpoint.
  public init(
    provider: String, base: HTTPURL, credential: Credential = .none, values: [String: String] = [:],
    headers: [HTTPRequestHeader] = [], timeouts: HTTPTimeouts = HTTPTimeouts()
  ) {
    self.provider = provider
    self.base = base
    self.credential = credential
    self.values = values
    self.headers = headers
    self.timeouts = timeouts
  }

  /// Whatever must never be shown: the credential's, and those in headers of the entry.
  var secrets: [Secret] {
    credential.secrets
      + headers.compactMap { if case .secret(_, let secret) = $0.value { secret } else { nil } }
  }

  /// The URL of a path below the base, with a query if there is one.
  func url(_ path: String, query: String? = nil) throws(ProviderError) -> HTTPURL {
    do {
      return try base.appending(query.map { "\(path)?\($0)" } ?? path)
    } catch {
      throw ProviderError(.badRequest, provider: provider, message: error.description)
    }
  }
}

/// What shows a provider who asks.
public enum Credential: Sendable, Hashable {
  /// Nothing: servers on this machine.
  case none
  /// A key, in the header that the provider's format has for it.
  case key(Secret)
  /// A token that is sent as `Authorization: Bearer`, also where keys have a header of their own.
  case bearer(Secret)
  /// Keys that sign requests to AWS.
  case aws(AWSCredentials)

  /// A key or token, if it is one.
  public var secret: Secret? {
    switch self {
    case .none, .aws: nil
    case .key(let secret), .bearer(let secret): secret
    }
  }

  /// Whatever must never be shown.
  var secrets: [Secret] {
    switch self {
    case .none: []
    case .key(let secret), .bearer(let secret): [secret]
    case .aws(let keys): [keys.secretAccessKey] + (keys.sessionToken.map { [$0] } ?? [])
    }
  }
}

/// Keys of an AWS account.
public struct AWSCredentials: Sendable, Hashable {
  /// Names the key; not secret by itself.
  public var accessKeyID: String
  /// Signs.
  public var secretAccessKey: Secret
  /// Belongs to temporary keys.
  public var sessionToken: Secret?

  /// Makes credentials.
  public init(accessKeyID: String, secretAccessKey: Secret, sessionToken: Secret? = nil) {
    self.accessKeyID = accessKeyID
    self.secretAccessKey = secretAccessKey
    self.sessionToken = sessionToken
  }
}

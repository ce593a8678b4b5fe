import HTTPTransport

/// Which of Azure OpenAI's two surfaces an endpoint means: the classic one, where the path names the deployment and the
/// query the version, or the newer one below `/openai/v1`, where the body names the deployment.
struct AzureSurface: Equatable {
  /// LiteLLM's, when nobody names one.
  static let defaultVersion = "2025-02-01-preview"
  /// That of the models below a Foundry resource.
  static let foundryVersion = "2024-05-01-preview"

  /// Whether it is the newer one.
  let isV1: Bool
  /// `2024-10-21`, or a word.
  let version: String
  private let basePath: String

  init(_ endpoint: Endpoint) {
    var path = endpoint.base.path
    while path.hasSuffix("/") { path.removeLast() }
    basePath = path
    version = endpoint.values["api_version"] ?? Self.defaultVersion
    isV1 = path.hasSuffix("/openai/v1") || ["v1", "latest", "preview"].contains(version)
  }

  /// The path of a method below the endpoint's base, and its query. Newer methods (`responses`) and those that concern
  /// no deployment are offered by the newer surface only; it asks for a version only to offer what is not finished.
  func target(_ method: String, deployment: String?) -> (path: String, query: String?) {
    if !isV1, method != "responses", let deployment {
      return (
        "openai/deployments/\(deployment.percentEncoded)/\(method)", "api-version=\(version.percentEncoded)"
      )
    }
    return (
      basePath.hasSuffix("/openai/v1") ? method : "openai/v1/" + method,
      version == "preview" ? "api-version=preview" : nil
    )
  }

  /// Whether usage in a stream may be asked for; versions before September 2024 refuse it.
  var offersStreamOptions: Bool { isV1 || version >= "2024-09" }

  /// Ends of Azure's own host names.
  static let hosts = [".openai.azure.com", ".services.ai.azure.com", ".cognitiveservices.azure.com"]

  /// Whether a host is Azure's own.
  static func isAzure(_ host: String) -> Bool { hosts.contains { host.hasSuffix($0) } }

  /// Whether it is the root of a Foundry resource, whose models are below `/models`.
  static func isFoundryRoot(_ base: HTTPURL) -> Bool {
    base.host.hasSuffix(".services.ai.azure.com") && (base.path.isEmpty || base.path == "/")
  }
}

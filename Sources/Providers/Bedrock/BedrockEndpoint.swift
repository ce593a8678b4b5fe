import HTTPTransport

/// Finds where Bedrock is reached, and with what: from an entry, the environment, and AWS's own files.
struct BedrockEndpoint {
  private let settings: ProviderSettings
  private let definition: ProviderDefinition
  private let name: BedrockModelName
  /// The profile that is named, or the one that holds without a name.
  private let profile: AWSProfile?
  private let profileName: String

  /// What would get keys from a service, which is not done here: saying so beats asking with another account's keys.
  private static let unsupported = ["aws_role_name", "aws_web_identity_token", "aws_session_name"]

  init(_ settings: ProviderSettings, _ definition: ProviderDefinition) {
    self.settings = settings
    self.definition = definition
    name = BedrockModelName(settings.model ?? "")
    profileName = settings.value("aws_profile_name", ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"]) ?? "default"
    let isNamed = settings.values["aws_profile_name"] != nil
    let needsFiles = isNamed || Self.keys(of: settings) == nil || Self.region(settings, name) == nil
    profile = needsFiles ? AWSProfile(profileName, environment: settings.environment) : nil
  }

  /// The endpoint.
  func endpoint() throws(ProviderSetupError) -> Endpoint {
    for name in Self.unsupported where settings.values[name] != nil || settings.secrets[name] != nil {
      throw ProviderSetupError("\(name) is not supported: give aws_access_key_id and aws_secret_access_key")
    }
    guard let region = Self.region(settings, name) ?? profile?.values["region"] else {
      throw ProviderSetupError("aws_region_name is missing, and AWS_REGION is not set")
    }
    guard BedrockModelName.isRegion(region) else { throw ProviderSetupError("aws_region_name is not a region") }
    let base = try base(region)
    var values = settings.values
    values["aws_region_name"] = region
    return Endpoint(
      provider: definition.id, base: base, credential: try credential(for: base), values: values,
      headers: settings.headers, timeouts: settings.timeouts)
  }

  private func base(_ region: String) throws(ProviderSetupError) -> HTTPURL {
    let domain = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
    var text =
      settings.apiBase ?? settings.value("aws_bedrock_runtime_endpoint", definition.baseVariables)
      ?? "https://bedrock-runtime.\(region).\(domain)"
    while text.hasSuffix("/") { text.removeLast() }
    return try ProviderSettings.url(ofBase: text)
  }

  /// Keys of the entry, then those of a profile it names, then a token and keys of the environment, then the files.
  private func credential(for base: HTTPURL) throws(ProviderSetupError) -> Credential {
    if let keys = Self.keysOfEntry(settings) { return .aws(keys) }
    if let token = settings.apiKey ?? settings.secrets["aws_bearer_token"] { return .bearer(token) }
    if settings.values["aws_profile_name"] != nil {
      if let keys = profile.flatMap(Self.keys) { return .aws(keys) }
      throw ProviderSetupError(missingProfile)
    }
    if let token = settings.variable(definition.keyVariables).flatMap(Secret.init), mayReceiveToken(base) {
      return .bearer(token)
    }
    if let keys = Self.keys(of: settings) ?? profile.flatMap(Self.keys) { return .aws(keys) }
    if profile?.unsupportedSource != nil { throw ProviderSetupError(missingProfile) }
    guard base.isLoopback else {
      throw ProviderSetupError("no credentials: set AWS_BEARER_TOKEN_BEDROCK, or AWS_ACCESS_KEY_ID and its secret")
    }
    return .none
  }

  private var missingProfile: String {
    if let source = profile?.unsupportedSource {
      return "the AWS profile \(profileName) has \(source), which is not supported: export its keys "
        + "(aws configure export-credentials --format env)"
    }
    return "the AWS profile \(profileName) has no keys"
  }

  /// A token, unlike a signature, can be used by whoever sees it: one of the environment goes to Bedrock alone, or to
  /// where the environment says that it is.
  private func mayReceiveToken(_ base: HTTPURL) -> Bool {
    let labels = base.host.split(separator: ".")
    let isBedrock = labels.contains { $0 == "bedrock-runtime" || $0 == "bedrock-runtime-fips" }
    if isBedrock, definition.owns(base) { return true }
    guard let known = settings.variable(definition.baseVariables).flatMap({ try? HTTPURL($0) }) else { return false }
    return known.scheme == base.scheme && known.host == base.host && known.port == base.port
  }

  private static func region(_ settings: ProviderSettings, _ name: BedrockModelName) -> String? {
    name.region ?? settings.values["aws_region_name"] ?? name.regionOfARN
      ?? settings.variable(["AWS_REGION_NAME", "AWS_REGION", "AWS_DEFAULT_REGION"])
  }

  /// Keys that the entry or the environment gives.
  private static func keys(of settings: ProviderSettings) -> AWSCredentials? {
    if let keys = keysOfEntry(settings) { return keys }
    guard let id = settings.variable(["AWS_ACCESS_KEY_ID"]),
      let secret = settings.variable(["AWS_SECRET_ACCESS_KEY"]).flatMap(Secret.init)
    else { return nil }
    return AWSCredentials(
      accessKeyID: id, secretAccessKey: secret,
      sessionToken: settings.variable(["AWS_SESSION_TOKEN"]).flatMap(Secret.init))
  }

  /// Keys that the entry gives; the environment's session token belongs to the environment's keys and not to these.
  private static func keysOfEntry(_ settings: ProviderSettings) -> AWSCredentials? {
    guard let id = settings.text("aws_access_key_id"), let secret = settings.hidden("aws_secret_access_key") else {
      return nil
    }
    return AWSCredentials(
      accessKeyID: id, secretAccessKey: secret, sessionToken: settings.hidden("aws_session_token"))
  }

  /// Keys that a profile holds.
  private static func keys(_ profile: AWSProfile) -> AWSCredentials? {
    guard let id = profile.values["aws_access_key_id"], !id.isEmpty,
      let secret = profile.values["aws_secret_access_key"].flatMap(Secret.init)
    else { return nil }
    return AWSCredentials(
      accessKeyID: id, secretAccessKey: secret,
      sessionToken: profile.values["aws_session_token"].flatMap(Secret.init))
  }
}

extension ProviderSettings {
  /// A text of the entry, also when it was given as a credential.
  fileprivate func text(_ name: String) -> String? {
    let text = values[name] ?? secrets[name]?.withExposedText { $0 }
    return text.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// A credential of the entry, also when it was given as a text.
  fileprivate func hidden(_ name: String) -> Secret? { secrets[name] ?? values[name].flatMap(Secret.init) }
}

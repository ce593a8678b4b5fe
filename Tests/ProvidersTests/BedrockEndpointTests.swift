import Foundation
import HTTPTransport
import TestHTTPServer
import Testing

@testable import Providers

struct BedrockEndpointTests {
  func endpoint(
    model: String = "us.amazon.nova-pro-v1:0", values: [String: String] = [:], secrets: [String: String] = [:],
    key: String? = nil, base: String? = nil, _ environment: [String: String] = [:]
  ) throws(ProviderSetupError) -> Endpoint {
    try ProviderDefinition.bedrock.endpoint(
      ProviderSettings(
        apiBase: base, apiKey: key.flatMap(Secret.init), values: values, secrets: secrets.compactMapValues(Secret.init),
        environment: environment, model: model))
  }

  static let keys = ["AWS_ACCESS_KEY_ID": "AKENV", "AWS_SECRET_ACCESS_KEY": "secret-env", "AWS_SESSION_TOKEN": "t-env"]

  func keyID(_ endpoint: Endpoint) -> String? {
    guard case .aws(let keys) = endpoint.credential else { return nil }
    return keys.accessKeyID + (keys.sessionToken == nil ? "" : "+token")
  }

  @Test(
    arguments: [
      (["AWS_REGION": "eu-west-1"], [:], "m", "eu-west-1"),
      (["AWS_REGION": "eu-west-1", "AWS_REGION_NAME": "eu-west-2"], [:], "m", "eu-west-2"),
      (["AWS_DEFAULT_REGION": "eu-west-3"], [:], "m", "eu-west-3"),
      (["AWS_REGION": "eu-west-1"], ["aws_region_name": "us-west-2"], "m", "us-west-2"),
      (["AWS_REGION": "eu-west-1"], ["aws_region_name": "us-west-2"], "us-gov-east-1/m", "us-gov-east-1"),
      (["AWS_REGION": "eu-west-1"], [:], "arn:aws:bedrock:ap-south-1:1:inference-profile/x", "ap-south-1"),
    ] as [([String: String], [String: String], String, String)])
  func findsTheRegion(_ environment: [String: String], _ values: [String: String], _ model: String, _ region: String)
    throws
  {
    let found = try endpoint(model: model, values: values, Self.keys.merging(environment) { $1 })
    #expect(found.base.description == "https://bedrock-runtime.\(region).amazonaws.com")
    #expect(found.values["aws_region_name"] == region)
  }

  @Test func refusesWhatIsNoRegion() throws {
    #expect(throws: ProviderSetupError.self) { try endpoint(Self.keys) }
    for region in ["evil.example/", "us-east-1.evil.example", "", "US-EAST-1", "us-east"] {
      #expect(throws: ProviderSetupError.self, "\(region)") {
        try endpoint(values: ["aws_region_name": region], Self.keys)
      }
    }
    let china = try endpoint(values: ["aws_region_name": "cn-north-1"], Self.keys)
    #expect(china.base.host == "bedrock-runtime.cn-north-1.amazonaws.com.cn")
  }

  @Test func findsKeys() throws {
    let region = ["AWS_REGION": "us-east-1"]
    let all = Self.keys.merging(region) { $1 }
    #expect(try keyID(endpoint(all)) == "AKENV+token")
    // The entry's own keys count first, without the session token of the environment.
    let own = ["aws_secret_access_key": "secret-own"]
    #expect(try keyID(endpoint(values: ["aws_access_key_id": "AKOWN"], secrets: own, all)) == "AKOWN")
    let withToken = own.merging(["aws_session_token": "t", "aws_access_key_id": "AKOWN"]) { $1 }
    #expect(try keyID(endpoint(secrets: withToken, all)) == "AKOWN+token")
    // A token of the environment is used before its keys.
    let bearer = try endpoint(all.merging(["AWS_BEARER_TOKEN_BEDROCK": "bt"]) { $1 })
    #expect(bearer.credential == .bearer(try #require(Secret("bt"))))
    #expect(try endpoint(key: "own-token", all).credential == .bearer(try #require(Secret("own-token"))))
    #expect(try endpoint(secrets: ["aws_bearer_token": "bt2"], all).credential.secret == Secret("bt2"))
    #expect(throws: ProviderSetupError.self) { try endpoint(region) }
    #expect(try endpoint(base: "http://127.0.0.1:9", region).credential == .none)
    #expect(throws: ProviderSetupError.self) { try endpoint(values: ["aws_role_name": "r"], all) }
  }

  @Test func aTokenOfTheEnvironmentStaysWithBedrock() throws {
    let environment = Self.keys.merging(["AWS_REGION": "us-east-1", "AWS_BEARER_TOKEN_BEDROCK": "bt"]) { $1 }
    func shows(_ base: String, _ more: [String: String] = [:]) throws -> Bool {
      try endpoint(base: base, environment.merging(more) { $1 }).credential.secret != nil
    }
    #expect(try shows("https://bedrock-runtime.us-east-1.amazonaws.com"))
    #expect(try shows("https://vpce-1.bedrock-runtime.us-east-1.vpce.amazonaws.com"))
    #expect(try !shows("https://bucket.s3.amazonaws.com"))
    #expect(try !shows("https://bedrock-runtime.example"))
    #expect(try !shows("http://bedrock-runtime.us-east-1.amazonaws.com"))
    #expect(try !shows("http://127.0.0.1:9"))
    #expect(try shows("http://127.0.0.1:9", ["AWS_ENDPOINT_URL_BEDROCK_RUNTIME": "http://127.0.0.1:9"]))
    #expect(
      try endpoint(values: ["aws_bedrock_runtime_endpoint": "https://inner.example/x/"], environment).base.description
        == "https://inner.example/x")
  }

  @Test func readsProfiles() throws {
    let home = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: home.appendingPathComponent(".aws"), withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: home) }
    try """
    # keys
    [default]
    aws_access_key_id = AKDEFAULT
    aws_secret_access_key=secret/default+x=

    [work]
    aws_access_key_id=AKWORK
    aws_secret_access_key = secret-work
    aws_session_token = t-work
    s3 =
      aws_access_key_id = nested
    """.write(to: home.appendingPathComponent(".aws/credentials"), atomically: true, encoding: .utf8)
    try """
    [default]
    region = eu-north-1
    [profile  work]
    region = eu-central-1
    output = json
    [profile corporate]
    sso_session = s
    region = eu-central-1
    """.write(to: home.appendingPathComponent(".aws/config"), atomically: true, encoding: .utf8)
    let environment = ["HOME": home.path]
    let plain = try endpoint(environment)
    #expect(keyID(plain) == "AKDEFAULT")
    #expect(plain.values["aws_region_name"] == "eu-north-1")
    let work = try endpoint(environment.merging(["AWS_PROFILE": "work"]) { $1 })
    #expect(keyID(work) == "AKWORK+token")
    #expect(work.values["aws_region_name"] == "eu-central-1")
    // An entry's profile counts more than keys of the environment; these more than a profile of the environment.
    let all = environment.merging(Self.keys) { $1 }.merging(["AWS_PROFILE": "work"]) { $1 }
    #expect(try keyID(endpoint(values: ["aws_profile_name": "default"], all)) == "AKDEFAULT")
    #expect(try keyID(endpoint(all)) == "AKENV+token")
    #expect(try endpoint(all).values["aws_region_name"] == "eu-central-1")
    var found: ProviderSetupError?
    do throws(ProviderSetupError) {
      _ = try endpoint(values: ["aws_profile_name": "corporate"], environment)
    } catch { found = error }
    #expect(found?.message.contains("sso_session") == true)
    #expect(throws: ProviderSetupError.self) { try endpoint(values: ["aws_profile_name": "none"], environment) }
    // Elsewhere, and something that is no file.
    let moved = ["AWS_SHARED_CREDENTIALS_FILE": home.path + "/.aws/credentials", "AWS_CONFIG_FILE": home.path]
    #expect(try keyID(endpoint(moved.merging(["AWS_REGION": "us-east-1"]) { $1 })) == "AKDEFAULT")
  }

  @Test func showsATokenAsABearer() async throws {
    let server = try TestHTTPServer { _, connection in
      try connection.head(200, ProviderFake.bedrock.headers)
      try connection.send(ProviderFake.bedrock.answer(["a"], usage: nil))
    }
    defer { server.stop() }
    let endpoint = try endpoint(
      values: ["aws_region_name": "us-east-1"], key: "sk-bearer-token", base: server.base)
    let (events, error) = try await ask(endpoint, BedrockChatFormat(), ProviderFake.bedrock.request)
    #expect(error == nil)
    #expect(events.text == "a")
    #expect(server.requests.first?.headers["authorization"] == "Bearer sk-bearer-token")
    #expect(server.requests.first?.headers["x-amz-date"] == nil)
  }
}

import Foundation
import HTTPTransport
import TestHTTPServer
import Testing

@testable import Providers

struct AWSSignatureTests {
  static let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

  @Test(
    arguments: [
      (nil, "ad76d71e9e8cdb42850f1c5cd9d4c6374091129dbb7024cb75c7a1103c522682", "content-type;host;x-amz-date"),
      (
        "SESSIONTOKENEXAMPLE", "c81353339ac40b1dd0ae99256956bb7538889436b063b07f3d3af3684be7d7cf",
        "content-type;host;x-amz-date;x-amz-security-token"
      ),
    ] as [(String?, String, String)])
  func signsTheVectors(_ token: String?, _ signature: String, _ names: String) throws {
    let keys = AWSCredentials(
      accessKeyID: "AKIDEXAMPLE", secretAccessKey: try #require(Secret(Self.secret)),
      sessionToken: token.flatMap(Secret.init))
    // 2026-11-22, 12:00:00 UTC.
    let headers = AWSSignature(credentials: keys, region: "us-east-1", service: "bedrock", time: 1_795_348_800).sign(
      .post,
      try HTTPURL(
        "https://bedrock-runtime.us-east-1.amazonaws.com/model/us.anthropic.claude-haiku-4-5-20251001-v1%3A0/converse"),
      headers: [HTTPRequestHeader("Content-Type", "application/json")],
      body: Array(#"{"messages":[{"role":"user","content":[{"text":"Hi"}]}],"inferenceConfig":{"maxTokens":16}}"#.utf8))
    #expect(headers.first { $0.name == "X-Amz-Date" }?.value == .plain("20261122T120000Z"))
    #expect(
      headers.last?.value
        == .plain(
          "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261122/us-east-1/bedrock/aws4_request, "
            + "SignedHeaders=\(names), Signature=\(signature)"))
    #expect(headers.contains { $0.name == "X-Amz-Security-Token" } == (token != nil))
    #expect(!"\(headers)".contains("SESSIONTOKEN"))
  }

  /// Made with botocore: see Tests/Integration/aws_signatures.py.
  @Test func signsAsBotocoreDoes() throws {
    let lines = String(decoding: try fixture("aws.signatures.ndjson"), as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 300)
    for line in lines {
      let tree = try JSONTree(parsing: Array(line.utf8))
      func text(_ name: String) throws -> String { try #require(tree[name]?.string) }
      guard case .object(let fields)? = tree["headers"] else { continue }
      let keys = AWSCredentials(
        accessKeyID: try text("key"), secretAccessKey: try #require(Secret(try text("secret"))),
        sessionToken: tree["token"]?.string.flatMap(Secret.init))
      let signature = AWSSignature(
        credentials: keys, region: try text("region"), service: "bedrock", time: Double(try #require(tree["time"]?.int))
      )
      let headers = signature.sign(
        try text("method") == "GET" ? .get : .post, try HTTPURL(try text("url")),
        headers: fields.map { HTTPRequestHeader($0, $1.string ?? "") }, body: Array((tree["body"]?.string ?? "").utf8))
      let (authorization, date) = (try text("authorization"), try text("date"))
      #expect(headers.last?.value == .plain(authorization), "\(line)")
      #expect(headers.first { $0.name == "X-Amz-Date" }?.value == .plain(date))
    }
  }

  @Test func writesDates() {
    #expect(AWSDate(0).stamp == "19700101T000000Z")
    #expect(AWSDate(951_782_399).stamp == "20000228T235959Z")
    #expect(AWSDate(951_782_400).stamp == "20000229T000000Z")
    #expect(AWSDate(4_107_542_399).stamp == "21000228T235959Z")
    #expect(AWSDate(4_107_542_400).day == "21000301")
    #expect(AWSDate(.nan).stamp == "19700101T000000Z")
    for day in stride(from: 0, to: 60000, by: 7) {
      let time = Double(day) * 86400
      let parts = Calendar(identifier: .gregorian).dateComponents(
        in: TimeZone(secondsFromGMT: 0) ?? .current, from: Date(timeIntervalSince1970: time))
      let expected = (parts.year ?? 0) * 10000 + (parts.month ?? 0) * 100 + (parts.day ?? 0)
      #expect(Int(AWSDate(time).day) == expected)
    }
  }

  /// What is signed must be what arrives: the signature is made anew of the request as a server received it.
  @Test(arguments: ["m", "us.anthropic.claude-x-v1:0", "arn:aws:bedrock:eu-west-1:1:inference-profile/eu.a.b-v1:0"])
  func signsWhatIsSent(_ model: String) async throws {
    var fake = ProviderFake.bedrock
    fake.format = BedrockChatFormat { 1_795_348_800 }
    fake.model = model
    let server = try TestHTTPServer { _, connection in
      try connection.head(200, ProviderFake.bedrock.headers)
      try connection.send(ProviderFake.bedrock.answer(["a"], usage: nil))
    }
    defer { server.stop() }
    var endpoint = try fake.endpoint(server.base)
    endpoint.headers = [HTTPRequestHeader("X-Custom", "a  b "), HTTPRequestHeader("x-amz-date", "19990101T000000Z")]
    let (events, error) = try await ask(endpoint, fake.format, fake.request)
    #expect(error == nil)
    #expect(events.text == "a")
    let request = try #require(server.requests.first)
    guard case .aws(let keys) = fake.credential else { return }
    let shown = try #require(request.headers["authorization"])
    let names = try #require(shown.firstMatch(of: /SignedHeaders=([^,]*)/)?.1).split(separator: ";").map(String.init)
    #expect(names == ["content-type", "host", "x-amz-date", "x-custom"])
    let received = names.filter { !["host", "x-amz-date"].contains($0) }.map {
      HTTPRequestHeader($0, request.headers[$0] ?? "")
    }
    #expect(request.headers["host"] == "127.0.0.1:\(server.port)")
    #expect(request.headers["x-amz-date"] == "20261122T120000Z")
    let again = AWSSignature(credentials: keys, region: "us-east-1", service: "bedrock", time: 1_795_348_800).sign(
      .post, try HTTPURL("http://" + (request.headers["host"] ?? "") + request.target), headers: received,
      body: request.body)
    #expect(again.last?.value == .plain(shown))
  }
}

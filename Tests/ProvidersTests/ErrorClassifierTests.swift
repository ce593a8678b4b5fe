import Foundation
import HTTPTransport
import Testing

@testable import Providers

struct ErrorClassifierTests {
  let classifier = ErrorClassifier(provider: "openai", secrets: [Secret("sk-very-secret")].compactMap { $0 })

  func error(
    _ status: Int, _ body: String, _ headers: KeyValuePairs<String, String> = [:], now: Double = 0
  ) -> ProviderError {
    classifier.error(status: status, headers: HTTPHeaders(headers), body: Array(body.utf8), now: now)
  }

  @Test(arguments: [
    (400, #"{"error":{"type":"invalid_request_error","code":"context_length_exceeded"}}"#, ProviderError.Kind.context),
    (
      400, #"{"error":{"message":"about a rate limit and insufficient_quota","type":"invalid_request_error"}}"#,
      .badRequest
    ),
    (400, #"{"error":{"message":"you said: This model's maximum context length is 1"}}"#, .badRequest),
    (500, #"{"error":{"message":"This model's maximum context length is 1"}}"#, .server),
    (400, #"{"error":{"code":"content_policy_violation"}}"#, .contentPolicy),
    (401, #"{"error":{"code":"invalid_api_key"}}"#, .authentication),
    (400, #"{"error":{"message":"No connected db.","type":"no_db_connection","code":"400"}}"#, .authentication),
    (400, #"{"error":{"message":"/chat/completions: Invalid model name passed in model=x."}}"#, .notFound),
    (400, #"{"error":{"message":"you said: a: Invalid model name passed in model=x."}}"#, .badRequest),
    (401, #"{"statusCode":401,"message":"no"}"#, .authentication),
    (402, "", .billing),
    (403, #"{"error":{"code":"unsupported_country_region_territory"}}"#, .permission),
    (404, #"{"error":{"code":"model_not_found"}}"#, .notFound),
    (408, "", .timeout),
    (409, "", .server),
    (413, "", .badRequest),
    (413, #"{"error":{"code":"rate_limit_exceeded"}}"#, .rateLimit),
    (422, #"{"detail":[{"loc":["body","x"],"msg":"bad"}]}"#, .badRequest),
    (429, #"{"error":{"type":"requests","code":"rate_limit_exceeded"}}"#, .rateLimit),
    (429, #"{"error":{"type":"insufficient_quota","code":"insufficient_quota"}}"#, .billing),
    (429, #"{"error":{"type":"insufficient_quota","code":null}}"#, .billing),
    (429, #"{"error":{"code":"project_spend_limit_exceeded"}}"#, .billing),
    (429, #"{"error":{"code":"429","message":"x"}}"#, .rateLimit),
    (498, "", .overloaded),
    (500, "<html>", .server),
    (503, #"{"error":{"code":"server_is_overloaded","type":"service_unavailable_error"}}"#, .overloaded),
    (529, "", .overloaded),
    (302, "", .notFound), (399, "", .notFound),
  ])
  func classifies(_ status: Int, _ body: String, _ kind: ProviderError.Kind) {
    #expect(error(status, body).kind == kind)
  }

  @Test(arguments: [
    ("openai.error.json", 429, ProviderError.Kind.rateLimit), ("azure.error.filter.json", 400, .contentPolicy),
    ("azure.error.nodeploy.json", 404, .notFound), ("llamacpp.loading.json", 503, .overloaded),
    ("llamacpp.context.json", 400, .context), ("vllm.error.old.json", 400, .context),
    ("vllm.error.new.json", 400, .context),
  ])
  func classifiesTheFixtures(_ name: String, _ status: Int, _ kind: ProviderError.Kind) throws {
    let found = error(status, String(decoding: try fixture(name), as: UTF8.self))
    #expect(found.kind == kind)
    #expect(!found.message.hasPrefix("HTTP status"))
  }

  @Test func findsTheReportWhereverItStands() {
    #expect(error(500, #"{"error":"just text"}"#).message == "just text")
    #expect(error(500, #"{"message":"at the root","code":7}"#).message == "at the root")
    #expect(error(500, #"{"message":"at the root","code":7}"#).code == "7")
    #expect(error(500, #"[{"error":{"message":"in a list"}}]"#).message == "in a list")
    #expect(error(422, #"{"detail":[{"loc":["body","stream_options"],"msg":"no"}]}"#).parameter == "stream_options")
    #expect(error(500, "not JSON").message == "HTTP status 500")
    #expect(error(500, "", ["X-Request-Id": "r1"]).requestID == "r1")
  }

  @Test func showsNoKeysAndNoNovels() {
    let text = error(
      401, #"{"error":{"message":"Incorrect key sk-very-secret, sk-pr***xyz or Bearer abcdef\nnext"}}"#
    ).message
    #expect(!text.contains("very-secret"))
    #expect(!text.contains("xyz"))
    #expect(!text.contains("abcdef"))
    #expect(!text.contains("\n"))
    let long = error(500, #"{"error":{"message":"\#(String(repeating: "é", count: 5000))"}}"#).message
    #expect(long.utf8.count <= ErrorClassifier.maxMessageBytes + 8)
  }

  @Test(
    arguments: [
      (["retry-after": "2"], Duration.seconds(2)), (["retry-after": "0.25"], .milliseconds(250)),
      (["retry-after-ms": "1500.5"], .milliseconds(1501)),
      (["retry-after-ms": "100", "retry-after": "9"], .milliseconds(100)),
      (["retry-after-ms": "x", "retry-after": "9"], .seconds(9)), (["retry-after": "0"], .zero),
      (["retry-after": "-3"], nil), (["retry-after": "soon"], nil), (["retry-after": "nan"], nil), ([:], nil),
      (["retry-after": "99999"], .seconds(99999)),
      // 784111777 seconds after 1970 it was that time; `now` is ten seconds before.
      (["retry-after": "Sun, 06 Nov 1994 08:49:37 GMT"], .seconds(10)),
      (["retry-after": "Sun, 06 Nov 1994 08:49:20 GMT"], .zero), (["retry-after": "Sun, 06 Nov 94 08:49:37"], nil),
    ] as [([String: String], Duration?)])
  func readsRetryAfter(_ lines: [String: String], _ expected: Duration?) {
    var headers = HTTPHeaders()
    for (name, value) in lines { headers.append(name: name, value: value) }
    #expect(RetryAdvice(headers, now: 784_111_767).after == expected)
  }

  @Test func readsDates() {
    #expect(RetryAdvice.secondsSince1970("Thu, 01 Jan 1970 00:00:00 GMT") == 0)
    #expect(RetryAdvice.secondsSince1970("Thu, 29 Feb 2024 12:00:00 GMT") == 1_709_208_000)
    #expect(RetryAdvice.secondsSince1970("Sun, 22 Nov 2026 00:00:00 GMT") == 1_795_305_600)
    #expect(RetryAdvice.secondsSince1970("Sun, 22 Nov 2026 25:00:00 GMT") == nil)
  }

  @Test func readsExplicitAdvice() {
    #expect(error(429, "", ["x-should-retry": "false"]).shouldRetry == false)
    #expect(error(429, "", ["x-should-retry": "true"]).shouldRetry == true)
    #expect(error(429, "").shouldRetry == nil)
  }

  @Test func namesFailuresOfTheTransport() {
    #expect(ProviderError(HTTPTransportError.timeout(.firstByte), provider: "p").kind == .timeout)
    #expect(ProviderError(HTTPTransportError.timeout(.firstByte), provider: "p").mayBeCharged)
    #expect(!ProviderError(HTTPTransportError.timeout(.connect), provider: "p").mayBeCharged)
    #expect(ProviderError(HTTPTransportError.connect("x"), provider: "p").kind == .network)
    #expect(ProviderError(HTTPTransportError.cancelled, provider: "p").kind == .cancelled)
    #expect(ProviderError(HTTPTransportError.truncated("x"), provider: "p").kind == .truncated)
  }

  @Test(arguments: [408, 499, 504, 524])
  func aGatewayThatStoppedWaitingIsNotFree(_ status: Int) {
    #expect(error(status, "").mayBeCharged)
    #expect(!error(status == 408 ? 429 : 503, "").mayBeCharged)
  }

  @Test func saysThatRedirectsAreNotFollowed() {
    #expect(error(307, #"{"message":"moved"}"#).message == "HTTP status 307: redirects are not followed")
  }

  @Test func showsNoKeysOfHeaders() throws {
    let endpoint = Endpoint(
      provider: "openai", base: try HTTPURL("https://example.invalid/v1"),
      credential: .key(try #require(Secret("key-of-the-entry"))),
      headers: [
        HTTPRequestHeader("X-Key", prefix: "Token ", try #require(Secret("key-of-the-header"))),
        HTTPRequestHeader("X-Team", "plain"),
      ])
    let body = Array(#"{"error":{"message":"plain: key-of-the-entry or key-of-the-header"}}"#.utf8)
    for format in [OpenAIChatFormat(), OllamaChatFormat(), AnthropicChatFormat(), GeminiFormat(), BedrockChatFormat()]
      as [any ChatFormat]
    {
      let message = format.exchange(question, at: endpoint)
        .error(status: 400, headers: HTTPHeaders(), body: body, now: 0).message
      #expect(message.hasPrefix("plain: "))
      #expect(!message.contains("key-of-the"), "\(format)")
    }
  }

  @Test(arguments: ["x", "é", "👩‍👩‍👧‍👦"])
  func wordsAreCleanAndShort(_ filling: String) throws {
    let word = "a\\nsk-very-secret " + String(repeating: filling, count: 300)
    let found = error(
      400, #"{"error":{"message":"m","code":"\#(word)","param":"\#(word)"}}"#,
      ["x-request-id": word.replacingOccurrences(of: "\\n", with: " ")])
    for text in [found.code, found.parameter, found.requestID] {
      let text = try #require(text)
      #expect(text.hasPrefix("a ") && !text.contains("very-secret"))
      #expect((100...ErrorClassifier.maxWordBytes).contains(text.utf8.count))
      #expect(!text.contains("\u{FFFD}"))
    }
  }
}

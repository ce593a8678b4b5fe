import HTTPTransport
import Testing

@testable import Providers

struct RateLimitResetTests {
  @Test(arguments: [
    ("9ms", 0.009), ("1s", 1), ("6m0s", 360), ("1h2m3.5s", 3723.5), ("2m59.56s", 179.56), ("7.66s", 7.66),
    ("250µs", 0.00025), ("0s", 0),
  ]) func readsDurations(text: String, seconds: Double) throws {
    #expect(abs(try #require(RateLimitReset.seconds(text)) - seconds) < 1e-9)
  }

  @Test(arguments: ["", "s", "5", "5x", "-1s", "1.2.3s", "m5", "5 s"]) func refusesOtherTexts(text: String) {
    #expect(RateLimitReset.seconds(text) == nil)
  }

  @Test func readsTimes() {
    #expect(RateLimitReset.secondsSince1970("1970-01-01T00:00:00Z") == 0)
    #expect(RateLimitReset.secondsSince1970("2024-02-29T12:00:00Z") == 1_709_208_000)
    #expect(RateLimitReset.secondsSince1970("2024-02-29T12:00:00.25Z") == 1_709_208_000.25)
    #expect(RateLimitReset.secondsSince1970("2024-02-29T13:00:00+01:00") == 1_709_208_000)
    #expect(RateLimitReset.secondsSince1970("2024-02-29T11:30:00-00:30") == 1_709_208_000)
    for text in ["", "2024-02-29", "2024-13-29T12:00:00Z", "2024-02-29T12:00:00", "2024-02-29T12:00:00Zx", "é"] {
      #expect(RateLimitReset.secondsSince1970(text) == nil)
    }
  }

  func after(_ status: Int, _ headers: KeyValuePairs<String, String>) -> Duration? {
    RetryAdvice(HTTPHeaders(headers), now: 1_709_208_000, status: status).after
  }

  @Test func resetsStandInForAdvice() {
    let anthropic: KeyValuePairs = [
      "anthropic-ratelimit-requests-remaining": "3", "anthropic-ratelimit-requests-reset": "2024-02-29T12:09:00Z",
      "anthropic-ratelimit-input-tokens-remaining": "0",
      "anthropic-ratelimit-input-tokens-reset": "2024-02-29T12:00:20.5Z",
    ]
    #expect(after(429, anthropic) == .milliseconds(20_500))
    #expect(after(529, anthropic) == nil)
    #expect(after(429, ["x-ratelimit-reset-tokens": "1m30s"]) == .seconds(5))
    #expect(after(429, ["x-ratelimit-reset-tokens": "120ms"]) == .milliseconds(120))
    #expect(after(429, ["x-ratelimit-reset-requests": "8s"]) == nil)
    #expect(after(429, ["x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "4"]) == .seconds(4))
    #expect(after(429, ["x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "6m0s"]) == .seconds(5))
    #expect(after(429, ["x-ratelimit-reset-tokens": "-1"]) == nil)
    #expect(after(200, ["x-ratelimit-reset-tokens": "120ms"]) == nil)
  }

  @Test func adviceComesFirst() {
    #expect(after(429, ["retry-after": "2", "x-ratelimit-reset-tokens": "40s"]) == .seconds(2))
    #expect(after(429, ["retry-after": "1m0.5s"]) == .milliseconds(60_500))
  }
}

import SeededInput
import Testing

@testable import Tokenization

/// Which models are counted how, and what is reserved.
struct TokenCounterTests {
  @Test(arguments: [
    "gpt-4o", "gpt-4o-mini-2024-07-18", "chatgpt-4o-latest", "gpt-4.1", "gpt-4.1-nano-2025-04-14", "gpt-4.5-preview",
    "gpt-5", "gpt-5.1-codex-max", "gpt-5-pro", "gpt-6-astra", "gpt-6.1-sol", "o1", "o1-pro-2025-03-19", "o3-mini",
    "o4-mini", "ft:o4-mini-2025-04-16", "ft:gpt-4o-2024-08-06:acme::1", "openai/gpt-4o", "azure/gpt-5",
    "azure/apac/gpt-6.1-sol", "openrouter/openai/gpt-4.1", "groq/openai/gpt-oss-120b", "ollama/gpt-oss:20b-cloud",
    "bedrock/us-gov-east-1/openai.gpt-oss-20b-1:0", "global.openai.gpt-5.4", "GPT-4o",
  ])
  func o200k(model: String) { #expect(TokenCounter(model: model).method == .exact(.o200k)) }

  @Test(arguments: [
    "gpt-4", "gpt-4-0613", "gpt-4-turbo-2024-04-09", "gpt-4-1106-preview", "gpt-4-32k", "gpt-3.5-turbo", "gpt-35-turbo",
    "azure/gpt-35-turbo-16k", "ft:gpt-4-0613", "ft:gpt-3.5-turbo-0125:acme::x", "text-embedding-3-small",
    "text-embedding-ada-002-v2", "openai/text-embedding-3-large", "davinci-002",
  ])
  func cl100k(model: String) { #expect(TokenCounter(model: model).method == .exact(.cl100k)) }

  @Test(arguments: [
    "", "/", "claude-sonnet-4-5", "gemini-4-argon", "gpt-7", "gpt-4x", "gpt-40", "gpt-55", "gpt-2", "gpt-", "gpt",
    "gpt-3", "text-davinci-003", "o", "o2", "o10", "o1x", "o3000", "llama-3-gpt-4o", "gpt-neox", "gpt-j",
    "mistral/mistral-large", "gpt4all", "text-embedding-004", "my-deployment", "openai.", "chatgpt-4o2",
  ])
  func unknown(model: String) { #expect(TokenCounter(model: model).method == .calibrated) }

  @Test func namesThatAreNotTrustedAreNotExact() {
    #expect(TokenCounter(model: "gpt-4o", isGenuine: false).method == .calibrated)
  }

  /// The figures of OpenAI's own example of counting a conversation.
  @Test func framingIsAsDocumented() {
    let counter = TokenCounter(model: "gpt-4o")
    // "hello world" is two tokens, each message has four and each request three around it.
    #expect(counter.count("hello world") == 2)
    #expect(counter.count(messages: ["hello world", ""]) == 2 + 4 + 4 + 3)
    #expect(counter.count(messages: []) == 3)
    let measure = counter.measure(messages: ["hello world"])
    #expect(measure == TokenMeasure(basis: .exact, counted: 9, expected: 9, reserved: 9))
  }

  /// No byte-level encoding has more tokens than the bound says.
  @Test func nothingExceedsTheBound() {
    var generator = SeededGenerator(seed: 8)
    for _ in 0..<2_000 {
      let text = String(
        String.UnicodeScalarView(
          (0..<Int.random(in: 0...30, using: &generator)).compactMap { _ in
            Unicode.Scalar(
              UInt32.random(in: 0..<0x30000, using: &generator) >> UInt32.random(in: 0...16, using: &generator))
          }))
      for encoding in [BytePairEncoding.o200k, .cl100k] {
        #expect(encoding.count(text) <= TokenCounter.upperBound(text))
      }
      #expect(TokenCounter(model: "other").bound(text) == TokenCounter.upperBound(text))
      #expect(TokenCounter(model: "gpt-4o").bound(text) == BytePairEncoding.o200k.count(text))
    }
    #expect(TokenCounter.upperBound("") == 0)
  }

  /// Money is reserved by the bound until enough was reported, then by the high estimate.
  @Test func theBoundServesUntilTheCalibrationIsReliable() {
    let counter = TokenCounter(model: "claude-x")
    let text = String(repeating: "The quick brown fox jumps over the lazy dog. ", count: 20)
    var calibration = TokenCalibration()
    let bound = counter.measure(messages: [text], calibration: calibration)
    #expect(bound.basis == .bound)
    #expect(bound.reserved >= text.utf8.count)
    #expect(bound.expected < bound.reserved)
    for _ in 1..<TokenCalibration.minimumSamples {
      calibration.learn(model: "claude-x", counted: bound.counted, reported: bound.counted * 5 / 4)
    }
    #expect(counter.measure(messages: [text], calibration: calibration).basis == .bound)
    #expect(counter.measure(messages: [text], calibration: calibration).reserved == bound.reserved)
    calibration.learn(model: "claude-x", counted: bound.counted, reported: bound.counted * 5 / 4)
    let learned = counter.measure(messages: [text], calibration: calibration)
    #expect(learned.basis == .calibrated)
    #expect(learned.reserved < bound.reserved && learned.reserved >= bound.counted * 5 / 4)
    #expect(abs(learned.expected - bound.counted * 5 / 4) <= bound.counted / 50)
    // It says nothing of another model.
    #expect(TokenCounter(model: "claude-y").measure(messages: [text], calibration: calibration).basis == .bound)
  }
}

import HTTPTransport
import Providers
import Router
import Testing
import Tokenization

@testable import Assistant

@Suite struct PromptTokensTests {
  private let messages = [ChatMessage(.system, "Answer briefly."), ChatMessage(.user, "What does open() do? 世界")]

  private func deployment(_ provider: String, _ base: String, _ model: String) throws -> Deployment {
    Deployment(name: "d", endpoint: Endpoint(provider: provider, base: try HTTPURL(base)), model: model)
  }

  @Test func openAIsOwnModelsAreCountedExactly() throws {
    let size = PromptTokens(messages, calibration: TokenCalibration()).size(
      for: try deployment("openai", "https://api.openai.com/v1", "gpt-4o"))
    let texts = messages.reduce(0) { $0 + BytePairEncoding.o200k.count($1.text) }
    // Three for the answer, four for each message; money has some room for what stands around them.
    #expect(size.likely == texts + 3 + 4 * messages.count)
    #expect((size.likely...size.likely + 64).contains(size.most))
  }

  @Test(arguments: [
    ("anthropic", "https://api.anthropic.com", "claude-sonnet-5-5"), ("openai", "http://127.0.0.1:1/v1", "gpt-4o"),
  ])
  func otherwiseMoneyRestsOnABoundWhateverWasLearned(_ provider: String, _ base: String, _ model: String) throws {
    let deployment = try deployment(provider, base, model)
    let bytes = messages.reduce(0) { $0 + $1.text.utf8.count }
    let before = PromptTokens(messages, calibration: TokenCalibration()).size(for: deployment)
    #expect(before.most >= bytes)
    #expect(before.likely <= before.most)
    var calibration = TokenCalibration()
    for _ in 0..<64 { calibration.learn(model: deployment.calibrationKey, counted: 1_000, reported: 1_010) }
    let after = PromptTokens(messages, calibration: calibration).size(for: deployment)
    #expect(after.likely < before.likely)
    #expect(after.most == before.most)
  }

  @Test func whatAnotherServerReportsDoesNotCountForTheProvider() throws {
    let own = try deployment("anthropic", "https://api.anthropic.com", "m")
    let other = try deployment("anthropic", "https://proxy.example.com", "m")
    #expect(own.calibrationKey != other.calibrationKey)
  }
}

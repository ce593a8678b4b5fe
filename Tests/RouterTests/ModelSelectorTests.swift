import HTTPTransport
import Ledger
import Providers
import SeededInput
import Testing

@testable import Router

@Suite struct ModelSelectorTests {
  /// A model of `usd` dollars a million tokens of output (a quarter for input); free when `nil`.
  func candidate(
    _ name: String, model: String = "m", usd: Double?, context: Int? = nil, available: Bool = true,
    firstToken: Duration? = nil
  ) throws -> ModelSelector.Candidate {
    let price: Price? = usd.map { hostedPrice($0) } ?? .free
    return ModelSelector.Candidate(
      name: name, deployments: [try deployment(name, model: model, price: price, context: context)],
      isAvailable: available, firstToken: firstToken)
  }

  func hostedPrice(_ usd: Double) -> Price { price(Int64(usd * 250_000), Int64(usd * 1_000_000)) }

  func job(_ difficulty: Double, task: ModelTask = .ask, input: Int = 4_000, budget: Money? = nil) -> ModelSelector.Job
  {
    ModelSelector.Job(task: task, difficulty: difficulty, outputTokens: 1_000, budget: budget) { _ in
      InputSize(likely: input, most: input)
    }
  }

  @Test func easyQuestionsGoToCheapModelsAndHardOnesToCapableOnes() throws {
    let models = [
      try candidate("large", usd: 15), try candidate("middle", usd: 2), try candidate("small", usd: 0.3),
    ]
    #expect(ModelSelector.choose(job(0), among: models).name == "small")
    #expect(ModelSelector.choose(job(0.5), among: models).name == "middle")
    #expect(ModelSelector.choose(job(1), among: models).name == "large")
    #expect(ModelSelector.choose(job(1, task: .rewriteQuery), among: models).name == "small")
  }

  @Test func aLocalModelThatIsCapableEnoughIsPreferred() throws {
    let models = [try candidate("hosted", usd: 2), try candidate("local", model: "qwen3-coder:30b", usd: nil)]
    #expect(ModelSelector.choose(job(0.4), among: models).name == "local")
    #expect(ModelSelector.choose(job(0.55), among: models).name == "hosted")
  }

  @Test func theBudgetTheWindowAndTheHealthDecide() throws {
    let models = [
      try candidate("large", usd: 15), try candidate("narrow", usd: 10, context: 4_100),
      try candidate("down", usd: 10, available: false), try candidate("small", usd: 0.3),
    ]
    let choice = ModelSelector.choose(job(1, budget: Money(picoUSD: 5_000_000_000)), among: models)
    #expect(choice.name == "small")
    #expect(choice.reason.contains("only one"))
    let reasons = Dictionary(uniqueKeysWithValues: choice.passedOver.map { ($0.name, $0.reason) })
    #expect(reasons["large"]?.contains("may be spent") == true)
    #expect(reasons["narrow"]?.contains("4100") == true)
    #expect(reasons["down"]?.contains("cooling") == true)
  }

  @Test func withoutACapableOneTheMostCapableIsAsked() throws {
    let models = [try candidate("a", model: "x-1b", usd: nil), try candidate("b", model: "x-7b", usd: nil)]
    let choice = ModelSelector.choose(job(1), among: models)
    #expect(choice.name == "b")
    #expect(choice.reason.contains("most capable"))
  }

  @Test func nothingIsChosenWhereNothingCanBeAsked() throws {
    #expect(ModelSelector.choose(job(0.5), among: []).name == nil)
    let broke = ModelSelector.choose(job(0.5, budget: .zero), among: [try candidate("a", usd: 1)])
    #expect(broke.name == nil)
    #expect(broke.passedOver.count == 1)
  }

  @Test func equalsAreToldApartBySpeed() throws {
    let models = [
      try candidate("slow", usd: 3, firstToken: .milliseconds(900)),
      try candidate("fast", usd: 3, firstToken: .milliseconds(200)),
    ]
    #expect(ModelSelector.choose(job(0.3), among: models).name == "fast")
  }

  @Test func theChoiceIsAlwaysAffordable() throws {
    var random = SeededGenerator(seed: 7)
    for _ in 0..<500 {
      let models = try (0..<Int.random(in: 1...6, using: &random)).map {
        try candidate("m\($0)", usd: Double.random(in: 0.05...30, using: &random))
      }
      let budget = Money(picoUSD: Int64.random(in: 0...30_000_000_000, using: &random))
      let job = job(Double.random(in: 0...1, using: &random), budget: budget)
      let choice = ModelSelector.choose(job, among: models)
      guard let chosen = models.first(where: { $0.name == choice.name })?.deployments.first else {
        #expect(choice.passedOver.count == models.count)
        continue
      }
      let least = try #require(try chosen.price.maximumCost(input: 4_000, output: 256))
      #expect(least <= budget)
    }
  }

  @Test(arguments: [
    ("qwen3-coder:30b", 30), ("SmolLM2-135M-Instruct", 0.135), ("llama-3.1-8b", 8), ("qwen3-30b-a3b", 30),
    ("phi-3.5-3.8b-q4", 3.8), ("x-0.5B", 0.5),
  ])
  func readsTheNumberOfParameters(_ name: String, _ billions: Double) throws {
    let found = try #require(ModelCapability.parameters(in: name))
    #expect(abs(found - billions) < 1e-9)
  }

  @Test(arguments: ["gpt-4o-mini", "claude-sonnet-5-5", "gemini-4-argon", "o3", "gpt-4.1-mini", "mistral-large-2411"])
  func findsNoParametersWhereNoneAreStated(_ name: String) {
    #expect(ModelCapability.parameters(in: name) == nil)
  }
}

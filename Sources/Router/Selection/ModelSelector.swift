public import Ledger

/// Chooses a model for a task among groups of deployments: the cheapest that is capable enough, fits and can be paid.
///
/// Pure: the same facts give the same choice.
public struct ModelSelector: Sendable {
  /// What is to be done.
  public struct Job: Sendable {
    /// The task.
    public var task: ModelTask
    /// How hard it is, 0 to 1.
    public var difficulty: Double
    /// The input for each deployment.
    public var inputSize: @Sendable (Deployment) -> InputSize
    /// The most tokens of output.
    public var outputTokens: Int
    /// What may be spent.
    public var budget: Money?

    /// Makes a job.
    public init(
      task: ModelTask, difficulty: Double, outputTokens: Int, budget: Money? = nil,
      inputSize: @escaping @Sendable (Deployment) -> InputSize
    ) {
      self.task = task
      self.difficulty = difficulty
      self.inputSize = inputSize
      self.outputTokens = outputTokens
      self.budget = budget
    }
  }

  /// A group to choose from.
  public struct Candidate: Sendable {
    /// Its name.
    public var name: String
    /// Its deployments; the first stands for the group.
    public var deployments: [Deployment]
    /// Whether one of them can be asked now.
    public var isAvailable: Bool
    /// Typical time to the first token, if it was asked before.
    public var firstToken: Duration?

    /// Makes a candidate.
    public init(name: String, deployments: [Deployment], isAvailable: Bool = true, firstToken: Duration? = nil) {
      self.name = name
      self.deployments = deployments
      self.isAvailable = isAvailable
      self.firstToken = firstToken
    }
  }

  /// What was chosen, and why.
  public struct Choice: Sendable, Hashable {
    /// The group; `nil` when none can do it.
    public var name: String?
    /// For the user, one sentence.
    public var reason: String
    /// The groups that were not chosen, with the reason for each.
    public var passedOver: [Rejection]

    /// Why a group was not chosen.
    public struct Rejection: Sendable, Hashable {
      /// The group.
      public var name: String
      /// For the user.
      public var reason: String
    }
  }

  /// An answer of fewer tokens is not worth asking for.
  static let minimumOutputTokens = 256

  /// Chooses.
  public static func choose(_ job: Job, among candidates: [Candidate]) -> Choice {
    var rejections: [Choice.Rejection] = []
    var usable: [Usable] = []
    for (index, candidate) in candidates.enumerated() {
      switch assess(candidate, job, index) {
      case .success(let found): usable.append(found)
      case .failure(let why): rejections.append(Choice.Rejection(name: candidate.name, reason: why.text))
      }
    }
    let needed = job.task.neededCapability(difficulty: job.difficulty)
    let capable = usable.filter { $0.capability >= needed }
    // Nothing is capable enough: then the most capable one there is.
    let best =
      capable.min { ($0.cost, $0.latency, -$0.capability, $0.index) < ($1.cost, $1.latency, -$1.capability, $1.index) }
      ?? usable.max { ($0.capability, -$0.index) < ($1.capability, -$1.index) }
    guard let best else {
      return Choice(
        name: nil,
        reason: candidates.isEmpty ? "no model can be asked" : "none of \(candidates.count) models can be asked",
        passedOver: rejections)
    }
    for other in usable where other.index != best.index {
      let why = other.capability < needed ? "less capable than wanted" : "no cheaper or faster"
      rejections.append(Choice.Rejection(name: other.name, reason: why))
    }
    let difficulty = "difficulty \(percent(job.difficulty)) %"
    let reason =
      usable.count == 1
      ? "the only one that can be asked (\(difficulty))"
      : capable.isEmpty
        ? "the most capable of \(usable.count) that can be asked (\(difficulty))"
        : "the cheapest of \(capable.count) that are capable enough (\(difficulty))"
    return Choice(name: best.name, reason: reason, passedOver: rejections)
  }

  private struct Usable {
    var name: String
    var index: Int
    var capability: Double
    var cost: Int64
    var latency: Duration
  }

  private struct Refusal: Error {
    var text: String
  }

  private static func assess(_ candidate: Candidate, _ job: Job, _ index: Int) -> Result<Usable, Refusal> {
    guard !candidate.deployments.isEmpty else { return .failure(Refusal(text: "no deployment")) }
    guard candidate.isAvailable else { return .failure(Refusal(text: "cooling down")) }
    var found: Usable?
    var why = ""
    for deployment in candidate.deployments {
      let admission = Admission.decide(
        deployment, input: job.inputSize(deployment), wanted: job.outputTokens,
        minimum: min(job.outputTokens, minimumOutputTokens), left: RequestLimit(maxUSD: job.budget))
      switch admission {
      case .refused(.unknownPrice): why = "its price is not known"
      case .refused(.tooExpensive(let needed, let left)): why = "it would cost \(needed), \(left) may be spent"
      case .refused(.contextTooSmall(let input, let context)): why = "it reads \(context) tokens, there are \(input)"
      case .refused(.tooManyTokens): why = "too many tokens"
      case .admitted(_, let reserved):
        let usable = Usable(
          name: candidate.name, index: index, capability: ModelCapability(deployment).value, cost: reserved.picoUSD,
          latency: candidate.firstToken ?? .seconds(1))
        // The dearest of a group is what it may cost.
        if found.map({ usable.cost > $0.cost }) ?? true { found = usable }
      }
    }
    return found.map { .success($0) } ?? .failure(Refusal(text: why))
  }

  private static func percent(_ share: Double) -> Int { Int((min(1, max(0, share)) * 100).rounded()) }
}

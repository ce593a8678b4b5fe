public import HTTPTransport
public import Providers

/// Chooses among deployments, keeps requests within their limit, and streams the answer.
///
/// Routers are values and cheap; what they learn is in their ``RouterState``.
public struct ModelRouter: Sendable {
  /// What tests put in place of the world.
  public struct Environment: Sendable {
    /// Waits before a retry.
    public var sleep: @Sendable (Duration) async throws -> Void
    /// A number from 0 to 1.
    public var jitter: @Sendable () -> Double
    /// A number from 0 up to, but not including, 1: decides where a strategy leaves it to chance.
    public var random: @Sendable () -> Double
    /// Who answers for a deployment.
    public var provider: @Sendable (Deployment) -> any ChatProvider

    /// The world, over `transport`.
    public init(transport: any HTTPTransport) {
      sleep = { try await Task.sleep(for: $0) }
      jitter = { Double.random(in: 0...1) }
      random = { Double.random(in: 0..<1) }
      provider = { $0.provider(transport: transport) }
    }
  }

  /// A deployment, where its health is kept, and what the state machine is to know of it.
  struct Member: Sendable {
    var deployment: Deployment
    var slot: Int
    var candidate: RouteState.Candidate
  }

  /// In order of preference, with the timeouts of their routing parameters.
  public let deployments: [Deployment]
  /// The model asked when a request names none.
  public let defaultModel: String?
  /// How it routes.
  public let policy: RoutingPolicy
  /// What is known of the deployments.
  public let state: RouterState
  let environment: Environment
  let observer: (@Sendable (RouteEvent) -> Void)?
  private let groups: [String: [Member]]
  private let names: [String]
  /// Where the health of each deployment is kept.
  private let slots: [Int]

  /// Makes a router over `transport`.
  ///
  /// - Parameters:
  ///   - deployments: in order of preference.
  ///   - state: shared by all routers of a process.
  ///   - forgetsRefusals: whether keys that were refused are tried again: when the configuration has changed.
  ///   - observer: called for every event, from any thread; must return soon.
  public init(
    deployments: [Deployment], defaultModel: String? = nil, transport: any HTTPTransport,
    policy: RoutingPolicy = RoutingPolicy(), state: RouterState = RouterState(), forgetsRefusals: Bool = true,
    observer: (@Sendable (RouteEvent) -> Void)? = nil
  ) {
    self.init(
      deployments: deployments, defaultModel: defaultModel, policy: policy,
      environment: Environment(transport: transport), state: state, forgetsRefusals: forgetsRefusals, observer: observer
    )
  }

  /// Makes a router in an environment of its own.
  public init(
    deployments: [Deployment], defaultModel: String? = nil, policy: RoutingPolicy, environment: Environment,
    state: RouterState = RouterState(), forgetsRefusals: Bool = true, observer: (@Sendable (RouteEvent) -> Void)? = nil
  ) {
    let deployments = deployments.map { deployment in
      var deployment = deployment
      deployment.endpoint.timeouts = deployment.routing.timeouts.applied(to: deployment.endpoint.timeouts)
      return deployment
    }
    self.deployments = deployments
    self.defaultModel = defaultModel
    self.policy = policy
    self.environment = environment
    self.state = state
    self.observer = observer
    var accounts: [Deployment.Account: Int] = [:]
    var groups: [String: [Member]] = [:]
    var names: [String] = []
    var byModel: [String: [Member]] = [:]
    slots = state.adopt(deployments, forgettingRefusals: forgetsRefusals)
    for (deployment, slot) in zip(deployments, slots) {
      let account = accounts[deployment.account] ?? accounts.count
      accounts[deployment.account] = account
      let member = Member(
        deployment: deployment, slot: slot,
        candidate: RouteState.Candidate(
          account: account, contextTokens: deployment.contextTokens, maxRetries: deployment.routing.maxRetries))
      if groups[deployment.name] == nil { names.append(deployment.name) }
      groups[deployment.name, default: []].append(member)
      byModel[deployment.model, default: []].append(member)
      // As lists of models print it.
      let full = "\(deployment.endpoint.provider)/\(deployment.model)"
      if full != deployment.name { byModel[full, default: []].append(member) }
    }
    self.groups = groups.merging(byModel) { named, _ in named }
    self.names = names
  }

  /// The deployments for a name, in order: those so named, or those whose model is so named. Without a name those of
  /// the default model, or all. Other groups that follow when these fail are not among them.
  public func deployments(for model: String?) -> [Deployment] {
    guard let model = model ?? defaultModel else { return deployments }
    return members(policy.group(model)).map(\.deployment)
  }

  /// Where `request` would most likely go first, and what it could cost at most; sends nothing.
  public func plan(_ request: RoutedRequest) -> (deployment: Deployment, admission: Admission)? {
    let members = entry(request.model).flatMap { split(self.members($0), tags: request.tags).matching }
    let health = state.snapshot(members.map(\.slot))
    var first: (Deployment, Admission)?
    var admitted: (Deployment, Admission)?
    for (member, health) in zip(members, health) {
      let admission = admission(
        request, member.deployment, input: request.size(for: member.deployment), left: request.limit)
      if first == nil { first = (member.deployment, admission) }
      guard case .admitted = admission else { continue }
      if health.state == .healthy { return (member.deployment, admission) }
      if admitted == nil { admitted = (member.deployment, admission) }
    }
    return (admitted ?? first).map { (deployment: $0.0, admission: $0.1) }
  }

  /// Answers `request`. Nothing is sent before the first event is asked for.
  ///
  /// Iterating throws ``RouteError`` when there is no answer. Once a delta was delivered there is no error: the last
  /// event then carries the interruption, and no other deployment is asked unless the request allows it. Cancelling the
  /// task closes the connection and throws.
  public func stream(_ request: RoutedRequest) -> RoutedStream {
    RoutedStream(run: RouteRun(self, request))
  }

  /// The health of every deployment now.
  public func snapshot() -> RouterSnapshot {
    RouterSnapshot(
      deployments: zip(deployments, state.snapshot(slots)).map { DeploymentSnapshot(deployment: $0, health: $1) },
      waiting: state.waiting)
  }

  /// The groups of a route in order: the one asked for, or one after the other when nothing is.
  func entry(_ model: String?) -> [String] {
    (model ?? defaultModel).map { [policy.group($0)] } ?? names
  }

  /// The deployments of a group.
  func members(_ group: String) -> [Member] { groups[group] ?? [] }

  /// The members that a request with these tags may go to, and the others. Without tags all, or those for `default`
  /// where tags are filtered by and there are such.
  func split(_ members: [Member], tags: [String]) -> (matching: [Member], others: [Member]) {
    guard !tags.isEmpty || policy.filtersByTag else { return (members, []) }
    let defaults = { (member: Member) in member.deployment.routing.tags.contains("default") }
    var matches = { (member: Member) in
      let own = member.deployment.routing.tags
      return policy.needsAllTags ? tags.allSatisfy(own.contains) : tags.contains(where: own.contains)
    }
    if tags.isEmpty {
      guard members.contains(where: defaults) else { return (members, []) }
      matches = defaults
    } else if !members.contains(where: matches) {
      matches = defaults
    }
    return (members.filter(matches), members.filter { !matches($0) })
  }

  func admission(_ request: RoutedRequest, _ deployment: Deployment, input: InputSize, left: RequestLimit) -> Admission
  {
    .decide(
      deployment, input: input,
      wanted: request.maxOutputTokens ?? deployment.defaultMaxOutputTokens ?? policy.retry.defaultMaxOutputTokens,
      minimum: policy.retry.minimumOutputTokens, left: left)
  }
}

internal import Providers
internal import Tokenization
public import Workspace

/// Answering: retrieve, pack, ask a model or quote, check what is cited.
extension Engine {
  /// Answers a question from the workspace: see `AssistantService`.
  public func ask(
    _ parameters: AskParameters, encoding: PositionEncoding, onDelta: @escaping @Sendable (AskDelta) async -> Void
  ) async throws(EngineError) -> AskResult {
    let question = try Engine.nonEmpty(parameters.question, "question")
    let settings = await currentSettings()
    var parameters = parameters
    if parameters.model == nil, settings.isExtractive { parameters.model = Engine.extractive }
    let packer = ContextPacker(
      tokenBudget: try Engine.inRange(
        parameters.tokenBudget ?? settings.tokenBudget ?? options.tokenBudget, 1...1_000_000, "tokenBudget"),
      maxPassages: try Engine.inRange(parameters.maxPassages ?? options.maxPassages, 1...100, "maxPassages"))
    if let limit = parameters.budget?.maxUSD, !(limit >= 0) {
      throw EngineError(.invalidParameters, "budget.maxUSD is negative.")
    }
    if let limit = parameters.budget?.maxTokens, limit < 0 {
      throw EngineError(.invalidParameters, "budget.maxTokens is negative.")
    }
    try await checkModel(parameters.model)
    let conversation = parameters.conversationId ?? Conversations.newID()
    let history = conversations.recent(conversation, count: 3)
    await onDelta(AskDelta(status: "Searching"))
    // As the index is when it is searched.
    let reservation = await reservation()
    var found = try await retrieve(
      Engine.searchText(question, history: history), limit: max(40, 3 * packer.maxPassages), scope: parameters.scope)
    if var selection = await selection(parameters, encoding: encoding) {
      // What the question is asked about comes first.
      selection.score = max(1, found.first?.score ?? 1)
      found.insert(selection, at: 0)
    }

    var draft = AskResult(
      conversationId: conversation, turnId: Conversations.newID(), answer: "", citations: [], abstained: false,
      degraded: nil, model: nil, usage: nil, cost: CostSummary(estimated: 0, actual: 0),
      contextSize: ContextSize(passages: 0, tokens: 0, tokenBudget: packer.tokenBudget), cached: false,
      finishReason: .stop)
    var cited: [(id: Int, evidence: Evidence)] = []

    if !EvidenceJudge.supportsAnswer(found, unknownShare: unknownShare(of: question)) {
      draft.answer = EvidenceJudge.abstention(question, nearest: found)
      draft.abstained = true
      draft.finishReason = .noEvidence
      await onDelta(AskDelta(text: draft.answer))
    } else {
      let context = try await modelPacker(packer, question: question, history: history, parameters: parameters).pack(
        found)
      draft.contextSize.passages = context.passages.count
      draft.contextSize.tokens = context.tokens
      if context.passages.isEmpty {
        draft.degraded = Degradation(
          reason: "No passage fits into \(packer.tokenBudget) tokens; the answer quotes what was found instead.")
      }
      let reply = try await askModel(
        question, history: history, context: context, parameters: parameters, encoding: encoding, draft: &draft,
        onDelta: onDelta)
      if let reply {
        cited = reply
      } else {
        cited = await quote(question, found: found, packer: packer, encoding: encoding, draft: &draft, onDelta: onDelta)
      }
    }
    try Engine.checkCancellation()

    // What is cited must stand there now, after whatever was typed meanwhile.
    let verified = await worker().verify(cited.map(\.evidence), overlays: overlays.snapshot())
    let best = cited.reduce(Float(0)) { max($0, $1.evidence.score) }
    for (position, item) in cited.enumerated() where verified[position] {
      draft.citations.append(
        item.evidence.citation(id: item.id, encoding: encoding, verified: true, bestScore: best))
    }
    let lost = cited.count - draft.citations.count
    if lost > 0 {
      var filter = CitationFilter(valid: Set(draft.citations.map(\.id)))
      draft.answer = filter.push(draft.answer) + filter.finish()
      draft.degrade("The text of \(lost) cited passage(s) changed while the answer was made; they are left out.")
    }
    if let reservation { draft.degrade(reservation) }
    if parameters.returnSources == false { draft.citations = [] }
    if !draft.abstained {
      conversations.append(Conversations.Turn(question: question, answer: draft.answer), to: conversation)
    }
    return draft
  }

  /// The selection that the question is asked about, if there is one.
  private func selection(_ parameters: AskParameters, encoding: PositionEncoding) async -> Evidence? {
    guard let uri = parameters.textDocument?.uri, let range = parameters.range, let file = FileURI(uri),
      let root = folder(of: file)
    else { return nil }
    return await worker().selection(range, of: uri, in: root, encoding: encoding, overlays: overlays.snapshot())
  }

  /// Asks the model, if there is one that may be asked; nil when the answer has to be extractive, with the reason in
  /// the draft.
  private func askModel(
    _ question: String, history: [Conversations.Turn], context: ContextPacker.Context, parameters: AskParameters,
    encoding: PositionEncoding, draft: inout AskResult, onDelta: @escaping @Sendable (AskDelta) async -> Void
  ) async throws(EngineError) -> [(id: Int, evidence: Evidence)]? {
    guard parameters.model != Engine.extractive, !context.passages.isEmpty else { return nil }
    guard let model else { return nil }
    if parameters.model == nil || parameters.model == ModelChoice.auto, await model.models().isEmpty { return nil }

    let best = context.passages.reduce(Float(0)) { max($0, $1.score) }
    let numbered = context.passages.enumerated().map { (id: $0.offset + 1, evidence: $0.element) }
    var messages = [ChatMessage(.system, PromptTemplates.system)]
    for turn in history {
      messages.append(ChatMessage(.user, turn.question))
      // Its citations were numbered otherwise: a model that copies them would cite the wrong passages.
      var filter = CitationFilter(valid: [])
      messages.append(ChatMessage(.assistant, filter.push(turn.answer) + filter.finish()))
    }
    messages.append(ChatMessage(.user, PromptTemplates.question(question, passages: context.passages)))
    var prompt = ModelPrompt(
      messages: messages, model: parameters.model, maxOutputTokens: options.maxOutputTokens, budget: parameters.budget)
    prompt.tags = parameters.tags ?? []
    prompt.difficulty = QuestionDifficulty.of(question, evidence: context.passages, isFollowUp: !history.isEmpty)

    let stream = AnswerStream(count: context.passages.count) { text in await onDelta(AskDelta(text: text)) }
    let citations = numbered.map {
      $0.evidence.citation(id: $0.id, encoding: encoding, verified: true, bestScore: best)
    }
    let announces = parameters.returnSources != false
    await onDelta(AskDelta(citations: announces ? citations : nil, status: "Asking the model"))
    do {
      let reply = try await model.answer(prompt) { text in await stream.push(text) }
      await stream.finish()
      draft.answer = await stream.text
      draft.model = reply.model
      draft.route = reply.route
      draft.usage = reply.usage
      draft.cost = reply.cost
      draft.finishReason = reply.finishReason
      if let note = reply.note { draft.degrade(note) }
      if reply.isExtractive {
        // Led here by the configuration; nothing was shown.
        return nil
      }
      if let interruption = reply.interruption {
        draft.finishReason = .truncated
        draft.degraded = Degradation(reason: "The answer broke off: \(interruption.message)")
      }
    } catch {
      if error.kind == .cancelled || Task.isCancelled { throw EngineError(.cancelled, "The request was cancelled.") }
      // A name that no configuration knows is the caller's mistake; whatever else fails degrades.
      if error.kind == .model, parameters.model != nil { throw error }
      draft.degraded = Degradation(reason: Engine.sentence(error))
      draft.cost.actual = error.spentUSD
      draft.route = error.route
      await stream.finish()
      let partial = await stream.text
      if partial.allSatisfy(\.isWhitespace) { return nil }
      // What was shown stays: no other answer takes its place.
      draft.answer = partial
      draft.model = parameters.model
      draft.finishReason = .truncated
    }
    if draft.answer.allSatisfy(\.isWhitespace) {
      draft.degraded = Degradation(reason: "The model \(draft.model ?? "") gave an empty answer.")
      return nil
    }
    let used = await stream.cited
    // A model that cites nothing still answered from what it was given: all of it is its source.
    return used.isEmpty ? numbered : numbered.filter { used.contains($0.id) }
  }

  /// The packer for what the model takes: a small context is packed with less rather than refused.
  private func modelPacker(
    _ packer: ContextPacker, question: String, history: [Conversations.Turn], parameters: AskParameters
  ) async throws(EngineError) -> ContextPacker {
    guard parameters.model != Engine.extractive, let limit = await model?.contextLimit(parameters.model) else {
      return packer
    }
    var rest = TokenEstimate.tokens(in: question) + TokenEstimate.tokens(in: PromptTemplates.system) + 64
    for turn in history { rest += TokenEstimate.tokens(in: turn.question) + TokenEstimate.tokens(in: turn.answer) + 16 }
    // At least a quarter of the window is for the answer, but no more than is asked for.
    let answer = min(options.maxOutputTokens, limit / 4)
    var packer = packer
    packer.tokenBudget = max(1, min(packer.tokenBudget, limit - rest - answer))
    return packer
  }

  /// Answers in the workspace's own words.
  private func quote(
    _ question: String, found: [Evidence], packer: ContextPacker, encoding: PositionEncoding, draft: inout AskResult,
    onDelta: @Sendable (AskDelta) async -> Void
  ) async -> [(id: Int, evidence: Evidence)] {
    // What does not fit into the budget is not quoted either; one passage always is.
    var tokens = 0
    var allowed: [Evidence] = []
    for item in found {
      let cost = ContextPacker.tokens(of: item)
      if !allowed.isEmpty, tokens + cost > packer.tokenBudget || allowed.count == packer.maxPassages { continue }
      tokens += cost
      allowed.append(item)
    }
    let answer = await worker().quote(question, evidence: allowed, terms: queryTerms(question))
    draft.answer = answer.text
    draft.model = Engine.extractive
    draft.finishReason = .stop
    draft.contextSize.passages = answer.used.count
    draft.contextSize.tokens = answer.used.reduce(0) { $0 + ContextPacker.tokens(of: $1) }
    let best = answer.used.reduce(Float(0)) { max($0, $1.score) }
    let cited = answer.used.enumerated().map { (id: $0.offset + 1, evidence: $0.element) }
    await onDelta(
      AskDelta(
        text: answer.text,
        citations: cited.map { $0.evidence.citation(id: $0.id, encoding: encoding, verified: true, bestScore: best) }))
    return cited
  }

  /// What to search for: a short follow-up ("and when it fails?") means nothing without the question before it.
  private static func searchText(_ question: String, history: [Conversations.Turn]) -> String {
    guard let last = history.last, question.split(separator: " ").count < 6 else { return question }
    return "\(last.question) \(question)"
  }

  /// Whether the model that a request names can be asked; a wrong name is said at once, whatever is found.
  private func checkModel(_ name: String?) async throws(EngineError) {
    guard let name, name != Engine.extractive, name != ModelChoice.auto else { return }
    if let model, await model.knows(name) { return }
    var names = await model?.models().prefix(10).map(\.name) ?? []
    names.append(Engine.extractive)
    throw EngineError(
      .model, "No model named \(name) is configured.",
      hint: "Name one of \(names.joined(separator: ", ")), or leave the model out.", model: name)
  }

  /// What happened, and what the user can do, as one text.
  private static func sentence(_ error: EngineError) -> String {
    error.hint.map { "\(error.message) \($0)" } ?? error.message
  }
}

/// The text of an answer as it streams in, with invented citations taken out.
private actor AnswerStream {
  private var filter: CitationFilter
  private var markdown = MarkdownGuard()
  private let show: @Sendable (String) async -> Void
  private(set) var text = ""

  init(count: Int, show: @escaping @Sendable (String) async -> Void) {
    filter = CitationFilter(count: count)
    self.show = show
  }

  var cited: Set<Int> { filter.cited }

  func push(_ piece: String) async { await append(markdown.push(filter.push(piece))) }

  func finish() async { await append(markdown.push(filter.finish()) + markdown.finish()) }

  private func append(_ piece: String) async {
    guard !piece.isEmpty else { return }
    text += piece
    await show(piece)
  }
}

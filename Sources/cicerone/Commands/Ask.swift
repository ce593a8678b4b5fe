import ArgumentParser
import Assistant
import FoundationEssentials
import Workspace

/// `cicerone ask QUESTION`
struct Ask: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Answer a question about the workspace.",
    discussion: """
      Prints the answer in Markdown, then its sources as path:line-line. The index is built or brought up to date \
      first. Without a question on the command line it is read from standard input.
      """)

  @Argument(help: "The question; several words need no quotes.")
  var question: [String] = []

  @OptionGroup var shared: SharedOptions

  @Flag(name: .long, help: "Print the result object of rag/ask instead.")
  var json = false

  @Option(name: .long, help: "Passages of context at most.")
  var limit: Int?

  @Option(
    name: .long,
    help: "The model to ask; “auto” for one that suits the question, “extractive” for the offline answerer.")
  var model: String?

  @Option(name: .long, help: ArgumentHelp("Tokens of context at most. (default: 4000)", valueName: "tokens"))
  var tokenBudget: Int?

  @Option(
    name: .long,
    help: ArgumentHelp("What the answer may cost at most, in US dollars. (default: 0.25)", valueName: "usd"))
  var maxCost: Double?

  func run() async throws {
    let text = question.isEmpty ? StandardInput.readAll() : question.joined(separator: " ")
    var parameters = AskParameters(question: text)
    parameters.maxPassages = limit
    parameters.model = model
    parameters.tokenBudget = tokenBudget
    parameters.budget = maxCost.map { RequestBudget(maxUSD: $0) }
    if text.allSatisfy(\.isWhitespace) {
      throw CommandFailure("the question is empty", hint: "cicerone ask \"how does … work?\"", exitCode: 2)
    }
    let (shared, request, json, maxCost) = (self.shared, parameters, self.json, self.maxCost)
    try await Interruption.cancellable {
      let models = try await ModelSetup.open(shared, roots: [try shared.root()], maxCost: maxCost)
      let session = try await Session.open(shared, models: models)
      do throws(EngineError) {
        // On a terminal the text appears as it is written; the checked answer differs from it only where a citation
        // had to go, so there is nothing to print again.
        let streams = !json && Terminal.outputIsTerminal
        let result = try await session.engine.ask(request, encoding: .utf16) { delta in
          if streams, let text = delta.text { Terminal.printPart(Terminal.harmless(text)) }
        }
        try Ask.print(result, json: json, streamed: streams)
      } catch {
        await session.engine.shutdown()
        models.close()
        throw CommandFailure(error)
      }
      await session.engine.shutdown()
      models.close()
    }
  }

  private static func print(_ result: AskResult, json: Bool, streamed: Bool) throws(EngineError) {
    if json {
      do { Terminal.print(try Output.json(result)) } catch {
        throw EngineError(.index, "the result cannot be written as JSON: \(error)")
      }
      return
    }
    if streamed { Terminal.print("") } else { Terminal.print(Terminal.harmless(result.answer)) }
    if !result.citations.isEmpty {
      Terminal.print("\nSources:")
      for citation in result.citations {
        let lines = Ask.lines(citation.range)
        Terminal.print(
          Terminal.line("[\(citation.id)] \(citation.path):\(lines)" + (citation.symbol.map { "  \($0)" } ?? "")))
      }
    }
    if let degraded = result.degraded { Terminal.printError("\nNote: \(degraded.reason)") }
    switch result.finishReason {
    case .length: Terminal.printError("\nNote: The answer reached the limit of its length.")
    case .contentFilter: Terminal.printError("\nNote: The provider refused to go on.")
    case .stop, .truncated, .noEvidence: break
    }
    if result.model != nil, result.usage != nil {
      let reason = result.route.map { " (\($0.reason))" } ?? ""
      Terminal.printError(Terminal.line("\(result.model ?? ""), \(Ask.dollars(result.cost.actual))\(reason)"))
    }
  }

  /// The lines of a range counted from 1.
  static func lines(_ range: SourceRange) -> String {
    let first = range.start.line + 1
    let last = max(
      first, range.end.character == 0 && range.end.line > range.start.line ? range.end.line : range.end.line + 1)
    return first == last ? "\(first)" : "\(first)-\(last)"
  }

  /// Money for people: nothing, or six digits after the point.
  static func dollars(_ amount: Double) -> String {
    if amount == 0 { return "$0" }
    let micro = Int((amount * 1e6).rounded(.up))
    let fraction = String(micro % 1_000_000)
    return "$\(micro / 1_000_000)." + String(repeating: "0", count: 6 - fraction.count) + fraction
  }
}

import ArgumentParser
import Assistant
import FoundationEssentials
import Workspace

/// `cicerone index [PATH]`
struct Index: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Build the index of a workspace, or bring it up to date.")

  @Argument(help: "The folder. (default: the workspace)")
  var path: String?

  @OptionGroup var shared: SharedOptions

  @Flag(name: .long, help: "Print the state of the index as JSON.")
  var json = false

  @Flag(name: .long, help: "Throw the index away first.")
  var rebuild = false

  /// What `--json` prints.
  private struct Report: Encodable {
    var workspace: String
    var files: Int
    var passages: Int
    var skipped: [String: Int]
    var seconds: Double
    var message: String?
  }

  func run() async throws {
    var options = shared
    if let path { options.workspace = path }
    let (shared, json, rebuild) = (options, self.json, self.rebuild)
    try await Interruption.cancellable {
      let clock = ContinuousClock()
      let start = clock.now
      let models = try await ModelSetup.open(shared, roots: [try shared.root()])
      defer { models.close() }
      let session = try await Session.open(shared, models: models, embeds: true)
      do throws(EngineError) {
        if rebuild {
          try await session.engine.reindex()
          try await session.synchronize()
        }
        try await session.finishEmbedding()
      } catch {
        await session.engine.shutdown()
        throw CommandFailure(error)
      }
      let took = start.duration(to: clock.now).components
      let seconds = Double(took.seconds) + Double(took.attoseconds / 1_000_000_000_000_000) / 1000
      let status = await session.engine.status()
      await session.engine.shutdown()
      guard let folder = status.folders.first else { return }
      if json {
        Terminal.print(
          try Output.json(
            Report(
              workspace: session.root.path, files: folder.files, passages: folder.passages, skipped: folder.skipped,
              seconds: seconds, message: folder.message)))
        return
      }
      if let message = folder.message { Terminal.printError(message) }
      if let embedding = folder.embedding {
        let state = "\(embedding.embedded) of \(embedding.total) passages embedded by \(embedding.name)"
        Terminal.printError(embedding.message.map { "\(state). \($0)" } ?? state)
      }
      Terminal.print("\(folder.files) files, \(folder.passages) passages in \(seconds) s")
      if !folder.skipped.isEmpty { Terminal.print(Index.leftOut(folder.skipped)) }
    }
  }

  /// What was left out by reason, most first.
  static func leftOut(_ skipped: [String: Int]) -> String {
    let sorted = skipped.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    return "Left out: " + sorted.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
  }
}

import Assistant
import Configuration
import FoundationEssentials
import SearchIndex
import Workspace

/// An engine for one command: opened on the workspace, its index brought up to date, closed at the end.
struct Session: Sendable {
  let engine: Engine
  let root: FileURI

  /// Opens the workspace and waits until its index is up to date, with a progress bar on a terminal.
  ///
  /// - Parameter embeds: whether passages without a vector are embedded by another embedder that is configured. A command
  ///   that ends soon uses the vectors that are stored, and begins nothing that costs.
  /// - Throws: `CommandFailure`.
  static func open(_ options: SharedOptions, models: ModelSetup? = nil, embeds: Bool = false) async throws -> Session {
    let root = try options.root()
    var engineOptions = Engine.Options(version: Version.current)
    engineOptions.watches = false
    engineOptions.reembedding.embeds = embeds
    if let tokens = models?.configuration.tokenBudget { engineOptions.tokenBudget = tokens }
    let engine = Engine(directories: try directories(), model: models?.model, options: engineOptions)
    await models?.services.attach(engine)
    let progress = await engine.indexingProgress()
    let bar = Task { await ProgressBar.show(progress) }
    await engine.openFolders([root.description])
    defer { bar.cancel() }
    let session = Session(engine: engine, root: root)
    do throws(EngineError) {
      try await session.synchronize()
    } catch {
      await engine.shutdown()
      throw CommandFailure(error)
    }
    await ProgressBar.finish()
    if !embeds { await engine.finishEmbedding() }
    return session
  }

  /// Waits until the index is up to date. When the command is cancelled, the engine is shut down, which ends the
  /// indexing that is waited for.
  ///
  /// - Throws: `EngineError`, with kind `cancelled` when the command was cancelled.
  func synchronize() async throws(EngineError) {
    try await orShutDown { () async throws(EngineError) in try await engine.synchronize() }
  }

  /// Waits until another embedder has embedded all passages, or pauses, which the status explains.
  ///
  /// - Throws: `EngineError`, with kind `cancelled` when the command was cancelled.
  func finishEmbedding() async throws(EngineError) {
    try await orShutDown { () async throws(EngineError) in await engine.finishEmbedding() }
  }

  private func orShutDown(_ work: () async throws(EngineError) -> Void) async throws(EngineError) {
    let outcome = await withTaskCancellationHandler {
      do throws(EngineError) {
        try await work()
        return Result<Void, EngineError>.success(())
      } catch {
        return .failure(error)
      }
    } onCancel: {
      Task { [engine] in await engine.shutdown() }
    }
    if Task.isCancelled { throw EngineError(.cancelled, "interrupted") }
    try outcome.get()
  }

  /// The folders for the index and state.
  static func directories() throws -> ProjectDirectories {
    do {
      return try ProjectDirectories(environment: ProcessInfo.processInfo.environment)
    } catch {
      throw CommandFailure(
        "no folder for the index: neither XDG_CACHE_HOME nor HOME is set",
        hint: "Set HOME, or XDG_CACHE_HOME and XDG_STATE_HOME.")
    }
  }
}

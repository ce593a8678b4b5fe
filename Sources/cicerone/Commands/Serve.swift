import ArgumentParser
import Assistant
import Configuration
import LanguageServer
import Workspace

/// `cicerone serve`
struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Speak the Language Server Protocol on standard input and output.",
    discussion: "For editors. Logs go to standard error. Folders come from the client.")

  @OptionGroup var shared: SharedOptions

  func run() async throws {
    let models = try await ModelSetup.open(shared)
    var options = Engine.Options(version: Version.current)
    if let tokens = models.configuration.tokenBudget { options.tokenBudget = tokens }
    options.settings = { await models.settings(for: $0) }
    let engine = Engine(directories: try Session.directories(), model: models.model, options: options)
    await models.services.attach(engine)
    let session = LanguageServerSession(
      service: engine, serverVersion: Version.current, input: 0, output: 1,
      onConfiguration: { source, value in
        await models.take(value, from: source == .section ? .clientSettings : .initializationOptions)
      })
    let code = await session.run()
    models.close()
    Terminal.exit(code)
  }
}

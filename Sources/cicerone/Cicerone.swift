import ArgumentParser
import CurlTransport

/// The command `cicerone`. Each subcommand stands in a file of its own.
@main
struct Cicerone: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cicerone",
    abstract: "Answers questions about a code base, with citations that are checked.",
    discussion: """
      Works offline at once: with no model configured, answers quote what the workspace itself says. With \
      OPENAI_BASE_URL or OPENAI_API_KEY set, or an OpenAI-compatible server running on this machine, a model answers \
      from the same passages.
      """,
    version: Version.current,
    subcommands: [Ask.self, Search.self, Index.self, Serve.self, Models.self, Init.self])

  /// Parses, runs and exits with 0, 1 (failure), 2 (usage) or 130 (interrupted).
  static func main() async {
    Interruption.install()
    do {
      var command = try parseAsRoot()
      if var command = command as? any AsyncParsableCommand {
        try await command.run()
      } else {
        try command.run()
      }
      Terminal.exit(0)
    } catch let failure as CommandFailure {
      Terminal.printError(failure.description)
      Terminal.exit(failure.exitCode)
    } catch {
      let code = exitCode(for: error)
      let text = fullMessage(for: error)
      if code == .success {
        Terminal.print(text)
        Terminal.exit(0)
      }
      if !text.isEmpty { Terminal.printError(text) }
      // ArgumentParser ends usage errors with 64 (EX_USAGE); scripts expect 2.
      Terminal.exit(code == .validationFailure ? 2 : 1)
    }
  }
}

/// The version of this program.
enum Version {
  static let current = "0.1.0"
}

import ArgumentParser
import Assistant
import Configuration
import FoundationEssentials

extension Models {
  /// `cicerone models check [FILE]`
  struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Explain every problem in a configuration, with line and column.",
      discussion: """
        Prints FILE:LINE:COLUMN: error|warning|note: what is wrong, and below it what can be done. Nobody is contacted. \
        Exits with 0 when there is no error, 1 when there is one, 2 when the file cannot be read.
        """)

    @Argument(help: "The file. (default: the one that is used, and the repository's)")
    var file: String?

    @OptionGroup var shared: SharedOptions

    @Flag(name: .long, help: "Print an object {file, errors, warnings, notes, problems} instead.")
    var json = false

    /// What `--json` prints.
    private struct Report: Encodable {
      struct Problem: Encodable {
        var severity: String
        var file: String?
        var line: Int?
        var column: Int?
        var message: String
        var hint: String?
      }

      var file: String?
      var errors: Int
      var warnings: Int
      var notes: Int
      var problems: [Problem]
    }

    func run() async throws {
      let named =
        file.map { WorkspaceFolder.absolutePath($0, in: FileManager.default.currentDirectoryPath) }
        ?? shared.configurationPath
      let report: ConfigurationReport
      do {
        report = try await ConfigurationReport.make(
          path: named, environment: ProcessInfo.processInfo.environment, root: try? shared.root())
      } catch {
        throw CommandFailure(error.message, hint: error.hint, exitCode: 2)
      }
      func count(_ severity: ConfigurationProblem.Severity) -> Int {
        report.problems.count { $0.severity == severity }
      }
      if json {
        Terminal.print(
          try Output.json(
            Report(
              file: report.path, errors: count(.error), warnings: count(.warning), notes: count(.note),
              problems: report.problems.map { problem in
                Report.Problem(
                  severity: problem.severity.rawValue,
                  file: problem.position.flatMap { $0.file ?? report.path }, line: problem.position?.line,
                  column: problem.position?.column, message: problem.message, hint: problem.hint)
              })))
      } else {
        for problem in report.problems { Terminal.print(Self.text(problem, in: report.path)) }
        Terminal.printError(Self.summary(report, errors: count(.error), warnings: count(.warning), notes: count(.note)))
      }
      if count(.error) > 0 { throw ExitCode(1) }
    }

    private static func text(_ problem: ConfigurationProblem, in path: String?) -> String {
      let place = problem.position.map { position in
        "\(position.file ?? path ?? "-"):\(position.line):\(position.column): "
      }
      let first = Terminal.line("\(place ?? "")\(problem.severity.rawValue): \(problem.message)")
      return first + (problem.hint.map { "\n  \(Terminal.line($0))" } ?? "")
    }

    private static func summary(_ report: ConfigurationReport, errors: Int, warnings: Int, notes: Int) -> String {
      func text(_ count: Int, _ word: String) -> String { "\(count) \(word)\(count == 1 ? "" : "s")" }
      let counts = [text(errors, "error"), text(warnings, "warning"), text(notes, "note")].joined(separator: ", ")
      guard let path = report.path else {
        return "There is no configuration file: models are looked for. \(counts)."
      }
      return "\(path): \(counts)."
    }
  }
}

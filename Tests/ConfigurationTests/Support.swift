import Testing

@testable import Configuration

/// Reads a text, with all its problems.
func readConfiguration(_ text: String, _ environment: [String: String] = [:]) -> Configuration {
  Configuration.read(yaml: Array(text.utf8), environment: environment)
}

extension Configuration {
  /// The problems of one severity, as text.
  func texts(_ severity: ConfigurationProblem.Severity) -> [String] {
    problems.filter { $0.severity == severity }.map(\.description)
  }
}

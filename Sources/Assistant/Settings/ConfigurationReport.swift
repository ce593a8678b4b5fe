public import Configuration
internal import Router
internal import SQLiteKit
public import Workspace

/// All that is wrong with a configuration, in the order of the places.
public struct ConfigurationReport: Sendable {
  /// The file; `nil` when there is none, so that models are discovered.
  public var path: String?
  /// What is wrong. Places without a file of their own are in `path`.
  public var problems: [ConfigurationProblem]

  /// Reads a file, and those around it, and looks at everything. Contacts nobody.
  ///
  /// - Parameters:
  ///   - path: the file that is named; `nil` for the one that is used, with the variables of the environment and the
  ///     repository's file that go with it.
  ///   - root: the folder of the repository.
  /// - Throws: `ConfigurationFile.Failure` when the file cannot be read.
  public static func make(
    path named: String?, environment: [String: String], root: FileURI?
  ) async throws(ConfigurationFile.Failure) -> ConfigurationReport {
    try await Worker().make(path: named, environment: environment, root: root)
  }
}

/// Reads files on a thread of its own.
private actor Worker {
  private let executor = BlockingExecutor(label: "configuration report")
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  func make(
    path named: String?, environment: [String: String], root: FileURI?
  ) throws(ConfigurationFile.Failure) -> ConfigurationReport {
    var report = ConfigurationReport(path: named, problems: [])
    if named == nil {
      let variable = environment["CICERONE_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
      report.path = variable ?? ConfigurationFile.standardPath(environment: environment)
      if variable == nil, let path = report.path, !FileReader.exists(path) { report.path = nil }
    }
    var configuration = Configuration()
    if let path = report.path {
      configuration = try ConfigurationFile.load(path, environment: environment).configuration
      report.problems = ConfigurationCheck.problems(of: configuration, environment: environment)
    }
    guard named == nil else { return report }
    let variables = CiceroneSettings.read(environment: environment)
    report.problems += variables.problems
    guard let root, let file = ConfigurationFile.workspaceFile(of: root) else { return report }
    let read = CiceroneSettings.read(workspaceFile: file.bytes, path: file.path)
    var layers = ConfigurationLayers()
    layers.set(.defaults, LiveConfiguration.defaults)
    layers.set(.userFile, configuration.settings)
    layers.set(.workspaceFile, read.settings, source: file.path)
    report.problems +=
      read.problems + layers.resolved(knownModels: LiveConfiguration.knownModels(configuration)).problems
    return report
  }
}

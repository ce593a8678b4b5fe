import Assistant
import Configuration
import CurlTransport
import FoundationEssentials
import HTTPTransport
import Ledger
import Workspace

/// The models of a command: its configuration, and the connections that they are reached by.
struct ModelSetup: Sendable {
  /// What answers in words.
  let model: RoutedModel
  /// What the configuration says besides.
  let configuration: Configuration
  private let transport: CurlTransport

  /// What a request may cost where nothing else is said: more than a usual question costs, and nothing that hurts.
  private static let defaultLimit = "0.25"

  /// Reads the configuration; nothing is contacted yet.
  ///
  /// - Parameter maxCost: the limit of the command line in US dollars, which wins over the configuration's.
  /// - Throws: `CommandFailure` when a file that was named, or the user's own, cannot be used.
  static func open(_ options: SharedOptions, maxCost: Double? = nil) throws -> ModelSetup {
    let environment = ProcessInfo.processInfo.environment
    let configuration = try read(options.config, environment: environment)
    let limit = try spendLimit(maxCost, configuration)
    let transport = CurlTransport(CurlConfiguration(environment: environment))
    let model = RoutedModel(
      configuration: configuration, environment: environment, transport: transport, limit: limit,
      warn: { Terminal.printError("cicerone: \($0)") })
    return ModelSetup(model: model, configuration: configuration, transport: transport)
  }

  private static func spendLimit(_ maxCost: Double?, _ configuration: Configuration) throws -> SpendLimit {
    if let maxCost {
      guard let amount = Money(usd: maxCost, rounding: .down), amount >= .zero else {
        throw CommandFailure("--max-cost is no amount of money: \(maxCost)", exitCode: 2)
      }
      return SpendLimit(amount, isDefault: false)
    }
    guard let amount = Money(usd: configuration.maxUSDPerRequest ?? defaultLimit, rounding: .down) else {
      throw CommandFailure("cicerone.max_usd_per_request is no amount of money", exitCode: 2)
    }
    return SpendLimit(amount, isDefault: configuration.maxUSDPerRequest == nil)
  }

  /// Closes connections.
  func close() { transport.shutDown() }

  /// The file that was named; or the user's own, if there is one.
  private static func read(_ path: String?, environment: [String: String]) throws -> Configuration {
    let file: String
    if let path {
      file = WorkspaceFolder.absolutePath(path, in: FileManager.default.currentDirectoryPath)
    } else {
      guard let directories = try? ProjectDirectories(environment: environment) else { return Configuration() }
      file = directories.configuration + "/config.yaml"
      guard FileManager.default.fileExists(atPath: file) else { return Configuration() }
    }
    let content: FileReader.Content
    do {
      content = try FileReader.read(FileURI(path: file), limit: 4 << 20)
    } catch {
      throw CommandFailure(
        "cannot read the configuration \(file)", hint: "Check the path given with --config.", exitCode: 2)
    }
    do {
      return try Configuration(yaml: content.bytes, environment: environment)
    } catch {
      throw CommandFailure("\(file):\(error)", hint: "Mend the file at that line and column.", exitCode: 2)
    }
  }
}

import Assistant
import Configuration
import CurlTransport
import FoundationEssentials
import HTTPTransport
import JSONRPC
import Ledger
import Workspace

/// The models of a command: its configuration, and the connections that they are reached by.
struct ModelSetup: Sendable {
  /// What answers in words.
  let model: RoutedModel
  /// What embeds and reranks.
  let services: ModelServices
  /// What the configuration said when the command began.
  let configuration: Configuration
  private let live: LiveConfiguration
  private let transport: CurlTransport

  /// Reads the configuration; nothing is contacted yet.
  ///
  /// - Parameters:
  ///   - roots: the folders whose own files narrow it.
  ///   - maxCost: the limit of the command line in US dollars, which wins over the configuration's.
  /// - Throws: `CommandFailure` when a file that was named, or the user's own, cannot be used.
  static func open(_ options: SharedOptions, roots: [FileURI] = [], maxCost: Double? = nil) async throws -> ModelSetup {
    let environment = ProcessInfo.processInfo.environment
    let live = LiveConfiguration(
      environment: environment, path: options.configurationPath, commandLine: try commandLine(maxCost))
    let effective: LiveConfiguration.Effective
    do {
      effective = try await live.initial(for: roots)
    } catch {
      throw CommandFailure(error.message, hint: error.hint, exitCode: 2)
    }
    let transport = CurlTransport(CurlConfiguration(environment: environment))
    let model = RoutedModel(
      configuration: effective.configuration, environment: environment, transport: transport, limit: effective.limit,
      calibrationPath: (try? ProjectDirectories(environment: environment)).map { $0.state + "/token-calibration.json" },
      observer: Logs.routeObserver(), warn: { Terminal.printError("cicerone: \($0)") })
    let services = ModelServices(
      environment: environment, transport: transport, warn: { Terminal.printError("cicerone: \($0)") })
    await services.apply(effective.configuration, limit: effective.limit)
    return ModelSetup(
      model: model, services: services, configuration: effective.configuration, live: live, transport: transport)
  }

  private static func commandLine(_ maxCost: Double?) throws -> CiceroneSettings {
    var settings = CiceroneSettings()
    guard let maxCost else { return settings }
    guard let amount = Money(usd: maxCost, rounding: .down), amount >= .zero else {
      throw CommandFailure("--max-cost is no amount of money: \(maxCost)", exitCode: 2)
    }
    settings.maxUSDPerRequest = String(maxCost)
    return settings
  }

  /// What holds before each question; for a process that lives longer than one.
  func settings(for folders: [FileURI]) async -> EngineSettings {
    await live.settings(for: folders, applyingTo: model, services)
  }

  /// Takes what an editor says; it holds at once.
  func take(_ value: JSONValue, from layer: ConfigurationLayer) async {
    for problem in await live.set(layer, client: SettingValue(value), applyingTo: model, services)
    where problem.severity != .note && problem.position == nil {
      Terminal.printError("cicerone: \(problem)")
    }
  }

  /// Closes connections.
  func close() { transport.shutDown() }
}

extension SettingValue {
  /// A value of an editor's settings.
  fileprivate init(_ value: JSONValue) {
    let kind: Kind =
      switch value {
      case .null: .null
      case .bool(let flag): .bool(flag)
      case .integer(let number): .integer(Int(number))
      case .number(let number): .number(number)
      case .string(let text): .string(text)
      case .array(let elements): .list(elements.map(SettingValue.init))
      case .object(let members):
        .mapping(members.sorted { $0.key < $1.key }.map { Member(key: $0.key, value: SettingValue($0.value)) })
      }
    self.init(kind, at: SourcePosition(line: 1, column: 1))
  }
}

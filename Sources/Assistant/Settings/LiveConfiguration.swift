public import Configuration
internal import Ledger
internal import SQLiteKit
public import Workspace

/// The configuration as it is now: files are looked at again whenever it is asked for, and what an editor says holds at
/// once, so that nothing needs a restart.
public actor LiveConfiguration {
  /// What holds.
  public struct Effective: Sendable {
    /// The models, the router's settings, and our own settings with all layers laid over each other.
    public var configuration: Configuration
    /// What a request may cost at most.
    public var limit: SpendLimit
    /// Where each setting comes from, by its key.
    public var origins: [String: SettingOrigin]
    /// What is wrong anywhere.
    public var problems: [ConfigurationProblem]
    /// Another number whenever something changed.
    public var revision: Int
  }

  /// What holds where nothing is said: as much context as most models take, and more money than a usual question costs,
  /// yet nothing that hurts.
  public static var defaults: CiceroneSettings {
    var settings = CiceroneSettings()
    settings.tokenBudget = Engine.Options(version: "").tokenBudget
    settings.maxUSDPerRequest = "0.25"
    return settings
  }

  private let executor = BlockingExecutor(label: "configuration")
  /// Its calls read files.
  public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  private let environment: [String: String]
  private let namedPath: String?
  private var layers = ConfigurationLayers()
  private var clientPaths: [ConfigurationLayer: String] = [:]
  private var clientProblems: [ConfigurationLayer: [ConfigurationProblem]] = [:]
  private let environmentProblems: [ConfigurationProblem]
  private var isStale = true
  private var loaded: (path: String?, file: ConfigurationFile.Loaded)?
  private var fileProblems: [ConfigurationProblem] = []
  private var workspaceFiles: [String: [UInt8]] = [:]
  private var last: Effective?
  private var lastRoots: [FileURI] = []
  private var appliedRevision: Int?

  /// Nothing is read yet.
  ///
  /// - Parameters:
  ///   - path: the file that the command line names.
  ///   - commandLine: what the command line sets.
  public init(environment: [String: String], path: String?, commandLine: CiceroneSettings = CiceroneSettings()) {
    self.environment = environment
    namedPath = path
    layers.set(.defaults, Self.defaults)
    let read = CiceroneSettings.read(environment: environment)
    environmentProblems = read.problems
    layers.set(.environment, read.settings)
    layers.set(.commandLine, commandLine)
  }

  /// Takes what an editor says, in place of what it said before of the same layer.
  public func set(_ layer: ConfigurationLayer, client value: SettingValue) {
    let read = CiceroneSettings.read(client: value)
    layers.set(layer, read.settings)
    clientPaths[layer] = read.config
    clientProblems[layer] = read.problems.map { problem in
      var problem = problem
      problem.message = "\(layer.title): \(problem.message)"
      return problem
    }
    isStale = true
  }

  /// What holds in these folders, all of whose own files narrow it.
  ///
  /// A file that has come to have errors is not used: what was read before stays in place.
  /// - Throws: `ConfigurationFile.Failure` when there was nothing before.
  public func effective(for roots: [FileURI]) throws(ConfigurationFile.Failure) -> Effective {
    let filesChanged = try reload(outside: roots)
    let workspacesChanged = readWorkspaces(roots)
    if let last, !isStale, !filesChanged, !workspacesChanged { return last }
    let configuration = loaded?.file.configuration ?? Configuration()
    let resolved = layers.resolved(knownModels: Self.knownModels(configuration))
    var effective = Effective(
      configuration: configuration, limit: try Self.limit(resolved), origins: resolved.origins,
      problems: fileProblems + environmentProblems
        + ConfigurationLayer.allCases.flatMap { clientProblems[$0] ?? [] } + workspaceProblems + resolved.problems,
      revision: (last?.revision ?? 0) + 1)
    effective.configuration.settings = resolved.settings
    effective.configuration.problems = effective.problems
    isStale = false
    last = effective
    return effective
  }

  /// What holds in these folders, given to a model, and to what embeds and reranks, if it is not what they were given
  /// before.
  public func settings(
    for roots: [FileURI], applyingTo model: RoutedModel, _ services: ModelServices? = nil
  ) async -> EngineSettings {
    lastRoots = roots
    guard let effective = try? effective(for: roots) else { return EngineSettings() }
    if effective.revision != appliedRevision {
      appliedRevision = effective.revision
      await model.apply(effective.configuration, limit: effective.limit)
      await services?.apply(effective.configuration, limit: effective.limit)
    }
    return EngineSettings(
      tokenBudget: effective.configuration.tokenBudget,
      isExtractive: effective.configuration.model == Engine.extractive)
  }

  /// What holds in these folders, for a model that is made with it.
  ///
  /// - Throws: `ConfigurationFile.Failure`, as ``effective(for:)``.
  public func initial(for roots: [FileURI]) throws(ConfigurationFile.Failure) -> Effective {
    let (_, problems) = CiceroneSettings.read(environment: environment)
    // A limit that is overlooked costs money.
    if let wrong = problems.first(where: { $0.severity == .error }) {
      throw ConfigurationFile.Failure(message: wrong.message, hint: wrong.hint)
    }
    let effective = try effective(for: roots)
    appliedRevision = effective.revision
    return effective
  }

  /// Takes what an editor says, and gives what holds then to a model.
  public func set(
    _ layer: ConfigurationLayer, client value: SettingValue, applyingTo model: RoutedModel,
    _ services: ModelServices? = nil
  ) async -> [ConfigurationProblem] {
    set(layer, client: value)
    _ = await settings(for: lastRoots, applyingTo: model, services)
    return last?.problems ?? []
  }

  private static func limit(
    _ resolved: ConfigurationLayers.Resolved
  ) throws(ConfigurationFile.Failure) -> SpendLimit {
    let text = resolved.settings.maxUSDPerRequest ?? "0"
    guard let amount = Money(usd: text, rounding: .down) else {
      throw ConfigurationFile.Failure(message: "max_usd_per_request is no amount of money: \(text)")
    }
    return SpendLimit(amount, isDefault: resolved.origins["max_usd_per_request"]?.layer == .defaults)
  }

  /// The names that a repository's file may choose among; `nil` when none is configured.
  static func knownModels(_ configuration: Configuration) -> Set<String>? {
    guard !configuration.models.isEmpty else { return nil }
    return Set(configuration.models.map(\.name) + configuration.router.aliases.map(\.name)).union([
      "auto", Engine.extractive,
    ])
  }

  // MARK: The user's file

  /// Which file is read: the command line's, the editor's, the environment's, or the standard one.
  private func path(outside roots: [FileURI]) -> (path: String?, isNamed: Bool, problems: [ConfigurationProblem]) {
    if let namedPath { return (namedPath, true, []) }
    var problems: [ConfigurationProblem] = []
    for layer in [ConfigurationLayer.clientSettings, .initializationOptions] {
      guard let text = clientPaths[layer] else { continue }
      let home = environment["HOME"] ?? ""
      let path = text.hasPrefix("~/") && !home.isEmpty ? home + text.dropFirst() : text
      if !path.hasPrefix("/") {
        problems.append(ConfigurationProblem("\(layer.title): config must be an absolute path; it is not used"))
      } else if roots.contains(where: { FileURI(path: path).relativePath(in: $0) != nil }) {
        // An editor's settings may lie in the repository, and so does what they would point at.
        problems.append(
          ConfigurationProblem("\(layer.title): config lies in the folder that is worked on; it is not used"))
      } else {
        return (path, true, problems)
      }
    }
    if let path = environment["CICERONE_CONFIG"], !path.isEmpty { return (path, true, problems) }
    return (ConfigurationFile.standardPath(environment: environment), false, problems)
  }

  /// Reads the file again if it, or one that it includes, has changed. Answers whether something did.
  private func reload(outside roots: [FileURI]) throws(ConfigurationFile.Failure) -> Bool {
    let (path, isNamed, problems) = path(outside: roots)
    if let loaded, loaded.path == path,
      loaded.file.files.allSatisfy({ ConfigurationFile.bytes($0.key) == $0.value })
    {
      return false
    }
    do throws(ConfigurationFile.Failure) {
      let file = try Self.load(path, isNamed: isNamed, environment: environment)
      fileProblems = problems + file.configuration.problems
      let isUsable = file.configuration.firstError == nil
      if !isUsable, loaded == nil, let error = file.configuration.firstError {
        throw Self.failure(error, count: file.configuration.problems.count { $0.severity == .error })
      }
      layers.set(.userFile, file.configuration.settings, source: path)
      // What cannot be used is remembered for its bytes alone, so that it is not read again before it changes.
      let configuration = isUsable ? file.configuration : loaded?.file.configuration ?? Configuration()
      if !isUsable { layers.set(.userFile, configuration.settings, source: path) }
      loaded = (path, ConfigurationFile.Loaded(configuration: configuration, files: file.files))
    } catch {
      guard loaded != nil else { throw error }
      fileProblems = problems + [ConfigurationProblem(error.message, severity: .error, hint: error.hint)]
    }
    return true
  }

  private static func load(
    _ path: String?, isNamed: Bool, environment: [String: String]
  ) throws(ConfigurationFile.Failure) -> ConfigurationFile.Loaded {
    guard let path else { return ConfigurationFile.Loaded(configuration: Configuration(), files: [:]) }
    if !isNamed, ConfigurationFile.bytes(path) == nil, !FileReader.exists(path) {
      return ConfigurationFile.Loaded(configuration: Configuration(), files: [path: nil])
    }
    return try ConfigurationFile.load(path, environment: environment)
  }

  private static func failure(_ error: ConfigurationError, count: Int) -> ConfigurationFile.Failure {
    var hint = error.hint.map { $0.prefix(1).uppercased() + $0.dropFirst() } ?? "Mend the file at that line and column"
    if hint.last != "?" { hint += "." }
    if count > 1 { hint += " It has \(count) errors: cicerone models check lists them all." }
    return ConfigurationFile.Failure(message: error.description, hint: hint)
  }

  // MARK: Repositories

  private var workspaceProblems: [ConfigurationProblem] = []

  private func readWorkspaces(_ roots: [FileURI]) -> Bool {
    var files: [String: [UInt8]] = [:]
    for root in roots {
      if let file = ConfigurationFile.workspaceFile(of: root) { files[file.path] = file.bytes }
    }
    guard files != workspaceFiles else { return false }
    workspaceFiles = files
    workspaceProblems = []
    layers.set(
      .workspaceFile,
      files.sorted { $0.key < $1.key }.map { path, bytes in
        let read = CiceroneSettings.read(workspaceFile: bytes, path: path)
        workspaceProblems += read.problems
        return ConfigurationLayers.Contribution(layer: .workspaceFile, source: path, settings: read.settings)
      })
    return true
  }
}

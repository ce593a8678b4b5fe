import Assistant
import JSONRPC
import Synchronization

// What is told to the client and asked of it without a request of its own.
extension LanguageServerSession {
  /// Opens the folders and listens to the engine: after the reply to `initialize`, in its turn.
  func startEngine() {
    let (folders, options) = state.withLock { ($0.folders, $0.initializationOptions) }
    engineQueue.perform { [self] in
      let reports = await service.indexingProgress()
      spawn { [self] in
        for await report in reports {
          await indexingReporter.received(report)
          await statusNotifier.poke()
        }
      }
      let changes = await service.statusChanges()
      spawn { [self] in
        for await _ in changes { await statusNotifier.poke() }
      }
    }
    if let options, options != .null { deliver(.initializationOptions, options) }
    open(folders: folders)
  }

  /// Takes `initialized`: now the client may be asked.
  func clientIsReady() {
    let first = state.withLock { state in
      defer { state.isClientReady = true }
      return !state.isClientReady
    }
    guard first else { return }
    let capabilities = state.withLock(\.capabilities)
    spawn { [self] in
      if capabilities.window?.workDoneProgress == true { await indexingReporter.enable() }
      if capabilities.knowsRag { await statusNotifier.enable() }
    }
    registerWatchers()
    if capabilities.workspace?.didChangeConfiguration?.dynamicRegistration == true {
      register("cicerone/configuration", "workspace/didChangeConfiguration", .init(section: Self.section))
    }
    pullConfiguration()
  }

  /// Makes the client look at the state of the index again.
  func statusMayHaveChanged() {
    spawn { [statusNotifier] in await statusNotifier.poke() }
  }

  /// Logs what was odd about a notification about a document.
  func note(_ oddities: [DocumentManager.Oddity], method: String, uri: String) {
    for oddity in oddities { log(.warning, "\(method) of \(uri): \(oddity)") }
  }

  /// Tells the user of something that makes answers wrong: once in a window, then in the log.
  func warnUser(_ text: String) {
    let first = state.withLock { state in
      defer { state.hasWarnedUser = true }
      return !state.hasWarnedUser
    }
    connection.notify(first ? "window/showMessage" : "window/logMessage", MessageParams(type: 2, message: text))
  }

  /// Ends the session when the process that started it has ended.
  func watch(parent processID: Int) {
    spawn { [self] in
      if await ParentWatch.waitForEnd(of: processID, interval: options.parentCheckInterval) {
        log(.info, "The client's process has ended.")
        connection.stop()
      }
    }
  }
}

// Folders and watched files.
extension LanguageServerSession {
  /// Opens and closes folders.
  func changeFolders(added: [String], removed: [String]) {
    let (opened, closed) = state.withLock { state in
      let closed = removed.filter { state.folders.contains($0) }
      state.folders.removeAll { closed.contains($0) }
      let opened = added.filter { !state.folders.contains($0) }
      state.folders += opened
      return (opened, closed)
    }
    if !closed.isEmpty {
      engineQueue.perform { [self] in
        await service.closeFolders(closed)
        for folder in closed { await indexingReporter.closed(folder: folder) }
        await statusNotifier.poke()
      }
    }
    open(folders: opened)
    if state.withLock({ $0.isClientReady && $0.capabilities.watchesRelatively }) { registerWatchers() }
  }

  private func open(folders: [String]) {
    for folder in folders where !FileURI.isFile(folder) {
      log(.warning, "The folder \(folder) is not on this machine's disk and is not indexed.")
    }
    let files = folders.filter(FileURI.isFile)
    guard !files.isEmpty else { return }
    engineQueue.perform { [self] in
      await service.openFolders(files)
      await statusNotifier.poke()
    }
  }

  /// Asks the client to watch files; patterns that are relative to folders replace those of the folders before.
  private func registerWatchers() {
    let (capabilities, folders, old, new) = state.withLock { state in
      let old = state.watcherRegistration
      state.watcherRegistration += 1
      return (state.capabilities, state.folders, old, old + 1)
    }
    guard capabilities.workspace?.didChangeWatchedFiles?.dynamicRegistration == true else { return }
    let method = DidChangeWatchedFilesNotification.method
    let watchers: [RegistrationParams.Watcher] =
      capabilities.watchesRelatively
      ? folders.filter(FileURI.isFile).map { .init(globPattern: .relative(baseUri: $0, pattern: "**/*")) }
      : [.init(globPattern: .anywhere("**/*"))]
    if !watchers.isEmpty {
      register("cicerone/files/\(new)", method, .init(watchers: watchers)) { [self] in
        // From now on it tells; until it said so, and if it does not, folders are watched here.
        engineQueue.perform { [service] in await service.setClientWatches(true) }
      }
    }
    if old > 0 {
      ask(
        "client/unregisterCapability",
        UnregistrationParams(unregisterations: [.init(id: "cicerone/files/\(old)", method: method)]))
    }
  }

  private func register(
    _ id: String, _ method: String, _ options: RegistrationParams.Options,
    onSuccess: @escaping @Sendable () -> Void = {}
  ) {
    ask(
      "client/registerCapability",
      RegistrationParams(registrations: [.init(id: id, method: method, registerOptions: options)]),
      onSuccess: onSuccess)
  }

  /// Sends a request of whose answer only matters whether it is an error.
  private func ask(
    _ method: String, _ params: some Encodable & Sendable, onSuccess: @escaping @Sendable () -> Void = {}
  ) {
    spawn { [self] in
      do throws(ResponseError) {
        _ = try await connection.request(method, params)
        onSuccess()
      } catch {
        log(.warning, "The client refused '\(method)': \(error.message)")
      }
    }
  }
}

// Configuration.
extension LanguageServerSession {
  /// The section of the client's settings that is ours.
  private static let section = "cicerone"

  /// Takes `workspace/didChangeConfiguration`.
  func configurationChanged(pushed settings: JSONValue?) {
    if state.withLock({ $0.capabilities.workspace?.configuration }) == true {
      pullConfiguration()
    } else if let section = settings?[Self.section] {
      deliver(.section, section)
    }
  }

  /// Asks for the settings, where the client can be asked.
  private func pullConfiguration() {
    guard state.withLock({ $0.isClientReady && $0.capabilities.workspace?.configuration == true }) else { return }
    spawn { [self] in
      do {
        // Always with a section: one client leaves items without out of its answer.
        let params = ConfigurationParams(items: [.init(section: Self.section)])
        let answer = try await connection.request("workspace/configuration", params).decode([JSONValue].self)
        guard answer.count == 1 else { return }
        deliver(.section, answer[0])
      } catch {
        log(.warning, "The client's settings cannot be read: \(error)")
      }
    }
  }

  private func deliver(_ source: SettingsSource, _ configuration: JSONValue) {
    engineQueue.perform { [onConfiguration] in await onConfiguration(source, configuration) }
  }
}

extension ClientCapabilities {
  /// Whether the client watches files, and below folders that are named.
  fileprivate var watchesRelatively: Bool {
    workspace?.didChangeWatchedFiles?.dynamicRegistration == true
      && workspace?.didChangeWatchedFiles?.relativePatternSupport == true
  }
}

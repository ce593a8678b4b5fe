/// Every method of this server. The lists in its capabilities and the check of `docs/protocol.md` come from here.
enum MethodRegistry {
  /// Requests, one line each.
  private static let requestHandlers: [AnyRequestHandler] = [
    AnyRequestHandler(InitializeRequest.self),
    AnyRequestHandler(ShutdownRequest.self),
    AnyRequestHandler(AskRequest.self),
    AnyRequestHandler(SearchRequest.self),
    AnyRequestHandler(StatusRequest.self),
    AnyRequestHandler(ModelsRequest.self),
    AnyRequestHandler(SynchronizeRequest.self),
    AnyRequestHandler(ReindexRequest.self),
  ]

  /// Notifications, one line each.
  private static let notificationHandlers: [AnyNotificationHandler] = [
    AnyNotificationHandler(InitializedNotification.self),
    AnyNotificationHandler(DidOpenNotification.self),
    AnyNotificationHandler(DidChangeNotification.self),
    AnyNotificationHandler(DidSaveNotification.self),
    AnyNotificationHandler(DidCloseNotification.self),
    AnyNotificationHandler(DidChangeWatchedFilesNotification.self),
    AnyNotificationHandler(DidChangeWorkspaceFoldersNotification.self),
    AnyNotificationHandler(DidChangeConfigurationNotification.self),
    AnyNotificationHandler(SetTraceNotification.self),
    AnyNotificationHandler(WorkDoneProgressCancelNotification.self),
  ]

  /// Requests by method.
  static let requests = Dictionary(
    requestHandlers.map { ($0.method, $0) }, uniquingKeysWith: { first, _ in first })

  /// Notifications by method.
  static let notifications = Dictionary(
    notificationHandlers.map { ($0.method, $0) }, uniquingKeysWith: { first, _ in first })

  /// Calls that are handled before any handler is looked up.
  static let builtIn = [ExecuteCommand.method, "$/cancelRequest", "exit"]

  /// What is sent to clients without being asked for.
  static let sent = [StatusNotifier.method]

  /// Methods of ours, in the order of registration.
  static let ragMethods = requestHandlers.map(\.method).filter { $0.hasPrefix("rag/") }

  /// Methods of ours that send partial results.
  static let partialResultMethods = [AskRequest.method]

  /// Every name that a client may send or must expect.
  static let allMethods = Set(requests.keys).union(notifications.keys).union(builtIn).union(sent)
}

extension ProviderDefinition {
  /// A model that follows a script in its entry: `mock/NAME`.
  public static let mock = ProviderDefinition(
    id: "mock", title: "Scripted answers", isInProcess: true,
    endpoint: { (settings, _) throws(ProviderSetupError) in try MockChatProvider.endpoint(settings) },
    makeChat: { _, endpoint in MockChatProvider(endpoint) })
}

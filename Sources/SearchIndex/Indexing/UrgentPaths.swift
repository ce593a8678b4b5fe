/// Files that are to be looked at before a pass over the whole folder goes on.
public protocol UrgentPaths: Sendable {
  /// Whether there are any; asked often, from any thread.
  var isWaiting: Bool { get }
  /// Hands them out: relative paths.
  func take() -> [String]
  /// What was taken last is in the index.
  func done()
}

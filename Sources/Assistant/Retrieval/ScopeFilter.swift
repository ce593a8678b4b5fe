internal import SearchIndex
internal import Workspace

/// Whether a file is in the scope of a request.
struct ScopeFilter: Sendable {
  private let include: [GlobPattern]
  private let exclude: [GlobPattern]
  private let languages: Set<String>

  /// Compiles a scope; nil for one that takes everything.
  ///
  /// - Throws: `EngineError` of kind `invalidParameters` for a pattern that is none.
  init?(_ scope: SearchScope?) throws(EngineError) {
    guard let scope else { return nil }
    include = try ScopeFilter.compile(scope.include ?? [], "scope.include")
    exclude = try ScopeFilter.compile(scope.exclude ?? [], "scope.exclude")
    languages = Set(scope.languages ?? [])
    if include.isEmpty, exclude.isEmpty, languages.isEmpty { return nil }
  }

  func accepts(_ file: IndexedFile) -> Bool {
    if !languages.isEmpty, !languages.contains(file.language) { return false }
    if !include.isEmpty, !include.contains(where: { $0.matches(file.path) }) { return false }
    return !exclude.contains { $0.matches(file.path) }
  }

  private static func compile(_ patterns: [String], _ name: String) throws(EngineError) -> [GlobPattern] {
    var result: [GlobPattern] = []
    for pattern in patterns {
      guard let glob = GlobPattern(pattern) else {
        throw EngineError(
          .invalidParameters, "\(name) holds a pattern that cannot be read: \(pattern)",
          hint: "Close its brackets and braces; write paths relative to the workspace folder, such as src/**/*.swift.")
      }
      result.append(glob)
    }
    return result
  }
}

/// Where settings come from, weakest first: a later layer wins over the ones before it.
///
/// A repository's file is the exception: it may only narrow what stands below it.
public enum ConfigurationLayer: Int, Sendable, Hashable, CaseIterable, Comparable {
  /// What holds where nothing is said.
  case defaults
  /// The user's own file.
  case userFile
  /// `.cicerone.yaml` in the folder that is worked on.
  case workspaceFile
  /// Variables of the environment.
  case environment
  /// What an editor says when it starts the server.
  case initializationOptions
  /// The section `cicerone` of an editor's settings.
  case clientSettings
  /// Options of the command line.
  case commandLine

  /// For people: `the environment`.
  public var title: String {
    switch self {
    case .defaults: "the defaults"
    case .userFile: "the user's file"
    case .workspaceFile: "the repository's file"
    case .environment: "the environment"
    case .initializationOptions: "initializationOptions"
    case .clientSettings: "the editor's settings"
    case .commandLine: "the command line"
    }
  }

  /// Weaker first.
  public static func < (left: ConfigurationLayer, right: ConfigurationLayer) -> Bool { left.rawValue < right.rawValue }
}

/// Where the value of a setting comes from.
public struct SettingOrigin: Sendable, Hashable {
  /// The layer.
  public var layer: ConfigurationLayer
  /// The file or variable.
  public var source: String?
  /// The place in the file.
  public var position: SourcePosition?
}

public import Configuration
internal import Workspace

/// The user's configuration file, and where it is looked for.
public enum ConfigurationFile {
  /// The name of the file by which a repository may narrow what holds in it.
  public static let workspaceName = ".cicerone.yaml"

  /// Why a file cannot be read at all.
  public struct Failure: Error, Sendable, Hashable {
    /// What happened.
    public var message: String
    /// What the user can do.
    public var hint: String?
  }

  /// A file that was read, with those that it includes.
  public struct Loaded: Sendable {
    /// What it says; its problems may be errors.
    public var configuration: Configuration
    /// All files that were looked at, by path; `nil` for one that cannot be read.
    public var files: [String: [UInt8]?]
  }

  /// The file that is read where none is named: `config.yaml` in the user's directory for settings.
  public static func standardPath(environment: [String: String]) -> String? {
    (try? ProjectDirectories(environment: environment)).map { $0.configuration + "/config.yaml" }
  }

  /// Reads a file of the user's, which may be a symbolic link, with those that it includes. Blocks on the disk.
  public static func load(_ path: String, environment: [String: String]) throws(Failure) -> Loaded {
    guard let bytes = bytes(path) else {
      throw Failure(
        message: "cannot read the configuration \(path)", hint: "Check the path, and that it is a file you may read.")
    }
    var files: [String: [UInt8]?] = [path: bytes]
    let configuration = Configuration.read(yaml: bytes, environment: environment, path: path) { included in
      let content = self.bytes(included)
      files[included] = .some(content)
      return content
    }
    return Loaded(configuration: configuration, files: files)
  }

  /// The bytes of a file of the user's; `nil` when it cannot be read. Blocks on the disk.
  public static func bytes(_ path: String) -> [UInt8]? {
    // One byte more than the reader takes, so that it can say that it is too much.
    try? FileReader.readFollowing(path: Array(path.utf8), limit: 4 << 20)
  }

  /// The file of a repository, if it has one. It is not followed if it is a link, for it might lead anywhere. Blocks on
  /// the disk.
  static func workspaceFile(of root: FileURI) -> (path: String, bytes: [UInt8])? {
    let file = root.appending(workspaceName)
    guard let content = try? FileReader.read(file, limit: 64 << 10) else { return nil }
    return (file.path, content.bytes)
  }
}

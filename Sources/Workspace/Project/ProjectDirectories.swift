#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// Where Cicerone keeps its files: the XDG base directories, on every system.
public struct ProjectDirectories: Sendable, Hashable {
  /// Why a directory could not be made.
  public enum Failure: Error, Hashable, Sendable {
    /// The system's error number for the path.
    case system(path: String, code: Int32)
    /// Neither the XDG variable nor HOME is set to an absolute path.
    case noHome
  }

  /// What can be rebuilt: indexes (`$XDG_CACHE_HOME/cicerone`).
  public let cache: String
  /// What must be kept: the ledger, logs (`$XDG_STATE_HOME/cicerone`).
  public let state: String
  /// The user's settings (`$XDG_CONFIG_HOME/cicerone`).
  public let configuration: String

  /// Finds the directories; makes none.
  ///
  /// XDG variables that hold no absolute path are ignored, as the specification asks.
  /// - Parameter environment: the process's unless given.
  /// - Throws: `Failure.noHome`.
  public init(environment: [String: String]? = nil) throws(Failure) {
    let environment = environment ?? ProcessVariables.current
    cache = try Self.directory(environment, "XDG_CACHE_HOME", ".cache")
    state = try Self.directory(environment, "XDG_STATE_HOME", ".local/state")
    configuration = try Self.directory(environment, "XDG_CONFIG_HOME", ".config")
  }

  /// The directory of a workspace's index, below `cache`: the same for every spelling of the folder's path.
  public func indexDirectory(forWorkspace root: FileURI) -> String {
    cache + "/workspaces/" + Self.name(forWorkspace: root)
  }

  /// A stable name for a workspace folder: its last component for the reader's eye, and a hash of its real path.
  public static func name(forWorkspace root: FileURI) -> String {
    let path = realPath(root.pathBytes) ?? root.pathBytes
    let last = path.split(separator: 0x2F).last ?? []
    let readable = last.prefix(40).map { byte -> UInt8 in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: byte
      default: 0x5F
      }
    }
    return String(decoding: readable.isEmpty ? [0x5F] : readable, as: UTF8.self) + "-" + ContentHash(path).shortHex
  }

  /// Makes a directory and what is missing above it, for the user alone (mode 0700).
  /// - Throws: `Failure.system`, also when something that is no directory is in the way.
  public static func create(_ path: String) throws(Failure) {
    var end = path.startIndex
    while end < path.endIndex {
      end = path[path.index(after: end)...].firstIndex(of: "/") ?? path.endIndex
      let part = String(path[..<end])
      guard mkdir(part, 0o700) != 0 else { continue }
      let code = errno
      // Directories above may deny writing and still exist.
      guard code == EEXIST || code == EACCES || code == EROFS || code == EISDIR else {
        throw .system(path: part, code: code)
      }
    }
    var status = stat()
    guard stat(path, &status) == 0 else { throw .system(path: path, code: errno) }
    guard status.st_mode & S_IFMT == S_IFDIR else { throw .system(path: path, code: ENOTDIR) }
  }

  private static func directory(
    _ environment: [String: String], _ variable: String, _ fallback: String
  ) throws(Failure) -> String {
    if let value = environment[variable], value.hasPrefix("/") { return value + "/cicerone" }
    guard let home = environment["HOME"], home.hasPrefix("/") else { throw .noHome }
    return home + "/" + fallback + "/cicerone"
  }
}

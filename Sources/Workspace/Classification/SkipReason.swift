/// Why a file or directory of the workspace is not indexed.
public enum SkipReason: String, Sendable, Codable, CaseIterable, Hashable {
  /// Holds no text: NUL bytes near the start, or a name that says so (`.png`).
  case binary
  /// Larger than the configured limit.
  case tooLarge
  /// Says of itself that a program wrote it.
  case generated
  /// Text squeezed for machines: very long lines.
  case minified
  /// A package manager's list of exact versions.
  case lockFile
  /// A credential file by its name, or a private key by its content: its text must never leave the machine.
  case secretFile
  /// Could not be opened or read.
  case unreadable
  /// A symbolic link: what it points to is indexed where it lies, if it lies in the workspace.
  case symlink
  /// A FIFO, socket or device.
  case special
  /// Matched by an ignore rule.
  case ignored
  /// Its name starts with a dot, and it is not one of the well-known configuration files.
  case hidden
  /// Has no bytes.
  case empty
  /// The workspace holds more files than the configured limit.
  case overLimit
  /// A bare repository: a version-control system's own data.
  case versionControl
}

/// Why the stored index cannot be used.
public enum IndexStoreError: Error, Sendable, Hashable {
  /// The files cannot be opened, read or written: permissions, a full disk.
  case io(String)
  /// What is stored is not what was written; it has been set aside.
  case damaged(String)

  /// What happened.
  public var message: String {
    switch self {
    case .io(let message), .damaged(let message): message
    }
  }
}

/// An error that SQLite reported.
public struct SQLiteError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The primary result code, such as `SQLITE_BUSY` (5) or `SQLITE_CORRUPT` (11).
  public var code: Int32
  /// The extended result code, which says more.
  public var extendedCode: Int32
  /// SQLite's words, and the statement where there is one.
  public var message: String

  /// Makes an error.
  public init(code: Int32, extendedCode: Int32, message: String) {
    self.code = code
    self.extendedCode = extendedCode
    self.message = message
  }

  /// Another process holds the lock (`SQLITE_BUSY`, `SQLITE_LOCKED`).
  public var isBusy: Bool { code == 5 || code == 6 }
  /// The file is damaged or no database (`SQLITE_CORRUPT`, `SQLITE_NOTADB`).
  public var isCorruption: Bool { code == 11 || code == 26 }
  /// There is no room left (`SQLITE_FULL`).
  public var isFull: Bool { code == 13 }
  /// The file or its folder may not be written (`SQLITE_READONLY`, `SQLITE_CANTOPEN`, `SQLITE_PERM`).
  public var isDenied: Bool { code == 8 || code == 14 || code == 3 }
  /// `interrupt` ended the statement (`SQLITE_INTERRUPT`).
  public var isInterrupted: Bool { code == 9 }

  /// The message with its code.
  public var description: String { "SQLite error \(extendedCode): \(message)" }
}

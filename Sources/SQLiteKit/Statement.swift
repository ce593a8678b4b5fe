internal import CSQLite

/// A prepared statement of a `Connection`. It belongs to its connection's thread of control.
public final class Statement {
  private unowned let connection: Connection
  private let handle: OpaquePointer

  init(connection: Connection, handle: OpaquePointer) {
    self.connection = connection
    self.handle = handle
  }

  deinit { sqlite3_finalize(handle) }

  /// Binds `values` to the parameters from the first on, runs to the end and gives each row to `body`.
  ///
  /// The `Row` is valid inside `body` only.
  /// - Throws: `SQLiteError`, and what `body` throws; the statement is reset in every case.
  public func run(_ values: [SQLiteValue] = [], _ body: (Row) throws -> Void = { _ in }) throws {
    defer {
      sqlite3_reset(handle)
      sqlite3_clear_bindings(handle)
    }
    for (index, value) in values.enumerated() { try bind(value, at: Int32(index + 1)) }
    try step(body)
  }

  /// The same with the bytes of a blob as the only parameter, which SQLite reads where they are.
  func run(blob: UnsafeRawBufferPointer) throws {
    // The bytes outlive the call, and behind it nothing refers to them.
    defer {
      sqlite3_reset(handle)
      sqlite3_clear_bindings(handle)
    }
    let result =
      blob.isEmpty
      ? sqlite3_bind_zeroblob(handle, 1, 0)
      : sqlite3_bind_blob64(handle, 1, blob.baseAddress, UInt64(blob.count), nil)
    if result != SQLITE_OK { throw connection.lastError(String(cString: sqlite3_sql(handle))) }
    try step { _ in }
  }

  private func step(_ body: (Row) throws -> Void) throws {
    while true {
      switch sqlite3_step(handle) {
      case SQLITE_ROW: try body(Row(handle: handle))
      case SQLITE_DONE: return
      default: throw connection.lastError(String(cString: sqlite3_sql(handle)))
      }
    }
  }

  private func bind(_ value: SQLiteValue, at index: Int32) throws {
    // SQLITE_TRANSIENT: SQLite copies the bytes, which need not outlive the call.
    let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    let result: Int32 =
      switch value {
      case .null: sqlite3_bind_null(handle, index)
      case .integer(let value): sqlite3_bind_int64(handle, index, value)
      case .real(let value): sqlite3_bind_double(handle, index, value)
      case .text(let value):
        // With its NUL the string has storage even when it is empty; its length is given without it.
        value.utf8CString.withUnsafeBufferPointer { characters in
          sqlite3_bind_text(handle, index, characters.baseAddress, Int32(characters.count - 1), transient)
        }
      case .blob(let bytes):
        bytes.withUnsafeBytes { bytes in
          bytes.count == 0
            ? sqlite3_bind_zeroblob(handle, index, 0)
            : sqlite3_bind_blob64(handle, index, bytes.baseAddress, UInt64(bytes.count), transient)
        }
      }
    if result != SQLITE_OK { throw connection.lastError(String(cString: sqlite3_sql(handle))) }
  }
}

/// The current row of a statement.
public struct Row {
  private let handle: OpaquePointer

  init(handle: OpaquePointer) { self.handle = handle }

  /// The integer in a column; 0 for NULL.
  public func int(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

  /// The number in a column; 0 for NULL.
  public func double(_ column: Int32) -> Double { sqlite3_column_double(handle, column) }

  /// The text in a column; invalid UTF-8 is repaired.
  public func text(_ column: Int32) -> String {
    guard let bytes = sqlite3_column_text(handle, column) else { return "" }
    let count = Int(sqlite3_column_bytes(handle, column))
    return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
  }

  /// Whether a column is NULL.
  public func isNull(_ column: Int32) -> Bool { sqlite3_column_type(handle, column) == SQLITE_NULL }

  /// The bytes in a column; valid inside `body` only.
  public func withBlob<Result>(_ column: Int32, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    let bytes = sqlite3_column_blob(handle, column)
    let count = Int(sqlite3_column_bytes(handle, column))
    return try body(UnsafeRawBufferPointer(start: bytes, count: bytes == nil ? 0 : count))
  }
}

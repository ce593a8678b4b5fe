internal import CSQLite

/// A connection to a SQLite database. It is not `Sendable`: keep it in an actor (see `BlockingExecutor`).
public final class Connection {
  /// How a database is opened.
  public enum Mode: Sendable {
    /// Create it if it is missing.
    case readWriteCreate
    /// It must exist.
    case readOnly
  }

  private let handle: OpaquePointer
  private var statements: [String: Statement] = [:]

  /// Opens the database at `path` (`:memory:` for none on disk).
  ///
  /// - Parameter busyTimeout: how long to wait for the locks of other processes, in milliseconds.
  /// - Throws: `SQLiteError` when the file cannot be opened.
  public init(path: String, mode: Mode = .readWriteCreate, busyTimeout: Int32 = 2_000) throws {
    let flags =
      switch mode {
      case .readWriteCreate: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
      case .readOnly: SQLITE_OPEN_READONLY
      }
    var handle: OpaquePointer?
    let result = sqlite3_open_v2(path, &handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
    guard result == SQLITE_OK, let handle else {
      let message = handle.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
      sqlite3_close_v2(handle)
      throw SQLiteError(code: result & 0xff, extendedCode: result, message: "\(message) (\(path))")
    }
    self.handle = handle
    sqlite3_busy_timeout(handle, busyTimeout)
  }

  deinit {
    // Statements go first: a connection closes when the last of them is gone.
    statements.removeAll()
    sqlite3_close_v2(handle)
  }

  /// Runs one or more statements without parameters.
  ///
  /// - Throws: `SQLiteError`.
  public func execute(_ sql: String) throws {
    guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else { throw lastError(sql) }
  }

  /// Runs one statement and gives each row to `body`. The prepared statement is kept for the next time.
  ///
  /// - Throws: `SQLiteError`, and what `body` throws.
  public func run(_ sql: String, _ values: [SQLiteValue] = [], _ body: (Row) throws -> Void = { _ in }) throws {
    try prepare(sql).run(values, body)
  }

  /// Runs one statement without rows that has one parameter, the bytes of a blob. SQLite makes no copy of them.
  ///
  /// - Throws: `SQLiteError`.
  public func run(_ sql: String, blob: UnsafeRawBufferPointer) throws {
    try prepare(sql).run(blob: blob)
  }

  /// The first column of the first row, as an integer; nil where there is no row or it is NULL.
  ///
  /// - Throws: `SQLiteError`.
  public func integer(_ sql: String, _ values: [SQLiteValue] = []) throws -> Int64? {
    var result: Int64?
    try run(sql, values) { row in
      if result == nil, !row.isNull(0) { result = row.int(0) }
    }
    return result
  }

  /// The first column of the first row, as text.
  ///
  /// - Throws: `SQLiteError`.
  public func text(_ sql: String, _ values: [SQLiteValue] = []) throws -> String? {
    var result: String?
    try run(sql, values) { row in
      if result == nil, !row.isNull(0) { result = row.text(0) }
    }
    return result
  }

  /// Runs `body` in a transaction that takes the write lock at once; an error rolls it back.
  ///
  /// - Throws: `SQLiteError`, and what `body` throws.
  public func transaction<Result>(_ body: () throws -> Result) throws -> Result {
    try execute("BEGIN IMMEDIATE")
    do {
      let result = try body()
      try execute("COMMIT")
      return result
    } catch {
      // Some errors (a full disk) have rolled back already; then there is nothing to do.
      if sqlite3_get_autocommit(handle) == 0 { try? execute("ROLLBACK") }
      throw error
    }
  }

  /// Gives `body` the blob in a column of a row, which it may read into memory of its own.
  ///
  /// - Throws: `SQLiteError`, and what `body` throws.
  public func readBlob<Result>(
    table: String, column: String, row: Int64, _ body: (Blob) throws -> Result
  ) throws -> Result {
    var blob: OpaquePointer?
    guard sqlite3_blob_open(handle, "main", table, column, row, 0, &blob) == SQLITE_OK, let blob else {
      throw lastError("blob \(row) of \(table)")
    }
    defer { sqlite3_blob_close(blob) }
    return try body(Blob(connection: self, handle: blob))
  }

  /// The row id of the last insertion.
  public var lastInsertRowID: Int64 { sqlite3_last_insert_rowid(handle) }

  func lastError(_ sql: String) -> SQLiteError {
    let extended = sqlite3_extended_errcode(handle)
    return SQLiteError(
      code: extended & 0xff, extendedCode: extended,
      message: "\(String(cString: sqlite3_errmsg(handle))) (in: \(sql.prefix(200)))")
  }

  private func prepare(_ sql: String) throws -> Statement {
    if let statement = statements[sql] { return statement }
    var prepared: OpaquePointer?
    guard sqlite3_prepare_v2(handle, sql, -1, &prepared, nil) == SQLITE_OK, let prepared else { throw lastError(sql) }
    let statement = Statement(connection: self, handle: prepared)
    statements[sql] = statement
    return statement
  }
}

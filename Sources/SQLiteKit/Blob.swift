internal import CSQLite

/// A blob of a row that is being read (see `Connection.readBlob`).
public struct Blob {
  private let connection: Connection
  private let handle: OpaquePointer

  init(connection: Connection, handle: OpaquePointer) {
    self.connection = connection
    self.handle = handle
  }

  /// Its bytes.
  public var count: Int { Int(sqlite3_blob_bytes(handle)) }

  /// Copies its first bytes to `buffer`, as many as that holds.
  ///
  /// - Throws: `SQLiteError` when it has fewer, or cannot be read.
  public func read(into buffer: UnsafeMutableRawBufferPointer) throws {
    guard let base = buffer.baseAddress, !buffer.isEmpty else { return }
    guard let count = Int32(exactly: buffer.count), sqlite3_blob_read(handle, base, count, 0) == SQLITE_OK else {
      throw connection.lastError("reading a blob")
    }
  }
}

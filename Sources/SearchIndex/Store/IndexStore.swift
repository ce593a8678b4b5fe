internal import SQLiteKit
internal import Workspace

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// The index on disk: a SQLite database of segments and of the files that are alive in them.
///
/// A row of `files` names the newest version of a file by segment and number; every other version is dead without a
/// word being written. So replacing a file is one small segment and one row, in one transaction.
///
/// How the index recovers from a crash: a process that crashes or is killed at any moment leaves the state before or
/// after a transaction, and SQLite's write-ahead log brings that back when the database is opened again. The next
/// refresh indexes what was not committed. The index is a cache: a database that is damaged nevertheless, which the
/// checksums show, is set aside and built anew.
final class IndexStore {
  /// The version of the schema and of everything that decides what is in a segment. Raise it when passages, terms,
  /// impacts or vectors change.
  static let schemaVersion: Int64 = 4

  /// A live file, as stored.
  struct FileRow: Hashable {
    /// The segment, or 0 for a file that was read and left out.
    var segment: Int64
    /// The number in the segment; for a file that was left out, the number of the reason in `SkipReason.allCases`.
    var ordinal: Int
    var size: Int
    /// What `FileStatus.fingerprint` was; 0 when the file may have changed right after it was read.
    var modified: Int64
  }

  /// Everything that is stored.
  struct Contents {
    var segments: [(id: Int64, segment: Segment)] = []
    var files: [String: FileRow] = [:]
    var skipped: [String: Int] = [:]
    /// Whether a whole pass over the workspace has been stored.
    var isComplete = false
    /// Changes with each transaction.
    var generation: Int64 = 0
  }

  private let database: Connection
  private let path: String
  /// Which file was opened.
  private let file: FileIdentity?
  /// Whether what stood there could not be used and was set aside.
  let isBegunAnew: Bool

  private struct FileIdentity: Equatable {
    var device: UInt64
    var inode: UInt64

    init?(path: String) {
      var status = stat()
      guard stat(path, &status) == 0 else { return nil }
      device = UInt64(truncatingIfNeeded: status.st_dev)
      inode = UInt64(truncatingIfNeeded: status.st_ino)
    }
  }

  /// Whether another file has taken the place of the one that was opened, as when the writer has set it aside. Its
  /// segments have nothing to do with those of this one, even under the same ids.
  var isReplaced: Bool { FileIdentity(path: path) != file }

  /// Opens or creates the store in a folder that exists.
  ///
  /// - Parameter writable: whether this process holds the writer's lease; only then a damaged file is set aside.
  /// - Throws: `IndexStoreError`.
  init(directory: String, writable: Bool) throws(IndexStoreError) {
    let path = IndexStore.path(in: directory)
    do {
      database = try IndexStore.open(path: path, writable: writable)
      isBegunAnew = false
    } catch let error as SQLiteError where writable && error.isDenied {
      throw .io("\(path) cannot be written")
    } catch {
      guard writable, error.isUnusable else { throw IndexStoreError(error) }
      IndexStore.setAside(path)
      do { database = try IndexStore.open(path: path, writable: true) } catch { throw IndexStoreError(error) }
      isBegunAnew = true
    }
    self.path = path
    file = FileIdentity(path: path)
  }

  /// The database in a folder. Its name has the version, so that two versions of the program do not fight over one.
  static func path(in directory: String) -> String { "\(directory)/index-v\(schemaVersion).db" }

  /// Moves a database that cannot be used out of the way; only the last such is kept.
  static func setAside(_ path: String) {
    rename(path, path + ".damaged")
    unlink(path + "-wal")
    unlink(path + "-shm")
  }

  /// Reads everything.
  ///
  /// - Throws: `IndexStoreError.damaged` when a checksum or a reference is wrong.
  func load(keeping known: [Int64: Segment] = [:]) throws(IndexStoreError) -> Contents {
    do {
      var contents = Contents()
      try database.execute("BEGIN")
      defer { try? database.execute("COMMIT") }
      contents.generation = try database.integer("SELECT value FROM meta WHERE key = 'generation'") ?? 0
      contents.isComplete = try database.integer("SELECT value FROM meta WHERE key = 'complete'") == 1
      try database.run("SELECT key, value FROM skipped") { contents.skipped[$0.text(0)] = Int($0.int(1)) }
      var unknown: [Int64] = []
      try database.run("SELECT id FROM segments ORDER BY id") { unknown.append($0.int(0)) }
      let unread = unknown.filter { known[$0] == nil }
      let read = try SegmentBatch(
        unread.map { id in
          do {
            return try database.readBlob(table: "segments", column: "data", row: id) { blob in
              try SegmentBytes(count: blob.count) { try blob.read(into: $0) }
            }
          } catch let error as SQLiteError where error.code == 1 {
            // A row that was listed a moment ago, in this transaction, and cannot be found: the tree is wrong.
            throw Segment.Damaged()
          }
        }
      ).segments()
      let new = Dictionary(zip(unread, read), uniquingKeysWith: { $1 })
      for id in unknown {
        if let segment = known[id] ?? new[id] { contents.segments.append((id, segment)) }
      }
      let byID = Dictionary(contents.segments.map { ($0.id, $0.segment) }, uniquingKeysWith: { $1 })
      try database.run("SELECT path, segment, ordinal, size, modified FROM files") { row in
        let path = row.text(0)
        let file = FileRow(
          segment: row.int(1), ordinal: Int(row.int(2)), size: Int(row.int(3)), modified: row.int(4))
        if file.segment == 0 {
          guard SkipReason.allCases.indices.contains(file.ordinal) else { throw Segment.Damaged() }
        } else {
          guard let segment = byID[file.segment], segment.files.indices.contains(file.ordinal),
            segment.files[file.ordinal].path == path
          else { throw Segment.Damaged() }
        }
        contents.files[path] = file
      }
      return contents
    } catch {
      throw IndexStoreError(error)
    }
  }

  /// The number that changes with each transaction, of any process.
  func generation() throws(IndexStoreError) -> Int64 {
    do {
      return try database.integer("SELECT value FROM meta WHERE key = 'generation'") ?? 0
    } catch {
      throw IndexStoreError(error)
    }
  }

  /// Stores segments and the live files in them, and forgets removed files, in one transaction.
  ///
  /// - Parameters:
  ///   - segments: new segments with the size and time of each of their files.
  ///   - removed: paths that are gone.
  ///   - skipped: files that were read and left out.
  ///   - touched: files whose time changed but not their text.
  ///   - obsolete: segments in which nothing is alive any more, or which were merged into a new one.
  /// - Returns: the ids of the new segments.
  @discardableResult
  func commit(
    segments: [(segment: Segment, stats: [(size: Int, modified: Int64)])] = [], removed: [String] = [],
    skipped: [(path: String, row: FileRow)] = [], touched: [String: (size: Int, modified: Int64)] = [:],
    obsolete: [Int64] = []
  ) throws(IndexStoreError) -> [Int64] {
    do {
      return try database.transaction {
        var ids: [Int64] = []
        for (segment, stats) in segments {
          try database.run("INSERT INTO segments(data) VALUES(?)", blob: segment.stored.bytes)
          let id = database.lastInsertRowID
          ids.append(id)
          for (ordinal, file) in segment.files.enumerated() {
            try database.run(
              "INSERT OR REPLACE INTO files(path, segment, ordinal, size, modified) VALUES(?, ?, ?, ?, ?)",
              [
                .text(file.path), .integer(id), .int(ordinal), .int(stats[ordinal].size),
                .integer(stats[ordinal].modified),
              ])
          }
        }
        for (path, row) in skipped {
          try database.run(
            "INSERT OR REPLACE INTO files(path, segment, ordinal, size, modified) VALUES(?, 0, ?, ?, ?)",
            [.text(path), .int(row.ordinal), .int(row.size), .integer(row.modified)])
        }
        for path in removed { try database.run("DELETE FROM files WHERE path = ?", [.text(path)]) }
        for (path, stat) in touched {
          try database.run(
            "UPDATE files SET size = ?, modified = ? WHERE path = ?",
            [.int(stat.size), .integer(stat.modified), .text(path)])
        }
        for id in obsolete { try database.run("DELETE FROM segments WHERE id = ?", [.integer(id)]) }
        try database.execute("UPDATE meta SET value = value + 1 WHERE key = 'generation'")
        return ids
      }
    } catch {
      throw IndexStoreError(error)
    }
  }

  /// Stores that a whole pass is done, with what it left out.
  func complete(skipped: [String: Int]) throws(IndexStoreError) {
    do {
      try database.transaction {
        try database.execute("DELETE FROM skipped")
        for (reason, count) in skipped {
          try database.run("INSERT INTO skipped(key, value) VALUES(?, ?)", [.text(reason), .int(count)])
        }
        try database.execute("UPDATE meta SET value = 1 WHERE key = 'complete'")
        try database.execute("UPDATE meta SET value = value + 1 WHERE key = 'generation'")
      }
    } catch {
      throw IndexStoreError(error)
    }
  }

  private static func open(path: String, writable: Bool) throws -> Connection {
    let database = try Connection(path: path, mode: writable ? .readWriteCreate : .readOnly)
    if writable {
      // Sixteen-kilobyte pages suit large blobs; the size holds from the first write on.
      try database.execute("PRAGMA page_size = 16384; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
    }
    let version = try database.integer("PRAGMA user_version") ?? 0
    if version == 0, writable {
      try database.transaction {
        try database.execute(
          """
          CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
          CREATE TABLE IF NOT EXISTS skipped(key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;
          CREATE TABLE IF NOT EXISTS segments(id INTEGER PRIMARY KEY AUTOINCREMENT, data BLOB NOT NULL);
          CREATE TABLE IF NOT EXISTS files(
            path TEXT PRIMARY KEY, segment INTEGER NOT NULL, ordinal INTEGER NOT NULL, size INTEGER NOT NULL,
            modified INTEGER NOT NULL) WITHOUT ROWID;
          INSERT OR IGNORE INTO meta VALUES('generation', 1), ('complete', 0);
          PRAGMA user_version = \(schemaVersion);
          """)
      }
    } else if version != schemaVersion {
      throw UnexpectedVersion()
    }
    return database
  }

  /// A database with another schema than its name says.
  fileprivate struct UnexpectedVersion: Error {}
}

extension Error {
  /// Whether a database that gave this error has to be built anew.
  fileprivate var isUnusable: Bool {
    if self is IndexStore.UnexpectedVersion || self is Segment.Damaged { return true }
    return (self as? SQLiteError)?.isCorruption == true
  }
}

extension IndexStoreError {
  fileprivate init(_ error: any Error) {
    if error.isUnusable {
      self = .damaged("the stored index is damaged or of another version")
    } else if let error = error as? SQLiteError {
      self = .io(error.isFull ? "the disk is full: the index cannot be stored" : error.description)
    } else {
      self = .io("\(error)")
    }
  }
}

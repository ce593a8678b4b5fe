internal import SQLiteKit
internal import Workspace

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Darwin)
  internal import Darwin
#endif

/// The vectors of remote embedders on disk: a SQLite database of its own beside the index, since vectors outlive it.
/// They were paid for, and an index that is built anew has the same passages.
///
/// Each vector is a row under its space and its `PassageKey`, with a checksum; one that is damaged counts as absent. What
/// was stored before a process died is there afterwards: vectors are stored as they come.
final class VectorStore {
  /// The version of the schema.
  private static let version: Int64 = 1

  /// A space as it is stored.
  struct Space: Hashable {
    var id: Int64
    var dimensions: Int
  }

  private let database: Connection
  private let path: String
  private let inode: UInt64?
  /// Whether what stood there could not be used and was set aside.
  let isBegunAnew: Bool

  /// The database in the folder of an index.
  static func path(in directory: String) -> String { "\(directory)/vectors-v\(version).db" }

  /// Opens or creates the store in a folder that exists.
  ///
  /// - Parameter writable: whether this process holds the writer's lease.
  /// - Throws: `SQLiteError`.
  init(directory: String, writable: Bool) throws {
    let path = VectorStore.path(in: directory)
    var isBegunAnew = false
    do {
      database = try VectorStore.open(path, writable: writable)
    } catch  where writable && VectorStore.isUnusable(error) {
      IndexStore.setAside(path)
      database = try VectorStore.open(path, writable: true)
      isBegunAnew = true
    }
    self.isBegunAnew = isBegunAnew
    self.path = path
    inode = VectorStore.inode(path)
  }

  /// Whether another file has taken the place of the one that was opened.
  var isReplaced: Bool { VectorStore.inode(path) != inode }

  /// Whether a database that gave this error cannot be used.
  static func isUnusable(_ error: any Error) -> Bool {
    error is OtherVersion || (error as? SQLiteError)?.isCorruption == true
  }

  /// The space with an id, if vectors of it are stored.
  func space(_ name: String) throws -> Space? {
    var space: Space?
    try database.run("SELECT id, dimensions FROM spaces WHERE name = ?", [.text(name)]) {
      space = Space(id: $0.int(0), dimensions: Int($0.int(1)))
    }
    return space
  }

  /// Adds a space, and says that it is used: the one that has not been for longest is the first to go.
  func makeSpace(_ name: String, dimensions: Int) throws -> Space {
    try database.transaction {
      try database.run(
        """
        INSERT INTO spaces(name, dimensions, used) VALUES(?, ?, (SELECT COALESCE(MAX(used), 0) + 1 FROM spaces))
        ON CONFLICT(name) DO NOTHING
        """, [.text(name), .int(dimensions)])
    }
    if let space = try space(name) { return space }
    throw SQLiteError(code: 1, extendedCode: 1, message: "a space that was stored is not there")
  }

  /// Says that a space is used.
  func touch(_ space: Space) throws {
    try database.run(
      "UPDATE spaces SET used = (SELECT MAX(used) + 1 FROM spaces) WHERE id = ? AND used < (SELECT MAX(used) FROM spaces)",
      [.integer(space.id)])
  }

  /// Stores vectors in one transaction; what is stored already under a key stays.
  func insert(_ vectors: [(key: PassageKey, vector: QuantisedVector)], into space: Space) throws {
    try database.transaction {
      for (key, vector) in vectors {
        try database.run(
          "INSERT OR IGNORE INTO vectors(space, high, low, data) VALUES(?, ?, ?, ?)",
          [
            .integer(space.id), .integer(Int64(bitPattern: key.high)), .integer(Int64(bitPattern: key.low)),
            .blob(VectorStore.encode(key, vector)),
          ])
      }
      try touch(space)
    }
  }

  /// Some of the vectors of a space that were stored after the one with number `cursor`, in the order in which they were
  /// stored.
  ///
  /// - Returns: the vectors, the number of the last row that was read (`cursor` when there are no more), and the rows that
  ///   are damaged.
  func read(
    _ space: Space, after cursor: Int64, limit: Int
  ) throws -> (vectors: [(key: PassageKey, vector: QuantisedVector)], cursor: Int64, damaged: [Int64]) {
    var vectors: [(key: PassageKey, vector: QuantisedVector)] = []
    var damaged: [Int64] = []
    var last = cursor
    try database.run(
      // The plus keeps SQLite from the index: rows are read as they lie.
      "SELECT id, high, low, data FROM vectors WHERE id > ? AND +space = ? ORDER BY id LIMIT ?",
      [.integer(cursor), .integer(space.id), .int(limit)]
    ) { row in
      last = row.int(0)
      let key = PassageKey(high: UInt64(bitPattern: row.int(1)), low: UInt64(bitPattern: row.int(2)))
      if let vector = row.withBlob(3, { VectorStore.decode(key, $0, dimensions: space.dimensions) }) {
        vectors.append((key, vector))
      } else {
        damaged.append(last)
      }
    }
    return (vectors, last, damaged)
  }

  /// The number of the row that was stored last by this process.
  var lastRow: Int64 { database.lastInsertRowID }

  /// How many vectors of a space are stored.
  func count(_ space: Space) throws -> Int {
    Int(try database.integer("SELECT COUNT(*) FROM vectors WHERE space = ?", [.integer(space.id)]) ?? 0)
  }

  /// Deletes rows.
  func delete(_ rows: [Int64]) throws {
    try database.transaction {
      for row in rows { try database.run("DELETE FROM vectors WHERE id = ?", [.integer(row)]) }
    }
  }

  /// Deletes up to `excess` vectors of a space whose keys are not among `kept`, the oldest first, and returns the keys of
  /// those that are left and not among `kept`.
  func prune(_ space: Space, keeping kept: Set<PassageKey>, excess: Int) throws -> Set<PassageKey> {
    var doomed: [Int64] = []
    var spared: Set<PassageKey> = []
    try database.run("SELECT id, high, low FROM vectors WHERE +space = ? ORDER BY id", [.integer(space.id)]) { row in
      let key = PassageKey(high: UInt64(bitPattern: row.int(1)), low: UInt64(bitPattern: row.int(2)))
      if kept.contains(key) { return }
      if doomed.count < excess { doomed.append(row.int(0)) } else { spared.insert(key) }
    }
    try deleteInParts(doomed)
    return spared
  }

  /// Forgets a space altogether.
  func drop(_ space: Space) throws {
    try database.run("DELETE FROM spaces WHERE id = ?", [.integer(space.id)])
    try dropOrphans()
  }

  /// Forgets all spaces but those used last.
  func keepSpaces(_ count: Int) throws {
    try database.run(
      "DELETE FROM spaces WHERE id NOT IN (SELECT id FROM spaces ORDER BY used DESC LIMIT ?)", [.int(count)])
    try dropOrphans()
  }

  /// Deletes vectors of spaces that are gone; also what a process that died in the middle of this left over.
  func dropOrphans() throws {
    var rows: [Int64] = []
    try database.run("SELECT id FROM vectors WHERE space NOT IN (SELECT id FROM spaces)") { rows.append($0.int(0)) }
    try deleteInParts(rows)
  }

  /// Deletes in transactions of bounded size, so that the write-ahead log stays small, and gives the room back.
  private func deleteInParts(_ rows: [Int64]) throws {
    var start = 0
    while start < rows.count {
      let end = min(rows.count, start + 2048)
      try delete(Array(rows[start..<end]))
      start = end
    }
    if !rows.isEmpty { try database.execute("PRAGMA incremental_vacuum") }
  }

  // MARK: Rows

  /// The factor, the codes, and a checksum over these and the key.
  private static func encode(_ key: PassageKey, _ vector: QuantisedVector) -> [UInt8] {
    var data: [UInt8] = []
    data.reserveCapacity(vector.codes.count + 12)
    withUnsafeBytes(of: vector.scale.bitPattern.littleEndian) { data += $0 }
    vector.codes.withUnsafeBytes { data += $0 }
    let sum = data.withUnsafeBytes { checksum(key, $0) }
    withUnsafeBytes(of: sum.littleEndian) { data += $0 }
    return data
  }

  private static func decode(_ key: PassageKey, _ data: UnsafeRawBufferPointer, dimensions: Int) -> QuantisedVector? {
    guard data.count == dimensions + 12 else { return nil }
    let content = UnsafeRawBufferPointer(rebasing: data[..<(dimensions + 4)])
    let sum = UInt64(littleEndian: data.loadUnaligned(fromByteOffset: dimensions + 4, as: UInt64.self))
    guard sum == checksum(key, content) else { return nil }
    let scale = Float(bitPattern: UInt32(littleEndian: data.loadUnaligned(as: UInt32.self)))
    return QuantisedVector(
      codes: Array(UnsafeRawBufferPointer(rebasing: content[4...]).bindMemory(to: Int8.self)), scale: scale)
  }

  private static func checksum(_ key: PassageKey, _ content: UnsafeRawBufferPointer) -> UInt64 {
    ContentHash(content).low ^ key.high ^ (key.low &* 0x9e37_79b9_7f4a_7c15)
  }

  // MARK: The file

  private struct OtherVersion: Error {}

  private static func inode(_ path: String) -> UInt64? {
    var status = stat()
    return stat(path, &status) == 0 ? UInt64(truncatingIfNeeded: status.st_ino) : nil
  }

  private static func open(_ path: String, writable: Bool) throws -> Connection {
    let database = try Connection(path: path, mode: writable ? .readWriteCreate : .readOnly)
    if writable {
      // Of these the first two hold from the first write on.
      try database.execute(
        """
        PRAGMA page_size = 16384; PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL;
        PRAGMA synchronous = NORMAL
        """)
    }
    let version = try database.integer("PRAGMA user_version") ?? 0
    if version == 0, writable {
      try database.transaction {
        try database.execute(
          """
          CREATE TABLE IF NOT EXISTS spaces(
            id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, dimensions INTEGER NOT NULL,
            used INTEGER NOT NULL);
          CREATE TABLE IF NOT EXISTS vectors(
            id INTEGER PRIMARY KEY AUTOINCREMENT, space INTEGER NOT NULL, high INTEGER NOT NULL, low INTEGER NOT NULL,
            data BLOB NOT NULL);
          CREATE UNIQUE INDEX IF NOT EXISTS vectors_key ON vectors(space, high, low);
          PRAGMA user_version = \(VectorStore.version);
          """)
      }
    } else if version != VectorStore.version {
      throw OtherVersion()
    }
    return database
  }
}

extension QuantisedVector {
  /// Takes what was stored.
  init(codes: [Int8], scale: Float) {
    self.codes = codes
    self.scale = scale
  }
}

import Foundation
import SQLiteKit
import Testing

struct ConnectionTests {
  /// A folder that is removed with the test.
  final class Scratch {
    let path = NSTemporaryDirectory() + "sqlitekit-" + UUID().uuidString
    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(atPath: path) }
  }

  @Test func valuesSurviveARoundTrip() throws {
    let database = try Connection(path: ":memory:")
    try database.execute("CREATE TABLE t(a, b, c, d, e)")
    let blob: [UInt8] = [0, 1, 255]
    try database.run(
      "INSERT INTO t VALUES(?, ?, ?, ?, ?)", [.integer(.min), .real(0.5), .text("é\0x"), .blob(blob), .null])
    var rows = 0
    try database.run("SELECT * FROM t") { row in
      rows += 1
      #expect(row.int(0) == .min)
      #expect(row.double(1) == 0.5)
      #expect(row.text(2) == "é\0x")
      #expect(row.withBlob(3) { Array($0) } == blob)
      #expect(row.isNull(4))
    }
    #expect(rows == 1)
  }

  @Test func aBlobIsStoredFromWhereItIs() throws {
    let database = try Connection(path: ":memory:")
    try database.execute("CREATE TABLE t(a BLOB NOT NULL)")
    let blobs = [(0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }, [9], []]
    for blob in blobs {
      var bytes = blob
      try bytes.withUnsafeBytes { try database.run("INSERT INTO t VALUES(?)", blob: $0) }
      // What becomes of the memory afterwards is no longer SQLite's business.
      for index in bytes.indices { bytes[index] = 0xEE }
    }
    var stored: [[UInt8]] = []
    try database.run("SELECT a FROM t ORDER BY rowid") { row in stored.append(row.withBlob(0) { Array($0) }) }
    #expect(stored == blobs)
    #expect(throws: SQLiteError.self) {
      try database.run("INSERT INTO nowhere VALUES(?)", blob: UnsafeRawBufferPointer(start: nil, count: 0))
    }
  }

  @Test func emptyTextAndBlobsAreNotNull() throws {
    let database = try Connection(path: ":memory:")
    try database.execute("CREATE TABLE t(a NOT NULL, b NOT NULL)")
    try database.run("INSERT INTO t VALUES(?, ?)", [.text(""), .blob([])])
    #expect(try database.integer("SELECT count(*) FROM t") == 1)
  }

  @Test func aFailedTransactionLeavesNothing() throws {
    struct Stop: Error {}
    let database = try Connection(path: ":memory:")
    try database.execute("CREATE TABLE t(a)")
    #expect(throws: Stop.self) {
      try database.transaction {
        try database.run("INSERT INTO t VALUES(1)")
        throw Stop()
      }
    }
    #expect(try database.integer("SELECT count(*) FROM t") == 0)
    try database.transaction { try database.run("INSERT INTO t VALUES(2)") }
    #expect(try database.integer("SELECT a FROM t") == 2)
  }

  @Test func aStatementCanBeUsedAgainAfterAnError() throws {
    let database = try Connection(path: ":memory:")
    try database.execute("CREATE TABLE t(a UNIQUE)")
    try database.run("INSERT INTO t VALUES(?)", [.integer(1)])
    #expect(throws: SQLiteError.self) { try database.run("INSERT INTO t VALUES(?)", [.integer(1)]) }
    try database.run("INSERT INTO t VALUES(?)", [.integer(2)])
    #expect(try database.integer("SELECT count(*) FROM t") == 2)
  }

  @Test func errorsAreClassified() throws {
    let scratch = try Scratch()
    let path = scratch.path + "/x.db"
    try Data(repeating: 0x55, count: 8192).write(to: URL(fileURLWithPath: path))
    let database = try Connection(path: path)
    let damaged = #expect(throws: SQLiteError.self) { try database.execute("CREATE TABLE t(a)") }
    #expect(damaged?.isCorruption == true)
    let missing = #expect(throws: SQLiteError.self) {
      try Connection(path: scratch.path + "/none/x.db", mode: .readOnly)
    }
    #expect(missing?.isCorruption == false)
  }

  @Test func aSecondWriterWaitsAndIsToldThatTheDatabaseIsBusy() throws {
    let scratch = try Scratch()
    let first = try Connection(path: scratch.path + "/x.db")
    let second = try Connection(path: scratch.path + "/x.db", busyTimeout: 10)
    try first.execute("PRAGMA journal_mode = WAL; CREATE TABLE t(a)")
    let error = #expect(throws: SQLiteError.self) {
      try first.transaction {
        try second.transaction { try second.run("INSERT INTO t VALUES(1)") }
      }
    }
    #expect(error?.isBusy == true)
    try second.transaction { try second.run("INSERT INTO t VALUES(1)") }
    #expect(try first.integer("SELECT count(*) FROM t") == 1)
  }

  @Test func anActorOnTheBlockingExecutorRunsOneCallAtATime() async {
    actor Counter {
      let executor = BlockingExecutor(label: "test")
      nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
      private(set) var value = 0
      func increment() { value += 1 }
    }
    let counter = Counter()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<200 { group.addTask { await counter.increment() } }
    }
    #expect(await counter.value == 200)
  }

  @Test(arguments: [0, 1, 5000, 300_000])
  func blobsAreReadIntoMemoryOfTheCaller(count: Int) throws {
    let database = try Connection(path: ":memory:")
    try database.execute("CREATE TABLE t(id INTEGER PRIMARY KEY, data BLOB)")
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 8) }
    try database.run("INSERT INTO t(id, data) VALUES(7, ?)", [.blob(bytes)])
    let read = try database.readBlob(table: "t", column: "data", row: 7) { blob in
      var read = [UInt8](repeating: 1, count: blob.count)
      try read.withUnsafeMutableBytes { try blob.read(into: $0) }
      return read
    }
    #expect(read == bytes)
    #expect(throws: SQLiteError.self) { try database.readBlob(table: "t", column: "data", row: 8) { _ in } }
    #expect(throws: SQLiteError.self) {
      try database.readBlob(table: "t", column: "data", row: 7) { blob in
        var long = [UInt8](repeating: 0, count: count + 1)
        try long.withUnsafeMutableBytes { try blob.read(into: $0) }
      }
    }
  }
}

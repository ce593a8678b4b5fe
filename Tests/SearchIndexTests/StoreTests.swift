import Foundation
import SQLiteKit
import Testing
import Workspace

@testable import SearchIndex

struct StoreTests {
  private let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  private func segment(_ files: [(path: String, text: String)]) -> (
    segment: Segment, stats: [(size: Int, modified: Int64)]
  ) {
    (Segment.of(files), files.map { (size: $0.text.utf8.count, modified: 77) })
  }

  private var database: String { IndexStore.path(in: folder.path) }

  @Test func roundTrip() throws {
    let store = try IndexStore(directory: folder.path, writable: true)
    #expect(try store.load().files.isEmpty)
    let first = try store.commit(segments: [segment([("a.py", "def a(): pass\n"), ("b.py", "def b(): pass\n")])])
    let second = try store.commit(
      segments: [segment([("a.py", "def a2(): pass\n")])], removed: ["b.py", "absent"],
      skipped: [("c.bin", .init(segment: 0, ordinal: 1, size: 9, modified: 5))],
      touched: ["a.py": (size: 3, modified: 4)])
    try store.complete(skipped: ["binary": 3])
    let contents = try IndexStore(directory: folder.path, writable: true).load()
    #expect(contents.segments.map(\.id) == first + second)
    #expect(contents.files["a.py"] == .init(segment: second[0], ordinal: 0, size: 3, modified: 4))
    #expect(contents.files["b.py"] == nil)
    #expect(contents.files["c.bin"] == .init(segment: 0, ordinal: 1, size: 9, modified: 5))
    #expect(contents.skipped == ["binary": 3])
    #expect(contents.isComplete)
    #expect(try contents.generation == store.generation())
    try store.commit(obsolete: first)
    #expect(try store.load().segments.map(\.id) == second)
  }

  @Test func everyTransactionChangesTheGeneration() throws {
    let store = try IndexStore(directory: folder.path, writable: true)
    var seen: Set<Int64> = [try store.generation()]
    try store.commit(segments: [segment([("a.py", "x = 1\n")])])
    seen.insert(try store.generation())
    try store.complete(skipped: [:])
    seen.insert(try store.generation())
    #expect(seen.count == 3)
  }

  /// A commit that fails in its middle leaves nothing of itself.
  @Test func failedCommitLeavesTheStateBefore() throws {
    let store = try IndexStore(directory: folder.path, writable: true)
    try store.commit(segments: [segment([("a.py", "x = 1\n")])])
    let before = try store.load()
    let other = try Connection(path: database)
    try other.execute(
      "CREATE TRIGGER refuse BEFORE INSERT ON files WHEN NEW.path = 'no.py' BEGIN SELECT RAISE(ABORT, 'no'); END")
    #expect(throws: IndexStoreError.self) {
      try store.commit(segments: [segment([("a.py", "y = 2\n"), ("no.py", "z = 3\n")])], removed: ["a.py"])
    }
    let after = try store.load()
    #expect(after.files == before.files)
    #expect(after.segments.map(\.id) == before.segments.map(\.id))
    #expect(after.generation == before.generation)
  }

  @Test func anotherVersionIsSetAside() throws {
    do {
      _ = try IndexStore(directory: folder.path, writable: true)
      let database = try Connection(path: database)
      try database.execute("PRAGMA user_version = 99")
    }
    #expect(throws: IndexStoreError.self) { try IndexStore(directory: folder.path, writable: false) }
    #expect(!FileManager.default.fileExists(atPath: database + ".damaged"))
    let store = try IndexStore(directory: folder.path, writable: true)
    #expect(try store.load().files.isEmpty)
    #expect(FileManager.default.fileExists(atPath: database + ".damaged"))
  }

  @Test func aFileThatIsNoDatabaseIsSetAside() throws {
    try folder.write("index-v\(IndexStore.schemaVersion).db", String(repeating: "no database ", count: 500))
    let store = try IndexStore(directory: folder.path, writable: true)
    try store.commit(segments: [segment([("a.py", "x = 1\n")])])
    #expect(try store.load().files.count == 1)
  }

  @Test func damagedSegmentsAndRowsAreDetected() throws {
    let store = try IndexStore(directory: folder.path, writable: true)
    try store.commit(segments: [segment([("a.py", "x = 1\n")])])
    let other = try Connection(path: database)
    for change in [
      "UPDATE files SET ordinal = 4", "UPDATE files SET segment = 99", "UPDATE files SET path = 'b.py'",
      "UPDATE files SET segment = 0, ordinal = 999", "UPDATE segments SET data = x'00'",
      "UPDATE segments SET data = substr(data, 1, length(data) - 1)",
    ] {
      try other.execute("BEGIN; \(change)")
      try other.execute("COMMIT; BEGIN")
      #expect(throws: IndexStoreError.damaged("the stored index is damaged or of another version"), "\(change)") {
        try store.load()
      }
      try other.execute("ROLLBACK")
      try store.commit(segments: [segment([("a.py", "x = 1\n")])], removed: ["b.py"])
      try other.execute("DELETE FROM segments WHERE id NOT IN (SELECT segment FROM files)")
      #expect(try store.load().files.keys.sorted() == ["a.py"])
    }
  }

  @Test func leaseIsExclusiveAndEndsWithItsOwner() throws {
    let path = folder.path + "/writer.lock"
    var first: WriterLease? = try WriterLease.acquire(path: path)
    #expect(first != nil)
    #expect(try WriterLease.acquire(path: path) == nil)
    first = nil
    #expect(try WriterLease.acquire(path: path) != nil)
    #expect(throws: IndexStoreError.self) { try WriterLease.acquire(path: folder.path + "/none/writer.lock") }
    _ = first
  }
}

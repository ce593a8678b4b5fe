import Foundation
import Synchronization
import Testing
import Workspace

@testable import SearchIndex

struct WorkspaceIndexTests {
  private let root: ScratchFolder
  private let store: ScratchFolder

  init() throws {
    root = try ScratchFolder()
    store = try ScratchFolder()
  }

  private func index() -> WorkspaceIndex { WorkspaceIndex(root: root.uri, directory: store.path) }

  private func python(_ name: String) -> String {
    "def \(name)(value):\n  \"\"\"Handles \(name).\"\"\"\n  return value\n"
  }

  /// Waits until the times of what was written are past: only then they are trusted.
  private func settle() async throws { try await Task.sleep(for: .milliseconds(30)) }

  private func names(_ index: WorkspaceIndex, _ path: String) -> [String] {
    index.snapshot.passages(of: path).flatMap(\.names)
  }

  @Test func refreshIndexesOnlyWhatChanged() async throws {
    for name in ["a", "b", "c"] {
      try root.write("\(name).py", python(name))
      try root.age("\(name).py")
    }
    try await settle()
    let index = index()
    #expect(try await index.open() == .writer)
    #expect(try await index.refresh().indexed == 3)
    #expect(index.isComplete)
    #expect(try await index.refresh().bytes == 0)
    // A new time alone: read, not indexed; and not even read the next time.
    try root.age("a.py", seconds: 30)
    try await settle()
    let touched = try await index.refresh()
    #expect(touched.indexed == 0)
    #expect(touched.bytes > 0)
    #expect(try await index.refresh().bytes == 0)
    try root.write("b.py", python("renamed"))
    #expect(try await index.refresh().indexed == 1)
    #expect(names(index, "b.py") == ["renamed"])
    try root.move("c.py", "sub/d.py")
    let moved = try await index.refresh()
    #expect(moved.indexed == 1 && moved.removed == 1)
    #expect(Set(index.snapshot.paths) == ["a.py", "b.py", "sub/d.py"])
    try root.remove("a.py")
    #expect(try await index.refresh().removed == 1)
    #expect(index.snapshot.file(at: "a.py") == nil)
  }

  @Test func aFileWrittenRightBeforeItWasReadIsReadAgain() async throws {
    // A time that is not past: another write may bear the same one.
    let time = Date(timeIntervalSinceNow: 1_000)
    try root.write("a.py", python("one"))
    try root.date("a.py", time)
    let index = index()
    try await index.open()
    try await index.refresh()
    try root.write("a.py", python("two"))
    try root.date("a.py", time)
    try await index.refresh()
    #expect(names(index, "a.py") == ["two"])
  }

  @Test func filesThatAreLeftOutAreCounted() async throws {
    try root.write("a.py", python("a"))
    try root.write("blob.txt", [0, 1, 2, 3])
    try root.write("picture.png", [1, 2, 3])
    let index = index()
    try await index.open()
    try await index.refresh()
    #expect(index.snapshot.fileCount == 1)
    #expect(index.skipped["binary"] == 2)
    // Text becomes binary, and comes back.
    try root.write("a.py", [0, 0, 0])
    try await index.update(paths: ["a.py"])
    #expect(index.snapshot.fileCount == 0)
    #expect(index.skipped["binary"] == 3)
    try root.write("a.py", python("back"))
    try await index.update(paths: ["a.py"])
    #expect(names(index, "a.py") == ["back"])
    #expect(index.skipped["binary"] == 2)
    await index.close()
    let again = self.index()
    try await again.open()
    #expect(again.skipped["binary"] == 2)
    #expect(again.isComplete)
  }

  /// Permissions change without the time of modification.
  @Test(.enabled(if: getuid() != 0, "root reads everything"))
  func aFileThatBecomesReadableIsIndexed() async throws {
    try root.write("a.py", python("a"))
    try root.age("a.py")
    chmod(root.path + "/a.py", 0)
    let index = index()
    try await index.open()
    try await index.refresh()
    #expect(index.skipped["unreadable"] == 1)
    chmod(root.path + "/a.py", 0o644)
    try await index.refresh()
    #expect(names(index, "a.py") == ["a"])
  }

  @Test func unreadableRootIsAnError() async throws {
    let index = WorkspaceIndex(root: FileURI(path: root.path + "/none"), directory: store.path)
    try await index.open()
    await #expect(throws: Discovery.Failure.self) { try await index.refresh() }
    let blocked = WorkspaceIndex(root: root.uri, directory: "/dev/null/index")
    await #expect(throws: IndexStoreError.self) { try await blocked.open() }
  }

  @Test func updateOfSinglePaths() async throws {
    try root.write("a.py", python("a"))
    try root.write("lib/b.py", python("b"))
    try root.write("lib/deep/c.py", python("c"))
    try root.write("library.py", python("d"))
    let index = index()
    #expect(try await index.update(paths: ["a.py"]) == false)
    try await index.open()
    try await index.refresh()
    #expect(try await index.update(paths: ["a.py"]) == false)
    #expect(try await index.update(paths: ["absent.py"]) == false)
    try root.write(".gitignore", "*.log\n")
    try root.write("x.log", "text\n")
    try await index.update(paths: ["x.log"])
    #expect(index.snapshot.file(at: "x.log") == nil)
    // A folder that is gone may be all that is reported.
    try root.remove("lib")
    #expect(try await index.update(paths: ["lib"]))
    #expect(Set(index.snapshot.paths) == ["a.py", "library.py"])
  }

  /// git's own index tells that an ignored file counts; a change of it must not make it vanish.
  @Test func aTrackedFileStaysThoughItIsIgnored() async throws {
    try root.write(".gitignore", "*.py\n")
    try root.write("a.py", python("a"))
    for arguments in [["init", "-q"], ["add", "-f", "a.py"]] {
      let git = Process()
      git.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      git.arguments = ["git", "-C", root.path] + arguments
      try git.run()
      git.waitUntilExit()
      try #require(git.terminationStatus == 0)
    }
    let index = index()
    try await index.open()
    try await index.refresh()
    #expect(names(index, "a.py") == ["a"])
    try root.write("a.py", python("changed"))
    try await index.update(paths: ["a.py"])
    #expect(names(index, "a.py") == ["changed"])
  }

  @Test func oneWritesTheOtherFollowsAndTakesOver() async throws {
    try root.write("a.py", python("first"))
    let writer = index()
    let follower = index()
    #expect(try await writer.open() == .writer)
    #expect(try await follower.open() == .follower)
    try await writer.refresh()
    #expect(follower.snapshot.fileCount == 0)
    try await follower.follow()
    #expect(follower.isComplete)
    #expect(names(follower, "a.py") == ["first"])
    try root.write("a.py", python("second"))
    try await writer.update(paths: ["a.py"])
    // What only a writer may do, a follower does not.
    #expect(try await follower.update(paths: ["a.py"]) == false)
    #expect(try await follower.refresh().indexed == 0)
    try await follower.follow()
    #expect(names(follower, "a.py") == ["second"])
    #expect(try await follower.open() == .follower)
    await writer.close()
    #expect(writer.role == .follower)
    #expect(try await follower.open() == .writer)
    #expect(try await writer.open() == .follower)
    try root.write("a.py", python("third"))
    try await follower.refresh()
    #expect(names(follower, "a.py") == ["third"])
  }

  /// The new file begins its ids anew: nothing of the old one may be mistaken for it.
  @Test func followerSeesAnIndexThatWasBuiltAnew() async throws {
    try root.write("a.py", python("first"))
    let writer = index()
    let follower = index()
    try await writer.open()
    try await follower.open()
    try await writer.refresh()
    try await follower.follow()
    try root.write("a.py", python("second"))
    try await writer.clear()
    try await writer.refresh()
    try await follower.follow()
    #expect(names(follower, "a.py") == ["second"])
    #expect(follower.snapshot.file(at: "a.py")?.contentHash == writer.snapshot.file(at: "a.py")?.contentHash)
  }

  /// In its pages, and in its header, where it is no database any more.
  @Test(arguments: [16384, 0]) func aDamagedIndexIsBuiltAnew(from first: Int) async throws {
    try root.write("a.py", python("a"))
    do {
      let index = index()
      try await index.open()
      try await index.refresh()
      await index.close()
    }
    let path = IndexStore.path(in: store.path)
    var bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
    for position in stride(from: first, to: bytes.count, by: 7) { bytes[position] ^= 0x5A }
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    let index = index()
    #expect(try await index.open() == .writer)
    #expect(index.message != nil)
    #expect(index.snapshot.fileCount == 0)
    try await index.refresh()
    #expect(names(index, "a.py") == ["a"])
  }

  @Test func overlaysCountInsteadOfFiles() async throws {
    try root.write("a.py", python("disk"))
    let index = index()
    try await index.open()
    try await index.refresh()
    index.setOverlay(path: "a.py", text: Array(python("typed").utf8))
    index.setOverlay(path: "new.py", text: Array(python("fresh").utf8))
    #expect(names(index, "a.py") == ["typed"])
    #expect(names(index, "new.py") == ["fresh"])
    // A commit beneath does not show through.
    try root.write("a.py", python("saved"))
    try await index.update(paths: ["a.py"])
    #expect(names(index, "a.py") == ["typed"])
    // Secrets and binaries are hidden, not shown as they were.
    index.setOverlay(path: "a.py", text: [0, 1])
    #expect(index.snapshot.file(at: "a.py") == nil)
    index.setOverlay(path: ".env", text: Array("KEY=1\n".utf8))
    #expect(index.snapshot.file(at: ".env") == nil)
    index.removeOverlay(path: "a.py")
    index.removeOverlay(path: "new.py")
    #expect(names(index, "a.py") == ["saved"])
    #expect(index.snapshot.file(at: "new.py") == nil)
  }

  @Test func aBufferIsIndexedIfItsFileWouldBe() async throws {
    try root.write(".gitignore", "*.log\nbuild/\n")
    try root.write("a.py", python("disk"))
    symlink("a.py", root.path + "/link.py")
    symlink(".", root.path + "/loop")
    let index = index()
    try await index.open()
    try await index.refresh()
    let text = Array(python("typed").utf8)
    for path in ["x.log", "build/x.py", "link.py", "loop/a.py", ".env", ".hidden/x.py", "new/x.py"] {
      index.setOverlay(path: path, text: text)
      #expect((index.snapshot.file(at: path) != nil) == (path == "new/x.py"), "\(path)")
    }
    #expect(index.reconsideredOverlays(rulesChanged: true).isEmpty)
    try root.write(".gitignore", "new/\n")
    #expect(index.reconsideredOverlays(rulesChanged: false).isEmpty)
    #expect(Set(index.reconsideredOverlays(rulesChanged: true)) == ["x.log", "build/x.py", "new/x.py"])
  }

  /// A program can set the time of modification back; that of the last change it cannot.
  @Test func aFileThatKeepsItsTimeAndSizeIsReadNevertheless() async throws {
    try root.write("a.py", python("one"))
    try root.age("a.py")
    try await settle()
    let index = index()
    try await index.open()
    try await index.refresh()
    let before = try FileReader.status(root.uri.appending("a.py"))
    try root.write("a.py", python("two"))
    try root.date("a.py", Date(timeIntervalSince1970: Double(before.modified) / 1e9))
    try await index.refresh()
    #expect(names(index, "a.py") == ["two"])
  }

  @Test func foldersAndFilesTakeEachOthersPlaces() async throws {
    try root.write("kept.py", python("kept"))
    let index = index()
    try await index.open()
    try await index.refresh()
    // A folder that appeared is all that is reported.
    try root.write("new/deep/a.py", python("a"))
    try root.write("new/b.py", python("b"))
    try root.write("new/.gitignore", "c.py\n")
    try root.write("new/c.py", python("c"))
    try await index.update(paths: ["new"])
    let inside: Set = ["new/.gitignore", "new/b.py", "new/deep/a.py"]
    #expect(Set(index.snapshot.paths) == inside.union(["kept.py"]))
    // One of its files went, which nobody says.
    try root.remove("new/b.py")
    try await index.update(paths: ["new"])
    #expect(Set(index.snapshot.paths) == ["kept.py", "new/.gitignore", "new/deep/a.py"])
    // A file in the place of the folder, and back.
    try root.remove("new")
    try root.write("new", python("file"))
    try await index.update(paths: ["new"])
    #expect(Set(index.snapshot.paths) == ["kept.py", "new"])
    try root.remove("new")
    try root.write("new/b.py", python("b"))
    try await index.update(paths: ["new"])
    #expect(Set(index.snapshot.paths) == ["kept.py", "new/b.py"])
    // A link to the folder in its place looks the same to whoever follows it.
    try root.move("new", "moved")
    symlink("moved", root.path + "/new")
    try await index.update(paths: ["new", "moved", "new/b.py"])
    #expect(Set(index.snapshot.paths) == ["kept.py", "moved/b.py"])
    let fresh = WorkspaceIndex(root: root.uri, directory: store.path + "/fresh")
    try await fresh.open()
    try await fresh.refresh()
    #expect(Set(fresh.snapshot.paths) == Set(index.snapshot.paths))
  }

  @Test func urgentFilesComeFirst() async throws {
    final class Urgent: UrgentPaths {
      let paths = Mutex<[String]>([])
      var isWaiting: Bool { paths.withLock { !$0.isEmpty } }
      func take() -> [String] {
        paths.withLock { paths in
          defer { paths = [] }; return paths
        }
      }
      func done() {}
    }
    for number in 0..<400 { try root.write("f\(number).py", String(repeating: python("f\(number)"), count: 400)) }
    let index = index()
    try await index.open()
    let urgent = Urgent()
    urgent.paths.withLock { $0 = ["urgent.py"] }
    let seen = Mutex<(files: Int, isThere: Bool)?>(nil)
    let (path, text) = (root.path + "/urgent.py", python("urgent"))
    try await index.refresh(urgent: urgent) { @Sendable progress in
      if progress.done == 0 {
        try? Data(text.utf8).write(to: URL(fileURLWithPath: path))
      } else {
        seen.withLock { $0 = $0 ?? (progress.done, index.snapshot.file(at: "urgent.py") != nil) }
      }
    }
    let first = try #require(seen.withLock { $0 })
    // Long before the others, which all fit into one batch.
    #expect(first.isThere)
    #expect(first.files < 400)
    #expect(index.snapshot.fileCount == 401)
  }

  @Test func cancelledRefreshKeepsWhatIsDone() async throws {
    for number in 0..<5 { try root.write("f\(number).py", python("f\(number)")) }
    let index = index()
    try await index.open()
    let summary = try await index.refresh(isCancelled: { true })
    #expect(summary.indexed == 0)
    #expect(!index.isComplete)
    #expect(try await index.refresh().indexed == 5)
  }
}

import Foundation
import Synchronization
import Testing
import Workspace

@testable import SearchIndex

/// What changes while it is being looked at, or without anyone telling of all of it.
struct SettlingTests {
  private let root: ScratchFolder
  private let store: ScratchFolder

  init() throws {
    root = try ScratchFolder()
    store = try ScratchFolder()
  }

  private func index() async throws -> WorkspaceIndex {
    let index = WorkspaceIndex(root: root.uri, directory: store.path)
    try await index.open()
    return index
  }

  private func python(_ name: String) -> String { "def \(name)(value):\n  return value\n" }

  private final class Urgent: UrgentPaths {
    private let paths: Mutex<[String]>

    init(_ paths: [String]) { self.paths = Mutex(paths) }

    var isWaiting: Bool { paths.withLock { !$0.isEmpty } }
    func take() -> [String] {
      paths.withLock { paths in
        defer { paths = [] }
        return paths
      }
    }
    func done() {}
  }

  @Test func aFolderThatMovesBringsItsIgnoreFiles() async throws {
    try root.write("lib/a.py", python("old"))
    try root.write("src/.gitignore", "a.py\n")
    try root.write("src/a.py", python("new"))
    let index = try await index()
    try await index.refresh()
    #expect(Set(index.snapshot.paths) == ["lib/a.py", "src/.gitignore"])
    index.setOverlay(path: "lib/open.py", text: Array(python("open").utf8))
    try root.write("src/.gitignore", "a.py\nopen.py\n")
    try root.remove("lib")
    try root.move("src", "lib")
    // A client may name the folders alone.
    try await index.update(paths: ["lib", "src"])
    #expect(index.reconsideredOverlays(rulesChanged: false) == ["lib/open.py"])
    index.removeOverlay(path: "lib/open.py")
    #expect(Set(index.snapshot.paths) == ["lib/.gitignore"])
  }

  @Test func whatWasLookedAtSinceTheWalkIsNotReadByTheWalk() async throws {
    for number in 0..<120 { try root.write("f\(number).py", String(repeating: python("f\(number)"), count: 400)) }
    try root.write("z/deep/a.py", python("a"))
    let index = try await index()
    let path = root.path
    try await index.refresh(urgent: Urgent(["y", "z"])) { @Sendable progress in
      // After the walk, before the first file is read.
      guard progress.done == 0 else { return }
      rename(path + "/z", path + "/y")
      symlink("y", path + "/z")
    }
    #expect(index.snapshot.fileCount == 121)
    #expect(index.snapshot.file(at: "y/deep/a.py") != nil)
    #expect(index.snapshot.file(at: "z/deep/a.py") == nil)
  }

  @Test func aFileThatWasThereForAMomentIsLookedAtAgain() async throws {
    try root.write("a.py", python("a"))
    try root.write("a.py.tmp~", python("a"))
    let index = try await index()
    try await index.refresh()
    #expect(Set(index.snapshot.paths) == ["a.py", "a.py.tmp~"])
    #expect(await index.hasFresh)
    try root.remove("a.py.tmp~")
    let changed = await index.unsettled()
    #expect(changed.contains("a.py.tmp~"))
    try await index.update(paths: changed)
    #expect(Set(index.snapshot.paths) == ["a.py"])
    // What stays is trusted in the end, so that nothing goes on for ever.
    try await Task.sleep(for: .nanoseconds(WorkspaceIndex.settlingTime))
    try await index.update(paths: await index.unsettled())
    #expect(await index.unsettled() == [])
    #expect(await !index.hasFresh)
  }

  @Test func aFolderThatTakesAnothersPlaceIsReadWhateverItsTimesSay() async throws {
    // Two files of one size that were changed in one tick of the clock.
    var isSame = false
    for _ in 0..<1000 where !isSame {
      try root.write("a/x.py", python("one"))
      try root.write("b/x.py", python("two"))
      isSame = status("a/x.py")?.stamp == status("b/x.py")?.stamp
    }
    // Some file systems have finer times than two writes can meet.
    guard isSame else { return }
    try await Task.sleep(for: .milliseconds(30))
    let index = try await index()
    try await index.refresh()
    try root.remove("a")
    try root.move("b", "a")
    try await index.refresh()
    #expect(index.snapshot.passages(of: "a/x.py").flatMap(\.names) == ["two"])
  }

  private func status(_ path: String) -> FileStatus? { try? FileReader.status(root.uri.appending(path)) }
}

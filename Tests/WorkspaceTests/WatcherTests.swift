import Foundation
import Testing
import Workspace

/// Real files; each test waits for the event that must come, however long it takes.
@Suite(.timeLimit(.minutes(1))) struct WatcherTests {
  private let folder: ScratchFolder

  init() throws {
    folder = try ScratchFolder()
  }

  private func watcher(_ change: (inout WatchOptions) -> Void = { _ in }) throws -> FileWatcher {
    let options = Discovery.Options(environment: ["HOME": "/nonexistent-home", "GIT_CONFIG_NOSYSTEM": "1"])
    let found = try Discovery(root: folder.uri, options: options).run()
    var watch = WatchOptions()
    watch.pollMilliseconds = 30
    change(&watch)
    return try FileWatcher(
      root: folder.uri, directories: found.directories, rules: IgnoreRules(root: folder.uri, options: options),
      options: watch)
  }

  /// Collects changed paths until all of `wanted` came.
  private func changes(_ wanted: Set<String>, from watcher: FileWatcher) async -> Set<String> {
    var seen: Set<String> = []
    for await event in watcher.events {
      if case .changed(let files) = event { seen.formUnion(files.compactMap { $0.relativePath(in: folder.uri) }) }
      if seen.isSuperset(of: wanted) { break }
    }
    return seen
  }

  @Test(arguments: [65_536, 0]) func reportsFilesThatChange(_ maximumWatches: Int) async throws {
    try folder.write(".gitignore", "*.log\n")
    try folder.write("src/a.c", "one\n")
    try folder.write("src/b.c", "one\n")
    let watcher = try watcher { $0.maximumWatches = maximumWatches }
    try folder.write("src/a.c", "changed\n")
    try folder.remove("src/b.c")
    try folder.write("src/c.log")
    try folder.write("src/new.c")
    let wanted: Set = ["src/a.c", "src/b.c", "src/new.c"]
    #expect(await changes(wanted, from: watcher) == wanted)
    watcher.stop()
  }

  @Test(arguments: [65_536, 0]) func newDirectoriesAreWatched(_ maximumWatches: Int) async throws {
    try folder.write("a.c")
    let watcher = try watcher { $0.maximumWatches = maximumWatches }
    try folder.write("new/deep/x.c", "one\n")
    try folder.write(".hidden/y.c", "one\n")
    #expect(await changes(["new/deep/x.c"], from: watcher) == ["new/deep/x.c"])
    watcher.stop()
  }

  @Test func renamesNameBothEnds() async throws {
    try folder.write("a.c")
    let watcher = try watcher()
    rename(folder.path + "/a.c", folder.path + "/b.c")
    #expect(await changes(["a.c", "b.c"], from: watcher) == ["a.c", "b.c"])
    watcher.stop()
  }

  @Test func ignoreFilesAndLostDirectoriesAskForARescan() async throws {
    try folder.write("src/a.c")
    let watcher = try watcher()
    try folder.write(".gitignore", "*.log\n")
    var events = watcher.events.makeAsyncIterator()
    #expect(await events.next() == .rescan)
    try folder.remove("src")
    #expect(await events.next() == .rescan)
    watcher.stop()
    while await events.next() != nil {}
  }

  @Test func stopEndsTheStream() async throws {
    try folder.write("a.c")
    let watcher = try watcher()
    watcher.stop()
    watcher.stop()
    for await _ in watcher.events {}
  }

  @Test func directoriesCanBeReplaced() async throws {
    try folder.write("one/a.c")
    try folder.write("two/b.c")
    let watcher = try watcher()
    watcher.setDirectories([folder.uri.appending("two")])
    try folder.write("two/b.c", "changed\n")
    #expect(await changes(["two/b.c"], from: watcher).contains("two/b.c"))
    watcher.stop()
  }
}

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

  @Test func ignoreFilesAskForARescan() async throws {
    try folder.write("src/a.c")
    let watcher = try watcher()
    try folder.write(".gitignore", "*.log\n")
    var events = watcher.events.makeAsyncIterator()
    #expect(await events.next() == .rescan)
    watcher.stop()
    while await events.next() != nil {}
  }

  @Test(arguments: [65_536, 0]) func lostDirectoriesAreNamed(_ maximumWatches: Int) async throws {
    try folder.write("src/deep/a.c")
    try folder.write("old/b.c")
    let watcher = try watcher { $0.maximumWatches = maximumWatches }
    try folder.remove("src")
    rename(folder.path + "/old", folder.path + "/new")
    let wanted: Set = ["src", "old", "new/b.c"]
    #expect(await changes(wanted, from: watcher).isSuperset(of: wanted))
    // What was moved is watched at its new place, and what takes its old place too.
    try folder.write("new/c.c")
    try folder.write("old/d.c")
    #expect(await changes(["new/c.c", "old/d.c"], from: watcher).isDisjoint(with: ["old/c.c"]))
    watcher.stop()
  }

  @Test func aFlushComesBehindAllThatHappened() async throws {
    try folder.write("a.c")
    let watcher = try watcher { $0.quietMilliseconds = 600_000 }
    var events = watcher.events.makeAsyncIterator()
    for round in 1...20 {
      try folder.write("a.c", "\(round)\n")
      let number = watcher.flush()
      #expect(await events.next() == .changed([folder.uri.appending("a.c")]))
      #expect(await events.next() == .flushed(number))
    }
    watcher.stop()
  }

  @Test func directoriesThatAppearDuringAWalkStayWatched() async throws {
    try folder.write("one/a.c")
    let watcher = try watcher()
    let mark = watcher.beginWalk()
    try folder.write("new/b.c")
    #expect(await changes(["new/b.c"], from: watcher).contains("new/b.c"))
    // The walk had passed before it appeared.
    watcher.setDirectories([folder.uri, folder.uri.appending("one")], since: mark)
    try folder.write("new/b.c", "changed\n")
    #expect(await changes(["new/b.c"], from: watcher).contains("new/b.c"))
    watcher.stop()
  }

  @Test func emptyDirectoriesAreWatchedButNotPolled() async throws {
    try folder.write("a.c")
    try FileManager.default.createDirectory(atPath: folder.path + "/empty/deep", withIntermediateDirectories: true)
    let options = Discovery.Options(environment: ["HOME": "/nonexistent-home", "GIT_CONFIG_NOSYSTEM": "1"])
    let found = try Discovery(root: folder.uri, options: options).run()
    #expect(Set(found.emptyDirectories.compactMap { $0.relativePath(in: folder.uri) }) == ["empty", "empty/deep"])
    for (limit, polled) in [(65_536, 0), (0, 1)] {
      var watch = WatchOptions()
      watch.maximumWatches = limit
      let watcher = try FileWatcher(
        root: folder.uri, directories: found.directories, optional: found.emptyDirectories,
        rules: IgnoreRules(root: folder.uri, options: options), options: watch)
      #if os(Linux)
        #expect(watcher.polledDirectoryCount == polled)
        if limit > 0 {
          try folder.write("empty/deep/x.c")
          #expect(await changes(["empty/deep/x.c"], from: watcher).contains("empty/deep/x.c"))
        }
      #endif
      watcher.stop()
    }
  }

  @Test func filesThatAreKnownAreReportedInSpiteOfTheRules() async throws {
    try folder.write(".gitignore", "*.log\nbuild/\n")
    try folder.write("a.c")
    let options = Discovery.Options(environment: ["HOME": "/nonexistent-home", "GIT_CONFIG_NOSYSTEM": "1"])
    let watcher = try FileWatcher(
      root: folder.uri, directories: [folder.uri], rules: IgnoreRules(root: folder.uri, options: options),
      isKnown: { ["known.log", "build/", "build/known.c"].contains($0) })
    try folder.write("other.log")
    try folder.write("build/other.c")
    try folder.write("build/known.c")
    try folder.write("known.log")
    let wanted: Set = ["known.log", "build/known.c"]
    #expect(await changes(wanted, from: watcher) == wanted)
    watcher.stop()
  }

  @Test func aFolderThatMovesAwayTakesItsRulesAlong() async throws {
    try folder.write("src/.gitignore", "a.c\n")
    try folder.write("src/b.c")
    let watcher = try watcher()
    // Now the rules in there are known.
    try folder.write("src/b.c", "changed\n")
    #expect(await changes(["src/b.c"], from: watcher) == ["src/b.c"])
    let other = try ScratchFolder()
    rename(folder.path + "/src", other.path + "/src")
    try folder.write("src/a.c")
    #expect(await changes(["src/a.c"], from: watcher).contains("src/a.c"))
    watcher.stop()
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

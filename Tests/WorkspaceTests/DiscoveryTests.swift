import Foundation
import Testing
import Workspace

@Suite struct DiscoveryTests {
  private let folder: ScratchFolder
  private let git: Git

  init() throws {
    folder = try ScratchFolder()
    git = Git(home: try Self.home())
  }

  private static func home() throws -> String { "/nonexistent-home" }

  private func run(_ change: (inout Discovery.Options) -> Void = { _ in }) throws -> DiscoveryResult {
    var options = Discovery.Options(environment: git.environment)
    change(&options)
    return try Discovery(root: folder.uri, options: options).run()
  }

  @Test func ownIgnoreFilesAreStronger() throws {
    try folder.makeRepository()
    try folder.write(".gitignore", "*.log\nbuild/\n")
    try folder.write(".ignore", "!keep.log\ndrafts/\n")
    try folder.write(".ciceroneignore", "!drafts/\nsecret-plans.md\n")
    for path in ["keep.log", "other.log", "build/x.c", "drafts/a.md", "secret-plans.md", "a.c"] {
      try folder.write(path)
    }
    let result = try run()
    #expect(result.files.map(\.path) == [".ciceroneignore", ".gitignore", ".ignore", "a.c", "drafts/a.md", "keep.log"])
    #expect(result.skipped[.ignored] == 3)
    #expect(result.skippedExamples[.ignored]?.sorted() == ["build", "other.log", "secret-plans.md"])
    let rules = IgnoreRules(root: folder.uri, options: Discovery.Options(environment: git.environment))
    #expect(rules.skipReason(relativePath: "build/deep/x.c", isDirectory: false) == .ignored)
    #expect(rules.skipReason(relativePath: "drafts/new.md", isDirectory: false) == nil)
    #expect(rules.skipReason(relativePath: ".git/config", isDirectory: false) != nil)
  }

  @Test func oddFilesAreCountedNotOpened() throws {
    for path in ["a.c", ".hidden/x.c", ".github/ci.yml", ".env", "logo.png", "Cargo.lock"] { try folder.write(path) }
    try folder.write("empty.c", "")
    try folder.write("big.c", String(repeating: "x", count: 2000))
    try folder.makeDirectory("target")
    try folder.write("target/t.c")
    symlink("target", folder.path + "/link")
    symlink("a.c", folder.path + "/alias.c")
    mkfifo(folder.path + "/pipe.c", 0o644)
    let result = try run { $0.maximumFileSize = 1000 }
    #expect(result.files.map(\.path) == [".github/ci.yml", "a.c", "target/t.c"])
    let expected: [SkipReason: Int] = [
      .hidden: 1, .secretFile: 1, .binary: 1, .lockFile: 1, .empty: 1, .tooLarge: 1, .symlink: 2, .special: 1,
    ]
    #expect(result.skipped == expected)
    #expect(result.directories.map(\.path) == ["", "/.github", "/target"].map { folder.path + $0 })
    #expect(result.files[1].size == 2)
    #expect(result.files[1].modified > 1_500_000_000_000_000_000)
  }

  @Test func nestedRepositoriesKeepTheirOwnRules() throws {
    try folder.makeRepository()
    try folder.write(".gitignore", "*.t\n")
    try folder.makeRepository("sub")
    try folder.write("sub/.gitignore", "*.c\n")
    try folder.write("sub/.git/info/exclude", "excluded\n")
    for path in ["sub/x.t", "sub/x.c", "sub/excluded", "sub/x.h", "x.t"] { try folder.write(path) }
    #expect(try run().files.map(\.path) == [".gitignore", "sub/.gitignore", "sub/x.h", "sub/x.t"])
    #expect(try run { $0.entersNestedRepositories = false }.files.map(\.path) == [".gitignore"])
  }

  @Test func linkedWorkingTreesShareExcludes() throws {
    try folder.makeRepository("main")
    try folder.write("main/.git/info/exclude", "excluded\n")
    try folder.write("main/.git/worktrees/w/HEAD", "ref: refs/heads/w\n")
    try folder.write("main/.git/worktrees/w/commondir", "../..\n")
    try folder.write("w/.git", "gitdir: ../main/.git/worktrees/w\n")
    try folder.write("w/excluded")
    try folder.write("w/kept")
    let options = Discovery.Options(environment: git.environment)
    let result = try Discovery(root: folder.uri.appending("w"), options: options).run()
    #expect(result.files.map(\.path) == ["kept"])
  }

  @Test func rulesComeFromAboveTheFolder() throws {
    try folder.makeRepository()
    try folder.write(".gitignore", "/pkg/out\n*.tmp\n")
    for path in ["pkg/out/x.c", "pkg/a.tmp", "pkg/a.c", "pkg/sub/out/y.c"] { try folder.write(path) }
    let options = Discovery.Options(environment: git.environment)
    let result = try Discovery(root: folder.uri.appending("pkg"), options: options).run()
    #expect(result.files.map(\.path) == ["a.c", "sub/out/y.c"])
  }

  @Test func globalExcludesAreFoundThroughIncludes() throws {
    let home = try ScratchFolder()
    try home.write(".gitconfig", "[include]\n\tpath = more.conf ; comment\n")
    try home.write("more.conf", "[core]\n excludesFile = \"~/my ignore\"\n")
    try home.write("my ignore", "*.bak\n")
    try folder.write("a.bak")
    try folder.write("a.c")
    let environment = Git(home: home.path).environment
    let options = Discovery.Options(environment: environment)
    #expect(try Discovery(root: folder.uri, options: options).run().files.map(\.path) == ["a.c"])
  }

  @Test(arguments: [2, 3, 4]) func trackedFilesAreFoundThoughIgnored(_ version: Int) throws {
    let home = try ScratchFolder()
    let git = Git(home: home.path)
    try git.run(["init", "-q"], in: folder.path)
    for path in ["gen/deep/a.c", "gen/b.c", "gen/.env", "gen/own/c.c", "x.o", "y.o", "gone.o"] {
      try folder.write(path)
    }
    try git.run(["add", "."], in: folder.path)
    if version == 3 { try git.run(["update-index", "--skip-worktree", "gen/b.c"], in: folder.path) }
    try git.run(["update-index", "--index-version", "\(version)"], in: folder.path)
    let index = try #require(FileManager.default.contents(atPath: folder.path + "/.git/index"))
    #expect(index[7] == UInt8(version))
    try folder.write(".gitignore", "gen/\n*.o\n")
    try folder.write(".ciceroneignore", "gen/own/\n")
    try folder.write("gen/untracked.c")
    try folder.remove("gone.o")
    let options = Discovery.Options(environment: git.environment)
    let result = try Discovery(root: folder.uri, options: options).run()
    #expect(result.files.map(\.path) == [".ciceroneignore", ".gitignore", "gen/b.c", "gen/deep/a.c"])
    #expect(result.directories.map(\.path).contains(folder.path + "/gen/deep"))
    var bare = options
    bare.gitRulesOnly = true
    let plain = try Discovery(root: folder.uri, options: bare).run()
    #expect(Set(plain.files.map(\.pathBytes)) == (try git.files(in: folder.path)))
  }

  @Test func namesNeedNotBeUTF8() throws {
    let name: [UInt8] = [0x61, 0xFF, 0x2E, 0x63]
    let path = Array(folder.path.utf8) + [0x2F] + name
    let descriptor = path.withUnsafeBufferPointer {
      open($0.map { CChar(bitPattern: $0) } + [0], O_CREAT | O_WRONLY, 0o644)
    }
    #expect(write(descriptor, "x", 1) == 1)
    close(descriptor)
    let result = try run()
    let entry = try #require(result.files.first)
    #expect(entry.pathBytes == name)
    #expect(PathText.display(entry.path) == "a\u{FFFD}.c")
    #expect(FileEntry(path: entry.path, root: folder.uri, status: entry.status).uri == entry.uri)
    #expect(try FileReader.read(entry.uri).bytes == [0x78])
    #expect(FileURI(entry.uri.description) == entry.uri)
  }

  @Test func deepTreesDoNotOverflow() throws {
    var path = folder.path
    for _ in 0..<1500 {
      path += "/d"
      guard mkdir(path, 0o755) == 0 else { break }
    }
    try folder.write("a.c")
    let result = try run()
    #expect(result.files.map(\.path) == ["a.c"])
  }

  @Test func limitsAndErrors() throws {
    for index in 0..<10 { try folder.write("f\(index).c") }
    let result = try run { $0.maximumFileCount = 4 }
    #expect(result.files.count == 4)
    #expect(result.skipped[.overLimit] == 6)
    #expect(try run { $0.exclude = ["f[0-4].c"] }.files.count == 5)
    let missing = folder.uri.appending("none")
    #expect(throws: Discovery.Failure.unreadableRoot(missing.path)) { try Discovery(root: missing).run() }
    try folder.write("sub/x.c")
    let options = Discovery.Options(environment: git.environment)
    #expect(try Discovery(root: folder.uri, options: options).run(isCancelled: { true }).isPartial)
    #expect(!Discovery(root: folder.uri, options: options).isIgnored(relativePath: "sub/x.c", isDirectory: false))
  }
}

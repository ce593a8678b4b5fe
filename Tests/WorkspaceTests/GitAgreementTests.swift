import Foundation
import Testing
import Workspace

/// Discovery against the real git: no difference is tolerated.
@Suite struct GitAgreementTests {
  private func options(_ git: Git) -> Discovery.Options {
    var options = Discovery.Options(environment: git.environment)
    options.gitRulesOnly = true
    options.entersNestedRepositories = false
    return options
  }

  private func discovered(_ folder: ScratchFolder, _ git: Git) throws -> Set<[UInt8]> {
    Set(try Discovery(root: folder.uri, options: options(git)).run().files.map(\.pathBytes))
  }

  private func show(_ paths: Set<[UInt8]>) -> [String] { paths.map { String(decoding: $0, as: UTF8.self) }.sorted() }

  /// Trees compared: 400, or as many as the environment asks for.
  static let trees = ProcessInfo.processInfo.environment["CICERONE_GIT_TREES"].flatMap { UInt64($0) } ?? 400

  @Test(arguments: 0..<8) func randomTreesListAlike(_ block: UInt64) throws {
    let home = try ScratchFolder()
    let git = Git(home: home.path)
    for seed in stride(from: block, to: Self.trees, by: 8) {
      let folder = try ScratchFolder()
      if seed % 11 == 3 {
        try git.run(["init", "-q", "--object-format=sha256"], in: folder.path)
      } else {
        try folder.makeRepository(configuration: seed % 7 == 0 ? "\tignorecase = true\n" : "")
      }
      var tree = RandomTree(seed: seed)
      if seed % 3 == 0 { try home.write(".config/git/ignore", bytes: tree.ignoreFile()) }
      try tree.make(in: folder)
      // Where cases are folded git takes an untracked `a.O` for the tracked `a.o`, which is right only for file systems
      // that fold them too.
      if seed % 3 == 1, seed % 7 != 0 {
        if seed % 2 == 0 { try git.run(["config", "core.splitIndex", "true"], in: folder.path) }
        try git.run(["add", "-f", "--"] + tree.paths.prefix(4).map { ":(literal)" + $0 }, in: folder.path)
        let version = ["2", "3", "4"][Int(seed / 3 % 3)]
        try git.run(["update-index", "--index-version", version], in: folder.path)
        try git.run(["add", "-f", "--"] + tree.paths.suffix(2).map { ":(literal)" + $0 }, in: folder.path)
        try git.run(["rm", "-q", "-r", "--cached", "--", ":(literal)" + tree.paths[0]], in: folder.path)
      }
      let expected = try git.files(in: folder.path)
      let found = try discovered(folder, git)
      #expect(show(found) == show(expected), "seed \(seed)")

      guard seed % 4 == 0 else { continue }
      let asked = Data(tree.paths.joined(separator: "\0").utf8)
      let ignored = try git.run(["check-ignore", "-z", "--stdin"], in: folder.path, input: asked)
      let expectedIgnored = Set(ignored.split(separator: 0).map(Array.init))
      let rules = IgnoreRules(root: folder.uri, options: options(git))
      let ours = tree.paths.filter { path in
        var status = stat()
        guard lstat(folder.path + "/" + path, &status) == 0 else { return false }
        let isDirectory = status.st_mode & S_IFMT == S_IFDIR
        return rules.skipReason(relativePath: path, isDirectory: isDirectory) == .ignored
      }
      #expect(show(Set(ours.map { Array($0.utf8) })) == show(expectedIgnored), "seed \(seed), check-ignore")
    }
  }

  /// This repository, and the folders that the environment names.
  @Test func realTreesListAlike() throws {
    let named = ProcessInfo.processInfo.environment["CICERONE_GIT_FOLDERS"].map { $0.split(separator: ":") } ?? []
    let home = try ScratchFolder()
    let git = Git(home: home.path)
    let package = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().path
    for path in [package] + named.map(String.init)
    where FileManager.default.fileExists(atPath: path + "/.git") {
      let found = try Discovery(root: FileURI(path: path), options: options(git)).run().files.map(\.pathBytes)
      let expected = try git.files(in: path)
      #expect(Set(found).symmetricDifference(expected).isEmpty, "\(path)")
    }
  }

  /// Settings in all the places where git reads them, one after the other.
  @Test func settingsAreReadAsGitReadsThem() throws {
    let home = try ScratchFolder()
    let folder = try ScratchFolder()
    let base = Git(home: home.path)
    try base.run(["init", "-q", "-b", "topic/one"], in: folder.path)
    try base.run(["remote", "add", "origin", "https://example.org/team/project.git"], in: folder.path)
    let names = ["base.x", "a.x1", "b.x2", "C.X1", "d.x3", "sub/e.x1", "sub/f.x2", "x y.z", "tab.t"]
    for name in names { try folder.write(name) }
    for number in 1...3 {
      try home.write("ignore\(number)", "*.x\(number)\n")
      try home.write("conf\(number)", "[core]\n\texcludesFile = ~/ignore\(number)\n")
    }
    let real = folder.path
    let configurations: [(String, String)] = [
      ("plain", "[core] excludesfile = ~/ignore1 # c\n"),
      ("quoted", "[core]\n  excludesFile = \"~/ig\\\"nore1\" \n"),
      ("continued", "[core]\n  excludesFile = ~/ign\\\nore2 ; c\n"),
      ("crlf", "[core]\r\n  excludesFile = ~/ignore2\r\n"),
      ("empty", "[core]\n excludesFile =\n"),
      ("relative", "[core]\n excludesFile = base.x\n"),
      ("case", "[CORE]\n EXCLUDESFILE = ~/ignore1\n ignorecase\n"),
      ("case off", "[core]\n excludesFile = ~/ignore1\n ignoreCase = no\n"),
      ("subsection", "[core \"x\"]\n excludesFile = ~/ignore1\n"),
      ("include", "[include]\n path = conf1\n"),
      ("include home", "[include]\n path = ~/conf2\n[include]\n path = missing\n"),
      ("gitdir", "[includeIf \"gitdir:\(real)/\"]\n path = conf1\n"),
      ("gitdir exact", "[includeIf \"gitdir:\(real)/.git\"]\n path = conf1\n"),
      ("gitdir other", "[includeIf \"gitdir:\(real)x/\"]\n path = conf1\n"),
      ("gitdir glob", "[includeIf \"gitdir:**/workspace-tests-*/\"]\n path = conf2\n"),
      ("gitdir relative", "[includeIf \"gitdir:workspace-*/.git\"]\n path = conf2\n"),
      ("gitdir home", "[includeIf \"gitdir:~/\"]\n path = conf2\n"),
      ("gitdir dot", "[includeIf \"gitdir:./\"]\n path = conf2\n"),
      ("gitdir case", "[includeIf \"gitdir:**/WORKSPACE-TESTS-*/\"]\n path = conf2\n"),
      ("gitdir/i", "[includeIf \"gitdir/i:**/WORKSPACE-TESTS-*/\"]\n path = conf2\n"),
      ("branch", "[includeIf \"onbranch:topic/one\"]\n path = conf1\n"),
      ("branch folder", "[includeIf \"onbranch:topic/\"]\n path = conf1\n"),
      ("branch glob", "[includeIf \"onbranch:*one\"]\n path = conf1\n"),
      ("branch deep", "[includeIf \"onbranch:**/one\"]\n path = conf3\n"),
      ("remote", "[includeIf \"hasconfig:remote.*.url:https://example.org/**\"]\n path = conf3\n"),
      ("remote other", "[includeIf \"hasconfig:remote.*.url:https://example.com/**\"]\n path = conf3\n"),
      ("unknown", "[includeIf \"sometimes:x\"]\n path = conf3\n"),
      ("comment", "# [core]\n; excludesFile = ~/ignore1\n[core] ; [x]\nexcludesFile=~/ignore3;x\n"),
    ]
    for (name, text) in configurations {
      try home.write(".gitconfig", text)
      #expect(show(try discovered(folder, base)) == show(try base.files(in: folder.path)), "\(name)")
    }
    try home.write(".gitconfig", "")
    try home.write(".config/git/ignore", "*.t\n")
    try home.write(".config/git/config", "[core]\nignorecase = true\n")
    #expect(show(try discovered(folder, base)) == show(try base.files(in: folder.path)), "default file")
    try base.run(["config", "extensions.worktreeConfig", "true"], in: folder.path)
    try folder.write(".git/config.worktree", "[core]\n excludesFile = \(home.path)/ignore2\n")
    #expect(show(try discovered(folder, base)) == show(try base.files(in: folder.path)), "working tree")
    for variables in [
      ["GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.excludesFile", "GIT_CONFIG_VALUE_0": "~/ignore3"],
      ["GIT_CONFIG_PARAMETERS": "'core.excludesfile'='~/ignore1'"],
      ["GIT_CONFIG_PARAMETERS": "'core.excludesfile=~/ignore1' 'core.ignorecase'"],
      ["GIT_CONFIG_NOSYSTEM": "false", "GIT_CONFIG_SYSTEM": home.path + "/conf1", "GIT_CONFIG_GLOBAL": "/dev/null"],
    ] {
      var git = base
      git.variables = variables
      #expect(show(try discovered(folder, git)) == show(try git.files(in: folder.path)), "\(variables)")
    }
  }

  /// Working trees that are not plain: what git lists in them is what is found.
  @Test func oddRepositoriesListAlike() throws {
    let home = try ScratchFolder()
    let git = Git(home: home.path)
    try home.write(".gitconfig", "[protocol \"file\"]\n allow = always\n[advice]\n detachedHead = false\n")
    let folder = try ScratchFolder()
    for name in ["main/a.c", "main/b.log", "main/deep/er/c.c", "main/deep/d.log"] { try folder.write(name) }
    try folder.write("main/.gitignore", "*.log\n/tree/\n")
    try git.run(["init", "-q", "main"], in: folder.path)
    let main = folder.path + "/main"
    try git.run(["add", "-f", "."], in: main)
    try git.run(["commit", "-q", "-m", "x"], in: main)
    func same(_ path: String, _ note: String) throws {
      let found = try Discovery(root: FileURI(path: path), options: options(git)).run().files.map(\.pathBytes)
      #expect(show(Set(found)) == show(try git.files(in: path)), "\(note)")
      #expect(!found.isEmpty, "\(note)")
    }
    try same(main, "tracked though ignored")
    try git.run(["rm", "-q", "--cached", "b.log"], in: main)
    try same(main, "no longer tracked")
    try git.run(["worktree", "add", "-q", "../linked"], in: main)
    try folder.write("linked/new.log")
    try folder.write("linked/new.c")
    try same(folder.path + "/linked", "linked working tree")
    try git.run(["submodule", "--quiet", "add", main, "module"], in: main)
    try folder.write("main/module/extra.log")
    try same(main, "with a submodule")
    try same(main + "/module", "the submodule, whose git directory is elsewhere")
    try git.run(["update-index", "--untracked-cache"], in: main)
    try same(main, "untracked cache")
    try git.run(["config", "core.fsmonitor", "false"], in: main)
    try git.run(["sparse-checkout", "set", "--cone", "module"], in: main)
    try folder.write("main/deep/new.c")
    try same(main, "sparse")
    try git.run(["sparse-checkout", "reapply", "--sparse-index"], in: main)
    try same(main, "sparse index")
    try git.run(["sparse-checkout", "disable"], in: main)
    try git.run(["update-index", "--skip-worktree", "a.c"], in: main)
    try git.run(["update-index", "--split-index"], in: main)
    try git.run(["add", "-f", "deep/d.log"], in: main)
    try same(main, "split index")
    try git.run(["rm", "-q", "--cached", "deep/d.log"], in: main)
    try same(main, "split index, one less")
    try folder.write("main/.git/index", "DIRC garbage")
    let rest = try Discovery(root: FileURI(path: main), options: options(git)).run().files.map(\.path)
    #expect(rest.contains("a.c") && !rest.contains("b.log"), "a damaged index leaves the rules")
  }
}

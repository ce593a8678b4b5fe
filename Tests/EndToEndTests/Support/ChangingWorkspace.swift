import Foundation
import SeededInput

/// A workspace that changes at random, as people, editors, compilers and git change one: many files are put on few
/// paths, so that files, folders and links take each other's places.
struct ChangingWorkspace {
  private let scratch: Scratch
  var generator: SeededGenerator
  /// Words that were written at some time, newest last.
  private(set) var words: [String] = []
  private var branches = 1
  private var time = 0

  init(_ scratch: Scratch, seed: UInt64) async throws {
    self.scratch = scratch
    generator = SeededGenerator(seed: seed)
    for _ in 0..<40 { try writeFile(anyPath()) }
    try Data("*.log\nbuild/\n".utf8).write(to: URL(fileURLWithPath: path(".gitignore")))
    try await git("init", "-q", "-b", "branch1")
    try await git("add", "-A")
    try await git("commit", "-qm", "first", "--allow-empty")
  }

  private static let folders = [
    "", "src/", "src/core/", "src/core/deep/", "lib/", "lib/other/", "build/", "docs/", "vendor/x/", ".github/",
  ]
  private static let names = [
    "a.swift", "b.py", "c.md", "d", "e.go", "f.log", "g.txt", "core", "other", ".env", "h.js", "x", "ü.py", "i.min.js",
  ]

  /// What every file says, so that a search for one of them finds all passages.
  static let commonWords = ["commonword", "rotation", "ledger"]

  mutating func random(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &generator) }

  mutating func pick<Element>(_ elements: [Element]) -> Element { elements[random(elements.count)] }

  /// A path, at which anything or nothing may be.
  mutating func anyPath() -> String { pick(Self.folders) + pick(Self.names) }

  /// A word that stands nowhere else.
  mutating func word() -> String {
    let word = "z" + String((0..<10).map { _ in pick(Array("bcdfghjkmnpqvwx")) }) + "q"
    words.append(word)
    return word
  }

  /// The text of a file. A few are empty, binary, or hold a key.
  mutating func text(_ path: String) -> String {
    switch random(40) {
    case 0: return ""
    case 1: return "binary \u{0} \(word())\n"
    case 2: return "-----BEGIN RSA PRIVATE KEY-----\n\(word())\n-----END RSA PRIVATE KEY-----\n"
    case 3: return String(repeating: "# filler filler filler \(word())\n", count: 30_000)
    default: break
    }
    var text = "# The commonword of \(word()).\n"
    for number in 0..<random(6) {
      text += "\n# \(pick(["rotation", "ledger"])) commonword \(word())\n"
      text += "def step_\(word())_\(number)(value):\n    return value * \(number)\n"
    }
    return text
  }

  /// A document that can be opened: a file, or a path where none is yet.
  func path(_ relative: String) -> String { "\(scratch.workspace)/\(relative)" }

  /// What stands on disk at a path, as a document; nil where no regular text file does.
  func contents(_ relative: String) -> String? {
    guard kind(relative) == S_IFREG, let data = FileManager.default.contents(atPath: path(relative)) else { return nil }
    return String(bytes: data, encoding: .utf8)
  }

  private func kind(_ relative: String) -> mode_t? {
    var status = stat()
    return lstat(path(relative), &status) == 0 ? status.st_mode & S_IFMT : nil
  }

  /// Makes room for a file: what lies in the way of its folder goes, and what is in its own place if that is a folder.
  private func makeRoom(for relative: String) throws {
    var folder = ""
    for part in relative.split(separator: "/").dropLast() {
      folder += (folder.isEmpty ? "" : "/") + part
      if let kind = kind(folder), kind != S_IFDIR { unlink(path(folder)) }
      mkdir(path(folder), 0o755)
    }
    if kind(relative) == S_IFDIR { try FileManager.default.removeItem(atPath: path(relative)) }
  }

  /// Writes a file in one of the ways of editors and other programs.
  mutating func writeFile(_ relative: String, _ text: String? = nil) throws {
    let text = text ?? self.text(relative)
    try makeRoom(for: relative)
    let file = path(relative)
    let bytes = Array(text.utf8)
    time += 1
    switch random(5) {
    case 0:
      // Beside it, then moved over it.
      try Data(bytes).write(to: URL(fileURLWithPath: file + ".tmp~"))
      rename(file + ".tmp~", file)
    case 1:
      // The old file is kept as a backup for a moment.
      rename(file, file + "~")
      try Data(bytes).write(to: URL(fileURLWithPath: file))
      unlink(file + "~")
    case 2:
      // In two pieces.
      if kind(relative) == S_IFLNK { unlink(file) }
      let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
      let half = bytes.count / 2
      _ = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, half) }
      _ = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress.map { $0 + half }, bytes.count - half) }
      close(descriptor)
    case 3:
      // With the time of modification of what was there before.
      var status = stat()
      let existed = lstat(file, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
      if !existed { unlink(file) }
      try Data(bytes).write(to: URL(fileURLWithPath: file))
      #if os(Linux)
        if existed {
          let times = [status.st_atim, status.st_mtim]
          _ = utimensat(AT_FDCWD, file, times, 0)
        }
      #endif
    default:
      if kind(relative) == S_IFLNK { unlink(file) }
      try Data(bytes).write(to: URL(fileURLWithPath: file))
    }
  }

  /// Does one thing, and says what.
  mutating func change() async throws -> String {
    let path = anyPath()
    let folder = pick(Self.folders.filter { !$0.isEmpty })
    switch random(24) {
    case 0..<8:
      try writeFile(path)
      return "write \(path)"
    case 8:
      unlink(self.path(path))
      return "unlink \(path)"
    case 9, 10:
      let target = anyPath()
      try makeRoom(for: target)
      rename(self.path(path), self.path(target))
      return "rename \(path) to \(target)"
    case 11:
      try? FileManager.default.removeItem(atPath: self.path(folder))
      return "remove \(folder)"
    case 12, 13:
      // A folder moves, over whatever was there.
      let target = pick(Self.folders.filter { !$0.isEmpty && !$0.hasPrefix(folder) && !folder.hasPrefix($0) })
      try? FileManager.default.removeItem(atPath: self.path(target))
      try makeRoom(for: String(target.dropLast()))
      rename(self.path(folder), self.path(target))
      return "move \(folder) to \(target)"
    case 14:
      for _ in 0..<4 { try writeFile(folder + pick(Self.names)) }
      return "fill \(folder)"
    case 15:
      // A link to a file or a folder, or to nothing, in the place of whatever was there.
      try makeRoom(for: path)
      try? FileManager.default.removeItem(atPath: self.path(path))
      let target = random(2) == 0 ? self.path(anyPath()) : self.path(folder)
      symlink(target, self.path(path))
      return "link \(path) to \(target)"
    case 16:
      // A folder becomes a link to another, which looks as before to whoever follows it.
      let target = pick(Self.folders.filter { !$0.isEmpty && !$0.hasPrefix(folder) && !folder.hasPrefix($0) })
      try? FileManager.default.removeItem(atPath: self.path(target))
      try makeRoom(for: String(target.dropLast()))
      if rename(self.path(folder), self.path(target)) == 0 {
        symlink(self.path(target), String(self.path(folder).dropLast()))
      }
      return "move \(folder) to \(target) and link it"
    case 17, 18:
      let file = pick(["", "src/", "lib/"]) + pick([".gitignore", ".ignore", ".ciceroneignore"])
      if random(3) == 0 {
        unlink(self.path(file))
        return "unlink \(file)"
      }
      let pattern = pick(["*.py", "core/", "/src/", "lib/**", "d", "!*.py", "*.md\n!c.md", "build/", "other", "x"])
      try makeRoom(for: file)
      try? Data((pattern + "\n").utf8).write(to: URL(fileURLWithPath: self.path(file)))
      return "ignore \(pattern) in \(file)"
    case 19:
      try await git("add", random(2) == 0 ? "-A" : "-fA", ".")
      try await git("commit", "-qm", "more", "--allow-empty")
      return "commit"
    case 20:
      branches += 1
      try await git("checkout", "-qb", "branch\(branches)")
      return "branch"
    case 21, 22:
      let branch = 1 + random(branches)
      try await git("checkout", "-qf", "branch\(branch)")
      if random(3) == 0 { try await git("clean", "-qfd") }
      return "checkout \(branch)"
    default:
      // A build: many files at once, most of them ignored.
      for number in 0..<30 {
        try makeRoom(for: "build/out/\(number).py")
        try? Data("# built \(number) \(word())\n".utf8)
          .write(to: URL(fileURLWithPath: self.path("build/out/\(number).py")))
      }
      return "build"
    }
  }

  /// Runs git; that it has nothing to do, or that something lies in its way, is no failure.
  private func git(_ arguments: String...) async throws {
    let child = try Child(
      ["/usr/bin/git", "-C", scratch.workspace, "-c", "user.name=t", "-c", "user.email=t@t", "-c", "gc.auto=0"]
        + arguments, environment: scratch.environment)
    child.closeInput()
    _ = await child.ending()
  }

  /// What can be told apart of everything below the workspace, for a client that watches.
  func look() -> [String: String] {
    var result: [String: String] = [:]
    var pending = [""]
    while let folder = pending.popLast() {
      for name in (try? FileManager.default.contentsOfDirectory(atPath: path(folder))) ?? [] {
        let relative = folder + name
        var status = stat()
        guard lstat(path(relative), &status) == 0 else { continue }
        if relative.hasPrefix(".git/"), relative != ".git/index" { continue }
        let isFolder = status.st_mode & S_IFMT == S_IFDIR
        #if os(Linux)
          let changed = "\(status.st_ctim.tv_sec).\(status.st_ctim.tv_nsec)"
        #else
          let changed = "\(status.st_ctimespec.tv_sec).\(status.st_ctimespec.tv_nsec)"
        #endif
        // A folder's own times change with its entries.
        result[relative] = isFolder ? "folder \(status.st_ino)" : "\(status.st_mode) \(status.st_ino) \(changed)"
        if isFolder { pending.append(relative + "/") }
      }
    }
    return result
  }

  /// The paths that such a client names: each that differs, or of new and lost folders only the topmost.
  static func differences(_ before: [String: String], _ after: [String: String], topmost: Bool) -> [String] {
    let changed = Set(before.keys).union(after.keys).filter { before[$0] != after[$0] }
    guard topmost else { return changed.sorted() }
    return changed.filter { path in
      var folder = path[...]
      while let slash = folder.lastIndex(of: "/") {
        folder = folder[..<slash]
        if changed.contains(String(folder)) { return false }
      }
      return true
    }.sorted()
  }
}

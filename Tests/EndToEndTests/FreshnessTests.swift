import Foundation
import SeededInput
import Testing

/// Whatever happens to a workspace, the index of the server that saw it is that of one which looks for the first time.
///
/// `CICERONE_FRESHNESS_OPERATIONS` says how many things happen, `CICERONE_FRESHNESS_SEED` which; after a failure the
/// workspace is copied to `CICERONE_FRESHNESS_KEEP`.
@Suite(.serialized) struct FreshnessTests {
  private static func setting(_ name: String) -> Int? {
    ProcessInfo.processInfo.environment["CICERONE_FRESHNESS_\(name)"].flatMap(Int.init)
  }

  @Test func theIndexIsAsBuiltAnewWhateverHappens() async throws {
    let seed = Self.setting("SEED") ?? 1
    let scratch = try Scratch()
    var history = try await History(scratch, seed: UInt64(seed))
    let operations = Self.setting("OPERATIONS") ?? 250
    while history.operations < operations {
      guard try await history.advance() else {
        // What is left to look at when something is wrong.
        if let folder = ProcessInfo.processInfo.environment["CICERONE_FRESHNESS_KEEP"] {
          try? FileManager.default.copyItem(atPath: scratch.path, toPath: folder)
        }
        Issue.record("seed \(seed), after \(history.operations) operations:\n\(history.recent)")
        return
      }
    }
    #expect(try await history.end() == .exited(0), "seed \(seed)")
  }
}

/// What happens to a workspace and the server on it.
private struct History {
  private let scratch: Scratch
  private var workspace: ChangingWorkspace
  private var editor: Editor
  /// Whether the client tells of changed files.
  private var watches = false
  /// The open documents, by path.
  private var buffers: [String: String] = [:]
  private var versions = 1
  private var seen: [String: String] = [:]
  private(set) var operations = 0
  private var log: [String] = []

  init(_ scratch: Scratch, seed: UInt64) async throws {
    self.scratch = scratch
    workspace = try await ChangingWorkspace(scratch, seed: seed)
    editor = try await Editor.open(scratch)
  }

  /// The last things that happened.
  var recent: String { log.suffix(80).joined(separator: "\n") }

  /// Some things happen; answers whether the index is right afterwards.
  mutating func advance() async throws -> Bool {
    for _ in 0..<(1 + workspace.random(24)) {
      operations += 1
      log.append("\(operations): " + (try await happen()))
    }
    tellOfChanges()
    let isRight = try await isAsBuiltAnew()
    log.append("\(operations): compared")
    return isRight
  }

  mutating func end() async throws -> Ending { try await editor.shutDown() }

  private mutating func happen() async throws -> String {
    switch workspace.random(60) {
    case 0..<10:
      let path = workspace.random(3) > 0 ? buffers.keys.sorted().first : nil
      let opened = path ?? workspace.anyPath()
      return try await open(opened)
    case 10..<24: return try await type()
    case 24..<28: return close()
    case 28..<31: return try save()
    case 31: return try await restart(killing: true)
    case 32: return try await restart(killing: false)
    case 33: return try await reopenFolder()
    case 34, 35:
      try await Task.sleep(for: .milliseconds(workspace.random(120)))
      return "wait"
    default:
      let what = try await workspace.change()
      if workspace.random(3) == 0 { tellOfChanges() }
      return what
    }
  }

  // MARK: The editor

  private mutating func open(_ path: String) async throws -> String {
    guard buffers[path] == nil, buffers.count < 12 else { return try await type() }
    let text = workspace.contents(path) ?? workspace.text(path)
    buffers[path] = text
    editor.open(scratch.uri(path), text)
    return "open \(path)"
  }

  /// Types a word at the start of a line, or replaces the whole text.
  private mutating func type() async throws -> String {
    guard !buffers.isEmpty else { return try await open(workspace.anyPath()) }
    let path = workspace.pick(buffers.keys.sorted())
    versions += 1
    let text = buffers[path] ?? ""
    let change: JSON
    if workspace.random(4) == 0 {
      let new = workspace.text(path)
      buffers[path] = new
      change = ["text": .string(new)]
    } else {
      // The texts are ASCII with line feeds alone, so that this is simple.
      var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      let line = workspace.random(lines.count)
      let typed = "# commonword \(workspace.word())\n"
      lines[line] = typed + lines[line]
      buffers[path] = lines.joined(separator: "\n")
      let position: JSON = ["line": .integer(line), "character": 0]
      change = ["range": ["start": position, "end": position], "text": .string(typed)]
    }
    editor.notify(
      "textDocument/didChange",
      [
        "textDocument": ["uri": .string(scratch.uri(path)), "version": .integer(versions)],
        "contentChanges": [change],
      ])
    return "type in \(path)"
  }

  private mutating func close() -> String {
    guard !buffers.isEmpty else { return "nothing to close" }
    let path = workspace.pick(buffers.keys.sorted())
    buffers[path] = nil
    editor.close(scratch.uri(path))
    return "close \(path)"
  }

  private mutating func save() throws -> String {
    guard !buffers.isEmpty else { return "nothing to save" }
    let path = workspace.pick(buffers.keys.sorted())
    try workspace.writeFile(path, buffers[path])
    editor.notify("textDocument/didSave", ["textDocument": ["uri": .string(scratch.uri(path))]])
    if workspace.random(2) == 0 {
      buffers[path] = nil
      editor.close(scratch.uri(path))
      return "save and close \(path)"
    }
    return "save \(path)"
  }

  // MARK: The server

  private mutating func restart(killing: Bool) async throws -> String {
    if killing {
      editor.child.kill(SIGKILL)
      _ = await editor.child.ending()
    } else {
      _ = try await editor.shutDown()
    }
    // What happens while there is no server.
    var what: [String] = []
    for _ in 0..<workspace.random(3) { what.append(try await workspace.change()) }
    watches = workspace.random(3) == 0
    editor = try Editor(scratch)
    try await editor.initialize(folders: [scratch.uri()], watchesFiles: watches)
    if watches {
      _ = try await editor.eventually("a registration") {
        editor.messages.first { $0["method"] == "client/registerCapability" }
      }
      // The reply has been sent, but nothing says when it has arrived: what changed before is told later.
      try await editor.synchronize()
      seen = workspace.look()
    }
    for (path, text) in buffers { editor.open(scratch.uri(path), text) }
    return "\(killing ? "kill" : "end") and start\(watches ? " with a client that watches" : "") (\(what))"
  }

  private mutating func reopenFolder() async throws -> String {
    let folder: JSON = [["uri": .string(scratch.uri()), "name": "w"]]
    editor.notify("workspace/didChangeWorkspaceFolders", ["event": ["added": [], "removed": folder]])
    if workspace.random(2) == 0 { try await Task.sleep(for: .milliseconds(workspace.random(20))) }
    editor.notify("workspace/didChangeWorkspaceFolders", ["event": ["added": folder, "removed": []]])
    return "close and open the folder"
  }

  private mutating func tellOfChanges() {
    guard watches else { return }
    let now = workspace.look()
    let paths = ChangingWorkspace.differences(seen, now, topmost: workspace.random(2) == 0)
    seen = now
    if !paths.isEmpty { editor.filesChanged(paths.map { scratch.uri($0) }) }
  }

  // MARK: The comparison

  private mutating func isAsBuiltAnew() async throws -> Bool {
    let queries =
      ChangingWorkspace.commonWords + workspace.words.suffix(12)
      + (0..<12).map { _ in workspace.pick(workspace.words) }
    let kept = try await state(of: editor, queries)
    let cache = scratch.path + "/anew"
    try? FileManager.default.removeItem(atPath: cache)
    let anew = try Editor(scratch, environment: ["XDG_CACHE_HOME": cache])
    try await anew.initialize(folders: [scratch.uri()])
    for (path, text) in buffers { anew.open(scratch.uri(path), text) }
    let expected = try await state(of: anew, queries)
    anew.child.kill(SIGKILL)
    _ = await anew.child.ending()
    var isRight = true
    for (query, (kept, expected)) in zip(["status"] + queries, zip(kept, expected)) where kept != expected {
      isRight = false
      log.append(
        "\(query): missing \(expected.subtracting(kept).sorted().prefix(8)), "
          + "left \(kept.subtracting(expected).sorted().prefix(8))")
    }
    if !isRight {
      // Whether it was only late.
      try await Task.sleep(for: .milliseconds(500))
      let later = try await state(of: editor, queries)
      log.append(
        "watches: \(watches), later: \(later == expected), \(later[0]), open: "
          + buffers.sorted { $0.key < $1.key }.map { "\($0): \($1.prefix(60).debugDescription)" }.joined(
            separator: ", "))
    }
    return isRight
  }

  /// The numbers that the status gives, and what each query finds.
  private func state(of editor: Editor, _ queries: [String]) async throws -> [Set<String>] {
    try await editor.synchronize()
    var result: [Set<String>] = []
    let folder = try await editor.request("rag/status")["result"]?["folders"]?.items.first
    result.append([
      "state \(folder?["state"]?.text ?? "")", "files \(folder?["files"]?.int ?? -1)",
      "passages \(folder?["passages"]?.int ?? -1)",
    ])
    for query in queries {
      let found = try await editor.search(query, limit: 1000)
      result.append(Set(found.places.map { "\($0.path):\($0.firstLine)-\($0.lastLine)" }))
    }
    return result
  }
}

import Foundation
import Testing

/// What happens to the index when processes die, files rot, and several processes share it.
@Suite(.serialized) struct DurabilityTests {
  /// The passages of each query as sets: ranks may differ in ties.
  private func passages(_ scratch: Scratch, _ queries: [String], cache: String? = nil) async throws -> [Set<Place>] {
    var environment = scratch.environment
    if let cache { environment["XDG_CACHE_HOME"] = scratch.path + "/" + cache }
    return try await scratch.batch(queries, environment: environment).map { Set($0.places) }
  }

  /// Checks that searches give what an index gives that was built from nothing.
  private func expectAsBuiltAnew(_ scratch: Scratch, _ tree: GeneratedTree, _ name: String) async throws {
    let queries = GeneratedTree.queries + tree.words.values.sorted().prefix(20)
    let anew = try await passages(scratch, queries, cache: name)
    let kept = try await passages(scratch, queries)
    #expect(anew.contains { $0.count > 50 })
    for (query, (kept, anew)) in zip(queries, zip(kept, anew)) {
      #expect(kept == anew, "\(query): missing \(anew.subtracting(kept)), left \(kept.subtracting(anew))")
    }
  }

  /// Checks that every passage that is served stands in its file as it is now.
  private func expectTrue(_ scratch: Scratch, _ tree: inout GeneratedTree) async throws {
    for line in try await scratch.batch(GeneratedTree.queries) {
      for place in line.places { #expect(place.text(in: scratch.workspace) != nil, "\(place)") }
    }
    // A word of one version of one file tells whether that version is served.
    let paths = tree.words.keys.sorted().filter { _ in tree.random(below: 10) == 0 }
    let words = paths.compactMap { tree.words[$0] }
    let old = tree.oldWords.suffix(30)
    let found = try await scratch.batch(words + old, mode: "lexical")
    for (path, (word, line)) in zip(paths, zip(words, found)) {
      let texts = line.places.filter { $0.path == path }.map { $0.text(in: scratch.workspace) }
      #expect(line.places.allSatisfy { $0.path == path }, "\(word): \(line.places)")
      #expect(texts.contains { $0?.contains(word) == true }, "\(word) in \(path)")
    }
    for line in found.dropFirst(words.count) { #expect(line.places.isEmpty, "\(line)") }
  }

  @Test func anIndexSurvivesBeingKilled() async throws {
    let scratch = try Scratch()
    var tree = try GeneratedTree(scratch, files: 400, seed: 17)
    let clock = ContinuousClock()
    // How long a whole pass takes here: moments are chosen within it.
    let start = clock.now
    _ = try await scratch.cicerone("index")
    let whole = max(20, (clock.now - start) / .milliseconds(1))
    var killed = 0
    for round in 0..<50 {
      // From nothing, or from what the last round left.
      let child = try scratch.start(["index", "--workspace", scratch.workspace] + (round % 3 == 0 ? ["--rebuild"] : []))
      try await Task.sleep(for: .milliseconds(tree.random(below: Int(whole))))
      child.kill(SIGKILL)
      if await child.ending() == .signalled(SIGKILL) { killed += 1 }
      try tree.edit()
      if round % 5 == 4 { try await expectTrue(scratch, &tree) }
    }
    #expect(killed > 10)
    try await expectTrue(scratch, &tree)
    try await expectAsBuiltAnew(scratch, tree, "anew")
  }

  @Test func aServerSurvivesBeingKilled() async throws {
    let scratch = try Scratch()
    var tree = try GeneratedTree(scratch, files: 150, seed: 23)
    for _ in 0..<5 {
      let editor = try await Editor.open(scratch)
      editor.open(scratch.uri("buffer.swift"), "// bufferword is not saved\n")
      try tree.edit()
      try await Task.sleep(for: .milliseconds(tree.random(below: 300)))
      editor.child.kill(SIGKILL)
      #expect(await editor.child.ending() == .signalled(SIGKILL))
      #expect(try await scratch.batch(["bufferword"], mode: "lexical")[0].places.isEmpty)
      try await expectTrue(scratch, &tree)
    }
    try await expectAsBuiltAnew(scratch, tree, "anew")
  }

  @Test func aDamagedIndexIsBuiltAnew() async throws {
    let scratch = try Scratch()
    var tree = try GeneratedTree(scratch, files: 60, seed: 31)
    _ = try await scratch.cicerone("index")
    let files = try FileManager.default.subpathsOfDirectory(atPath: scratch.cache).filter { $0.hasSuffix(".db") }
    let database = scratch.cache + "/" + (try #require(files.first))
    let sound = try #require(FileManager.default.contents(atPath: database))
    let expected = try await passages(scratch, GeneratedTree.queries)
    var rebuilt = 0
    for round in 0..<40 {
      var bytes = Array(sound)
      switch round {
      case 0: bytes = []
      case 1: bytes = Array(bytes.prefix(bytes.count / 2))
      case 2: bytes = Array("This is no database.".utf8)
      case 3: for index in 0..<bytes.count { bytes[index] = UInt8(tree.random(below: 256)) }
      default:
        // One bit, or a few bytes near each other as a lost sector leaves them.
        let position = tree.random(below: bytes.count)
        if round % 2 == 0 {
          bytes[position] ^= UInt8(1 << tree.random(below: 8))
        } else {
          for index in position..<min(bytes.count, position + 512) { bytes[index] = UInt8(tree.random(below: 256)) }
        }
      }
      for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: database + suffix) }
      try Data(bytes).write(to: URL(fileURLWithPath: database))
      // Half of the time there is something to write too.
      if round % 2 == 1 { try scratch.write("module1/changing.py", "# Round \(round) has word\(round).\n") }
      let result = try await scratch.run(["index", "--json", "--workspace", scratch.workspace])
      #expect(result.ending == .exited(0), "round \(round): \(result.errors)")
      if let report = try? JSON(parsing: result.output), report["message"] != nil { rebuilt += 1 }
      if round % 2 == 1 {
        #expect(try await passages(scratch, ["word\(round)"])[0].contains { $0.path == "module1/changing.py" })
        try scratch.remove("module1/changing.py")
      }
      #expect(try await passages(scratch, GeneratedTree.queries) == expected, "round \(round)")
    }
    #expect(rebuilt > 5)
    try await expectTrue(scratch, &tree)
  }

  @Test func twoServersShareAnIndex() async throws {
    let scratch = try Scratch()
    try SampleWorkspace.write(to: scratch)
    let writer = try await Editor.open(scratch)
    try await writer.synchronize()
    let follower = try await Editor.open(scratch)
    try await follower.synchronize()
    let state = { (editor: Editor) in
      try await editor.request("rag/status")["result"]?["folders"]?.items.first?["state"]?.text
    }
    #expect(try await state(writer) == "ready")
    #expect(try await state(follower) == "following")
    // Each edits a file: before saving only it sees that, afterwards both do.
    for (number, (here, there)) in [(writer, follower), (follower, writer)].enumerated() {
      let (path, word) = ("src/shared\(number).py", "sharedword\("xy".dropFirst(number).prefix(1))")
      here.open(scratch.uri(path), "# \(word)\n")
      #expect(try await here.paths(word) == [path])
      #expect(try await there.paths(word) == [])
      try scratch.write(path, "# \(word)\n")
      here.notify("textDocument/didSave", ["textDocument": ["uri": .string(scratch.uri(path))]])
      try await there.becomes(word, [path])
      here.notify("textDocument/didClose", ["textDocument": ["uri": .string(scratch.uri(path))]])
      try await here.becomes(word, [path])
    }
    // A command reads beside them.
    #expect(try await scratch.batch(["crlfword"], mode: "lexical")[0].places.map(\.path) == ["windows/Registry.cs"])
    writer.child.kill(SIGKILL)
    #expect(await writer.child.ending() == .signalled(SIGKILL))
    try scratch.write("src/later.py", "# laterword, after the death of the writer\n")
    try await follower.becomes("laterword", ["src/later.py"])
    #expect(try await state(follower) == "ready")
    try scratch.remove("src/later.py")
    try await follower.becomes("laterword", [])
    #expect(try await follower.shutDown() == .exited(0))
  }

  @Test func commandsReadWhileAServerWrites() async throws {
    let scratch = try Scratch()
    var tree = try GeneratedTree(scratch, files: 150, seed: 41)
    let editor = try await Editor.open(scratch)
    // From the first moment on, when the server has not finished either.
    try await expectTrue(scratch, &tree)
    for _ in 0..<3 {
      try tree.edit()
      // The server may not have seen it yet: nothing false is served at any moment.
      for line in try await scratch.batch(GeneratedTree.queries + tree.oldWords.suffix(30)) {
        for place in line.places { #expect(place.text(in: scratch.workspace) != nil, "\(place)") }
      }
      let word = try #require(tree.words.max { $0.key < $1.key })
      try await editor.becomes(word.value, [word.key])
    }
    // When the server has seen everything, a command sees it too.
    _ = try await editor.eventually("all words") {
      for (path, word) in tree.words where try await editor.paths(word) != [path] { return Bool?.none }
      return true
    }
    try await expectTrue(scratch, &tree)
    #expect(try await editor.shutDown() == .exited(0))
    try await expectAsBuiltAnew(scratch, tree, "anew")
  }
}

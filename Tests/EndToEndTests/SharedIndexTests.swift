import Foundation
import Testing

/// Several processes on one index.
@Suite(.serialized) struct SharedIndexTests {
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
    try await follower.synchronize()
    #expect(try await state(follower) == "ready")
    try scratch.remove("src/later.py")
    try await follower.becomes("laterword", [])
    #expect(try await follower.shutDown() == .exited(0))
  }

  @Test func whatAWriterBeganIsFinishedByAnother() async throws {
    let scratch = try Scratch()
    var tree = try GeneratedTree(scratch, files: 300, seed: 53)
    for _ in 0..<4 {
      try FileManager.default.removeItem(atPath: scratch.cache)
      let writer = try Editor(scratch)
      let follower = try Editor(scratch)
      try await writer.initialize(folders: [scratch.uri()])
      try await follower.initialize(folders: [scratch.uri()])
      try await Task.sleep(for: .milliseconds(tree.random(below: 200)))
      writer.child.kill(SIGKILL)
      #expect(await writer.child.ending() == .signalled(SIGKILL))
      try tree.edit()
      for (path, word) in tree.words where tree.random(below: 20) == 0 { try await follower.becomes(word, [path]) }
      for word in tree.oldWords.suffix(10) { try await follower.becomes(word, []) }
      // A writer that had finished leaves a follower, which takes over a little later.
      _ = try await follower.eventually("a follower that took over") {
        let folder = try await follower.request("rag/status")["result"]?["folders"]?.items.first
        return folder?["state"] == "ready" ? true : nil
      }
      #expect(try await follower.shutDown() == .exited(0))
    }
    try await scratch.expectAsBuiltAnew(tree, "anew")
  }

  @Test func commandsReadWhileAServerWrites() async throws {
    let scratch = try Scratch()
    var tree = try GeneratedTree(scratch, files: 150, seed: 41)
    let editor = try await Editor.open(scratch)
    // From the first moment on, when the server has not finished either.
    try await scratch.expectTrue(&tree)
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
    for (path, word) in tree.words { try await editor.becomes(word, [path]) }
    try await scratch.expectTrue(&tree)
    #expect(try await editor.shutDown() == .exited(0))
    try await scratch.expectAsBuiltAnew(tree, "anew")
  }
}

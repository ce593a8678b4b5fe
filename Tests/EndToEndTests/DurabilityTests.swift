import Foundation
import Testing

/// What happens to the index when processes die and files rot.
@Suite(.serialized) struct DurabilityTests {
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
      let child = try scratch.start(
        ["index", "--workspace", scratch.workspace] + (round % 3 == 0 ? ["--rebuild"] : []))
      try await Task.sleep(for: .milliseconds(tree.random(below: Int(whole))))
      child.kill(SIGKILL)
      if await child.ending() == .signalled(SIGKILL) { killed += 1 }
      try tree.edit()
      if round % 5 == 4 { try await scratch.expectTrue(&tree) }
    }
    #expect(killed > 10)
    try await scratch.expectTrue(&tree)
    try await scratch.expectAsBuiltAnew(tree, "anew")
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
      try await scratch.expectTrue(&tree)
    }
    try await scratch.expectAsBuiltAnew(tree, "anew")
  }

  @Test func aDamagedIndexIsBuiltAnew() async throws {
    let scratch = try Scratch()
    var tree = try GeneratedTree(scratch, files: 60, seed: 31)
    _ = try await scratch.cicerone("index")
    let files = try FileManager.default.subpathsOfDirectory(atPath: scratch.cache).filter { $0.hasSuffix(".db") }
    let database = scratch.cache + "/" + (try #require(files.first))
    let sound = try #require(FileManager.default.contents(atPath: database))
    let expected = try await scratch.passages(GeneratedTree.queries)
    var rebuilt = 0
    for round in 0..<24 {
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
        #expect(try await scratch.passages(["word\(round)"])[0].contains { $0.path == "module1/changing.py" })
        try scratch.remove("module1/changing.py")
      }
      #expect(try await scratch.passages(GeneratedTree.queries) == expected, "round \(round)")
    }
    #expect(rebuilt > 5)
    try await scratch.expectTrue(&tree)
  }
}

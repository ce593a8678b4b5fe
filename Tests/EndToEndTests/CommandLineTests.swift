import Foundation
import Testing

/// The program as a shell sees it.
@Suite(.serialized) struct CommandLineTests {
  private func sample() throws -> Scratch {
    let scratch = try Scratch()
    try SampleWorkspace.write(to: scratch)
    return scratch
  }

  // MARK: ask

  @Test func answersAreMarkdownWithSources() async throws {
    let scratch = try sample()
    let result = try await scratch.cicerone(
      "ask", "--model", "extractive", "how", "does raiseApoapsis compute the burn?")
    #expect(result.ending == .exited(0))
    let parts = result.text.components(separatedBy: "\nSources:\n")
    try #require(parts.count == 2, "\(result.text)")
    #expect(parts[0].contains("```swift\n"))
    #expect(parts[0].contains("raiseApoapsis"))
    let sources = parts[1].split(separator: "\n")
    #expect(sources.first?.hasPrefix("[1] src/OrbitPlanner.swift:") == true)
    for (number, source) in sources.enumerated() {
      let match = try #require(
        String(source).firstMatch(of: /^\[(\d+)\] (.+?):(\d+)(?:-(\d+))?(?:  .+)?$/), "\(source)")
      #expect(match.1 == "\(number + 1)")
      #expect(parts[0].contains("[\(number + 1)]"))
      let lines = try lines(of: String(match.2), in: scratch)
      let first = try #require(Int(match.3))
      let last = try match.4.map { try #require(Int($0)) } ?? first
      #expect(1 <= first && first <= last && last <= lines.count, "\(source)")
    }
  }

  @Test func everyCitationStandsWhereItSays() async throws {
    let scratch = try sample()
    for question in [
      "how does raiseApoapsis compute the burn?", "what does the ledger do when a payment is settled?",
      "how is the antenna calibrated?", "which function prints the checksum of a punched card?",
      "where is the registry hive read?", "why does backoff use jitter?",
    ] {
      let result = try await scratch.cicerone("ask", "--json", "--model", "extractive", question)
      let answer = try JSON(parsing: result.output)
      #expect(answer["abstained"] == false, "\(question)")
      let citations = answer["citations"]?.items ?? []
      #expect(!citations.isEmpty, "\(question)")
      let places = citations.compactMap { Place($0) }
      #expect(places.count == citations.count)
      var cited = ""
      for (citation, place) in zip(citations, places) {
        let text = try #require(place.text(in: scratch.workspace), "\(citation)")
        #expect(citation["verified"] == true)
        #expect(citation["uri"]?.text == scratch.uri(place.path))
        cited += text + "\n"
      }
      // What stands in a block of code was quoted: it stands in one of the places that are cited.
      let normal = { (text: String) in text.replacingOccurrences(of: "\r", with: "") }
      for line in codeLines(answer["answer"]?.text ?? "") {
        #expect(normal(cited).contains(normal(line).trimmingCharacters(in: .whitespaces)), "\(question): \(line)")
      }
    }
  }

  @Test func theObjectIsThatOfTheProtocol() async throws {
    let scratch = try sample()
    let question = "how does raiseApoapsis compute the burn?"
    let result = try await scratch.cicerone("ask", "--json", "--model", "extractive", question)
    let printed = try JSON(parsing: result.output)
    let editor = try await Editor.open(scratch)
    try await editor.synchronize()
    let reply = try await editor.request("rag/ask", ["question": .string(question), "model": "extractive"])
    let answered = try #require(reply["result"])
    #expect(printed.keys == answered.keys)
    #expect(
      printed.keys.isSuperset(of: [
        "conversationId", "turnId", "answer", "citations", "abstained", "cost", "contextSize", "cached", "finishReason",
      ]))
    #expect(printed["answer"] == answered["answer"])
    #expect(printed["citations"] == answered["citations"])
    #expect(!printed.containsNull)
    #expect(printed["degraded"] == nil)
    #expect(try await editor.shutDown() == .exited(0))
  }

  @Test func theQuestionMayComeFromStandardInput() async throws {
    let scratch = try sample()
    let result = try await scratch.cicerone(
      "ask", "--model", "extractive", input: "what does the ledger do\nwhen a payment is settled?\n")
    #expect(result.ending == .exited(0))
    #expect(result.text.contains("lib/ledger.py:"))
  }

  @Test func whatTheWorkspaceDoesNotSayIsNotAnswered() async throws {
    let scratch = try sample()
    let result = try await scratch.cicerone("ask", "--json", "who won the football championship in Brazil in 1994?")
    #expect(result.ending == .exited(0))
    let answer = try JSON(parsing: result.output)
    #expect(answer["abstained"] == true)
    #expect(answer["finishReason"] == "noEvidence")
    #expect(answer["citations"] == [])
    #expect(!answer.containsNull)
    let printed = try await scratch.cicerone("ask", "who won the football championship in Brazil in 1994?")
    #expect(printed.text.hasPrefix("I found nothing in this workspace"))
    #expect(!printed.text.contains("Sources:"))
  }

  @Test func anUnknownModelIsNamed() async throws {
    let scratch = try sample()
    let result = try await scratch.cicerone("ask", "--model", "no-such-model-7b", "how does raiseApoapsis work?")
    #expect(result.ending == .exited(1))
    #expect(result.errors.contains("no-such-model-7b"))
    #expect(result.output.isEmpty)
  }

  // MARK: search

  @Test func searchPrintsPlaces() async throws {
    let scratch = try sample()
    let result = try await scratch.cicerone("search", "raiseApoapsis")
    #expect(result.ending == .exited(0))
    let first = try #require(result.text.split(separator: "\n").first)
    #expect(first.wholeMatch(of: /src\/OrbitPlanner\.swift:\d+-\d+  .*/) != nil, "\(first)")
    let json = try await scratch.cicerone("search", "--json", "raiseApoapsis", "--limit", "2")
    let value = try JSON(parsing: json.output)
    #expect(value.keys == ["passages", "tookMicroseconds"])
    #expect(value.places.count == (value["passages"]?.items.count ?? -1))
    #expect((1...2).contains(value.places.count))
    #expect(value.places.first?.text(in: scratch.workspace)?.contains("raiseApoapsis") == true)
    #expect(!value.containsNull)
  }

  @Test func aBatchAnswersEachLineInItsPlace() async throws {
    let scratch = try sample()
    let long = String(repeating: "verylongword ", count: 20_000)
    let queries = ["crlfword", "", "  \t ", "astralword", long, "\u{0}\u{1F680}", "settle", #"quotes " and \ and /"#]
    let lines = try await scratch.batch(queries, limit: 5)
    for (query, line) in zip(queries, lines) {
      #expect(line.keys == ["query", "passages", "tookMicroseconds"])
      #expect((line["tookMicroseconds"]?.int ?? -1) >= 0)
      if query.allSatisfy(\.isWhitespace) { #expect(line["passages"] == []) }
      for passage in line["passages"]?.items ?? [] {
        #expect(passage.keys.subtracting(["symbol"]) == ["path", "range", "language", "score"])
        #expect(try #require(Place(passage)).text(in: scratch.workspace) != nil, "\(passage)")
      }
    }
    #expect(lines[0].places.first?.path == "windows/Registry.cs")
    #expect(lines[0].places.first?.text(in: scratch.workspace)?.contains("crlfword") == true)
    #expect(lines[3].places.first?.text(in: scratch.workspace)?.contains("astralword") == true)
  }

  @Test func aBatchTakesWhatIsNoText() async throws {
    let scratch = try sample()
    let input = Array("settle \u{FEFF}".utf8) + [0xFF, 0xC0, 0x0A, 0x80, 0x0A] + Array("crlfword\r\nastralword".utf8)
    let result = try await scratch.run(["search", "--batch", "--workspace", scratch.workspace], input: input)
    #expect(result.ending == .exited(0))
    let lines = try result.jsonLines()
    try #require(lines.count == 4)
    #expect(lines[0]["query"]?.text?.hasPrefix("settle ") == true)
    #expect(lines[2].places.first?.path == "windows/Registry.cs")
    #expect(lines[3]["query"] == "astralword")
    let nothing = try await scratch.run(["search", "--batch", "--workspace", scratch.workspace])
    #expect(nothing.ending == .exited(0))
    #expect(nothing.output.isEmpty)
  }

  // MARK: index

  @Test func theIndexSaysWhatItLeftOut() async throws {
    let scratch = try sample()
    let result = try await scratch.run(["index", scratch.workspace, "--json"])
    #expect(result.ending == .exited(0))
    let report = try JSON(parsing: result.output)
    #expect(report["workspace"]?.text == scratch.workspace)
    #expect(report["files"]?.int == SampleWorkspace.indexed.count)
    #expect((report["passages"]?.int ?? 0) >= SampleWorkspace.indexed.count)
    let skipped = try #require(report["skipped"])
    for reason in ["tooLarge", "empty", "binary", "secretFile", "symlink"] {
      #expect(skipped[reason] == 1, "\(reason): \(skipped)")
    }
    #expect((skipped["ignored"]?.int ?? 0) >= 2)
    #expect(report["message"] == nil)
    let plain = try await scratch.run(["index", scratch.workspace])
    #expect(plain.text.hasPrefix("\(SampleWorkspace.indexed.count) files, "))
    #expect(plain.text.contains("1 tooLarge"))
    let rebuilt = try JSON(parsing: try await scratch.run(["index", "--rebuild", "--json", scratch.workspace]).output)
    for key in ["files", "passages", "skipped"] { #expect(rebuilt[key] == report[key]) }
  }

  @Test func secretsAndIgnoredFilesAreNowhere() async throws {
    let scratch = try sample()
    var outputs = ""
    for arguments in [
      ["index"], ["index", "--json"], ["search", "DATABASE_PASSWORD"], ["search", "--json", SampleWorkspace.secret],
      ["ask", "what is the DATABASE_PASSWORD?"], ["ask", "--json", "what does .env contain?"],
      ["search", "ignoredbuildword"], ["search", "ignoredlogword"], ["search", "hugefileword"],
    ] {
      let result = try await scratch.run(arguments + ["--workspace", scratch.workspace])
      #expect(result.ending == .exited(0))
      outputs += result.text + result.errors
    }
    let asked = SampleWorkspace.secret
    // A search result does not repeat its query.
    #expect(!outputs.contains(asked))
    for path in [".env:", "build/generated.swift", "debug.log", "huge.txt"] { #expect(!outputs.contains(path)) }
    var files = 0
    let cache = try #require(FileManager.default.enumerator(atPath: scratch.path))
    for case let path as String in cache where !path.hasPrefix("workspace") {
      guard let data = FileManager.default.contents(atPath: "\(scratch.path)/\(path)") else { continue }
      files += 1
      for word in [SampleWorkspace.secret, "ignoredbuildword", "hugefileword"] {
        #expect(data.range(of: Data(word.utf8)) == nil, "\(path)")
      }
    }
    #expect(files > 0)
  }

  @Test func theRepositoryAroundTheCurrentFolderIsTheWorkspace() async throws {
    let scratch = try sample()
    let there = { (folder: String) in ["/bin/sh", "-c", "cd \"$0\" && exec \"$@\"", folder] }
    let inside = try await scratch.run(["search", "crlfword"], prefix: there(scratch.workspace + "/lib"))
    #expect(inside.text.hasPrefix("windows/Registry.cs:"))
    let relative = try await scratch.run(
      ["search", "crlfword", "--workspace", "../windows"], prefix: there(scratch.workspace + "/lib"))
    #expect(relative.text.hasPrefix("Registry.cs:"))
  }

  // MARK: Mistakes

  @Test func wrongUsageEndsWithTwo() async throws {
    let scratch = try sample()
    for (arguments, hint) in [
      (["ask", "x", "--workspace", "/no/such/folder"], "/no/such/folder"),
      (["search", "x", "--workspace", scratch.workspace + "/empty.py"], "empty.py"),
      (["index", "/no/such/folder"], "/no/such/folder"), (["index", ""], "empty"),
      (["search", "x", "--workspace", ""], "empty"), (["ask", "--frobnicate", "x"], "--frobnicate"),
      (["frobnicate"], "frobnicate"), (["ask", "  "], "empty"), (["ask"], "empty"), (["search", ""], "empty"),
      (["search"], "empty"), (["search", "x", "--limit", "0"], "limit"), (["search", "x", "--limit", "many"], "many"),
      (["search", "x", "--mode", "psychic"], "psychic"), (["ask", "x", "--token-budget", "-1"], "oken"),
    ] {
      var arguments = arguments
      if !arguments.contains("--workspace"), arguments[0] != "frobnicate", arguments[0] != "index" {
        arguments += ["--workspace", scratch.workspace]
      }
      let result = try await scratch.run(arguments)
      #expect(result.ending == .exited(2), "\(arguments): \(result.errors)")
      #expect(result.errors.contains(hint), "\(arguments): \(result.errors)")
      #expect(result.output.isEmpty, "\(arguments)")
    }
  }

  @Test func withoutAHomeThereIsAnExplanation() async throws {
    let scratch = try sample()
    let result = try await scratch.run(
      ["search", "x", "--workspace", scratch.workspace], environment: ["PATH": "/usr/bin:/bin"])
    #expect(result.ending == .exited(1))
    #expect(result.errors.contains("HOME"))
    // A relative folder is none, as the XDG specification says.
    let relative = try await scratch.run(
      ["search", "x", "--workspace", scratch.workspace], environment: ["XDG_CACHE_HOME": "cache"])
    #expect(relative.ending == .exited(1))
  }

  @Test func aCacheThatCannotBeWrittenIsExplained() async throws {
    let scratch = try sample()
    var environment = scratch.environment
    // A file is in the way.
    environment["XDG_CACHE_HOME"] = scratch.workspace + "/empty.py"
    let blocked = try await scratch.run(["search", "x", "--workspace", scratch.workspace], environment: environment)
    #expect(blocked.ending == .exited(1))
    #expect(blocked.errors.contains(scratch.workspace + "/empty.py"))
    // The folder is read-only. The superuser may write anywhere, so it becomes somebody else.
    let prefix = getuid() == 0 ? ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : []
    guard prefix.isEmpty || FileManager.default.isExecutableFile(atPath: prefix[0]) else { return }
    let folder = scratch.path + "/read-only"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    chmod(folder, 0o555)
    environment["XDG_CACHE_HOME"] = folder
    let denied = try await scratch.run(
      ["search", "x", "--workspace", scratch.workspace], environment: environment, prefix: prefix)
    #expect(denied.ending == .exited(1))
    #expect(denied.errors.contains(folder))
    #expect(denied.output.isEmpty)
  }

  // MARK: Signals and pipes

  @Test func anInterruptEndsIndexing() async throws {
    let scratch = try Scratch()
    _ = try GeneratedTree(scratch, files: 2_500, seed: 11)
    let child = try scratch.start(["index", "--workspace", scratch.workspace])
    // The database appears when indexing begins.
    while !child.hasEnded, try FileManager.default.subpathsOfDirectory(atPath: scratch.cache).count < 4 {
      try await Task.sleep(for: .milliseconds(1))
    }
    child.kill(SIGINT)
    #expect(await child.ending() == .exited(130))
    #expect(child.output.isEmpty)
    #expect(child.errors.contains("interrupted") || child.errors.isEmpty)
    // The index is whole, and goes on from there.
    let after = try await scratch.run(["index", "--json", "--workspace", scratch.workspace])
    #expect(try JSON(parsing: after.output)["files"] == 2_500)
  }

  @Test func anInterruptEndsWaitingForInput() async throws {
    let scratch = try sample()
    let child = try scratch.start(["search", "--batch", "--workspace", scratch.workspace])
    child.send(Array("settle\n".utf8))
    while !child.hasEnded, child.output.isEmpty { try await Task.sleep(for: .milliseconds(1)) }
    child.kill(SIGINT)
    #expect(await child.ending() == .exited(130))
  }

  @Test func outputThatNobodyReadsIsNoCrash() async throws {
    let scratch = try sample()
    let queries = Array(String(repeating: "settle\n", count: 200).utf8)
    for arguments in [
      ["search", "--batch"], ["search", "antenna"], ["ask", "--json", "how is the antenna calibrated?"],
    ] {
      let result = try await scratch.run(
        arguments + ["--workspace", scratch.workspace], input: queries, readsOutput: false)
      guard case .exited = result.ending else {
        Issue.record("\(arguments): \(result.ending)")
        continue
      }
    }
  }

  // MARK: Reading

  private func lines(of path: String, in scratch: Scratch) throws -> [String] {
    let bytes = Array(try #require(FileManager.default.contents(atPath: "\(scratch.workspace)/\(path)")))
    return Place.lines(bytes).map { String(decoding: bytes[$0], as: UTF8.self) }
  }

  /// The lines of the blocks of code in a Markdown text, without the marks of what was left out.
  private func codeLines(_ markdown: String) -> [String] {
    var isCode = false
    var result: [String] = []
    for line in markdown.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        isCode.toggle()
      } else if isCode, !line.contains("…"), !line.allSatisfy(\.isWhitespace) {
        result.append(String(line))
      }
    }
    return result
  }
}

import Foundation
import Testing

/// `cicerone serve` as an editor sees it.
@Suite(.serialized) struct ServerTests {
  private func sample() throws -> Scratch {
    let scratch = try Scratch()
    try SampleWorkspace.write(to: scratch)
    return scratch
  }

  // MARK: Life

  @Test func indexingIsShownWithProgress() async throws {
    let scratch = try Scratch()
    _ = try GeneratedTree(scratch, files: 300, seed: 5)
    let editor = try await Editor.open(scratch)
    let create = try await editor.eventually("a token") {
      editor.messages.first { $0["method"] == "window/workDoneProgress/create" }
    }
    let token = try #require(create["params"]?["token"])
    let values = { editor.messages.filter { $0["params"]?["token"] == token }.compactMap { $0["params"]?["value"] } }
    _ = try await editor.eventually("the end of the progress") { values().last?["kind"] == "end" ? true : nil }
    try await editor.synchronize()
    let kinds = values().compactMap { $0["kind"]?.text }
    #expect(kinds.first == "begin")
    #expect(kinds.last == "end")
    #expect(kinds.dropFirst().dropLast().allSatisfy { $0 == "report" })
    let percentages = values().compactMap { $0["percentage"]?.int }
    #expect(percentages == percentages.sorted())
    #expect(percentages.allSatisfy { (0...100).contains($0) })
    let status = try await editor.request("rag/status")["result"]
    #expect(status?["quiescent"] == true)
    #expect(status?["folders"]?.items.first?["files"] == 300)
    #expect(status?["folders"]?.items.first?["state"] == "ready")
    #expect(try await editor.shutDown() == .exited(0))
  }

  @Test func theEndHasItsCode() async throws {
    let scratch = try sample()
    let polite = try await Editor.open(scratch)
    #expect(try await polite.request("shutdown", nil)["result"] == .null)
    #expect(try await polite.request("rag/status")["error"]?["code"] == -32600)
    polite.notify("exit", nil)
    #expect(await polite.child.ending() == .exited(0))
    let abrupt = try await Editor.open(scratch)
    abrupt.notify("exit", nil)
    #expect(await abrupt.child.ending() == .exited(1))
    let gone = try await Editor.open(scratch)
    gone.child.closeInput()
    #expect(await gone.child.ending() == .exited(1))
    let shutDown = try await Editor.open(scratch)
    try await shutDown.request("shutdown", nil)
    shutDown.child.closeInput()
    #expect(await shutDown.child.ending() == .exited(0))
    // Nothing was said: the input ends before `initialize`, and in the middle of a frame.
    let silent = try Editor(scratch)
    silent.child.closeInput()
    #expect(await silent.child.ending() == .exited(1))
    let interrupted = try Editor(scratch)
    interrupted.child.send(Array("Content-Length: 500\r\n\r\n{\"jsonrpc\"".utf8))
    interrupted.child.closeInput()
    #expect(await interrupted.child.ending() == .exited(1))
  }

  @Test func theServerEndsWithItsParent() async throws {
    let scratch = try sample()
    let parent = try Child(["/bin/sh", "-c", "read line"], environment: scratch.environment)
    let editor = try Editor(scratch)
    try await editor.initialize(folders: [scratch.uri()], processID: Int(parent.processID))
    try await editor.synchronize()
    #expect(!editor.child.hasEnded)
    parent.kill(SIGKILL)
    #expect(await parent.ending() == .signalled(SIGKILL))
    // The input stays open: the death alone ends the server.
    #expect(await editor.child.ending() == .exited(1))
  }

  @Test func afterBrokenFramesGoodOnesAreAnswered() async throws {
    let scratch = try sample()
    let editor = try Editor(scratch)
    #expect(try await editor.request("rag/status")["error"]?["code"] == -32002)
    try await editor.initialize(folders: [scratch.uri()])
    try await editor.synchronize()
    for (bytes, code) in [
      ("this is no header\r\n\r\n", -32700), ("Content-Length: twelve\r\n\r\n", -32700),
      (String(decoding: Editor.frame(Array("{\"jsonrpc\":".utf8)), as: UTF8.self), -32700),
      (String(decoding: Editor.frame(Array("[1,2]".utf8)), as: UTF8.self), -32600),
    ] {
      let before = editor.messages.filter { $0["error"] != nil || !$0.items.isEmpty }.count
      editor.child.send(Array(bytes.utf8))
      #expect(try await editor.search("crlfword").places.map(\.path) == ["windows/Registry.cs"])
      let answers = editor.messages.filter { $0["error"] != nil || !$0.items.isEmpty }.dropFirst(before)
      let codes = answers.flatMap { [$0] + $0.items }.compactMap { $0["error"]?["code"]?.int }
      #expect(codes.contains(code), "\(bytes)")
    }
    #expect(try await editor.request("rag/nothing")["error"]?["code"] == -32601)
    #expect(try await editor.request("rag/search", ["limit": 3])["error"]?["code"] == -32602)
    #expect(try await editor.shutDown() == .exited(0))
  }

  @Test func cancelledRequestsAreAnsweredOnce() async throws {
    let scratch = try Scratch()
    _ = try GeneratedTree(scratch, files: 300, seed: 6)
    let editor = try await Editor.open(scratch)
    // `rag/synchronize` waits for the indexing that has just begun, so there is something to cancel.
    for number in 0..<20 {
      editor.start("rag/synchronize", [:], id: .string("wait\(number)"))
      editor.start("rag/ask", ["question": "how is the rotation of the antenna computed?"], id: .string("ask\(number)"))
      editor.notify("$/cancelRequest", ["id": .string("wait\(number)")])
      editor.notify("$/cancelRequest", ["id": .string("ask\(number)")])
    }
    editor.notify("$/cancelRequest", ["id": "never sent"])
    try await editor.synchronize()
    var cancelled = 0
    for number in 0..<20 {
      for name in ["wait\(number)", "ask\(number)"] {
        let reply = try await editor.reply(.string(name))
        if reply["error"] != nil {
          #expect(reply["error"]?["code"] == -32800)
          #expect(reply["result"] == nil)
          cancelled += 1
        }
      }
    }
    #expect(cancelled > 0)
    try await editor.synchronize()
    let ids = editor.messages.compactMap { $0["method"] == nil ? $0["id"] : nil }
    #expect(Set(ids).count == ids.count)
    #expect(try await editor.shutDown() == .exited(0))
  }

  // MARK: Questions

  @Test func answersStreamInOrder() async throws {
    let scratch = try sample()
    let editor = try await Editor.open(scratch)
    try await editor.synchronize()
    for (number, question) in [
      "how does raiseApoapsis compute the burn?", "what does the ledger settle?", "who won the championship in 1994?",
    ].enumerated() {
      let token = JSON.string("partial \(number)")
      let reply = try await editor.request(
        "rag/ask",
        ["question": .string(question), "model": "extractive", "partialResultToken": token, "workDoneToken": 7])
      let result = try #require(reply["result"])
      // What is sent after a reply would be there when the next request has been answered.
      try await editor.request("rag/status")
      let messages = editor.messages
      let end = try #require(messages.firstIndex(of: reply))
      #expect(!messages[end...].contains { $0["params"]?["token"] == token || $0["params"]?["token"] == 7 })
      let deltas = messages[..<end].filter { $0["params"]?["token"] == token }.compactMap { $0["params"]?["value"] }
      var known: Set<Int> = []
      var text = ""
      for delta in deltas {
        #expect(delta["kind"] == nil)
        #expect(!delta.containsNull)
        known.formUnion((delta["citations"]?.items ?? []).compactMap { $0["id"]?.int })
        text += delta["text"]?.text ?? ""
        // Array subscripts in code are no citations; there are none in these files.
        for match in text.matches(of: /\[(\d+)\]/) { #expect(known.contains(Int(match.1) ?? -1), "\(question)") }
      }
      #expect(text == result["answer"]?.text)
      #expect(known == Set((result["citations"]?.items ?? []).compactMap { $0["id"]?.int }))
      let work = messages[..<end].filter { $0["params"]?["token"] == 7 }.compactMap {
        $0["params"]?["value"]?["kind"]?.text
      }
      #expect(work.filter { $0 == "begin" }.count == number + 1)
      #expect(work.filter { $0 == "end" }.count == number + 1)
    }
    #expect(try await editor.shutDown() == .exited(0))
  }

  @Test(arguments: [["utf-8", "utf-16"], ["utf-16"], ["utf-32", "utf-16"], ["utf-32", "utf-8", "utf-16"]])
  func rangesAreInTheSettledEncoding(offered: [String]) async throws {
    let scratch = try Scratch()
    // One line is the whole passage, so that its end lies behind characters of one to four bytes.
    let line = "const greeting = \"🚀 é 名前 𝒳 astralword\""
    try scratch.write("short.js", line)
    try scratch.write("crlf.js", "// 𝒳 one\r\nconst crlfword = \"𝒳𝒴é\"\r\n")
    let editor = try Editor(scratch)
    let reply = try await editor.initialize(folders: [scratch.uri()], encodings: offered)
    let encoding = try #require(reply["result"]?["capabilities"]?["positionEncoding"]?.text)
    #expect(encoding == (offered.contains("utf-8") ? "utf-8" : "utf-16"))
    try await editor.synchronize()
    let found = try await editor.search("astralword", text: true)
    let place = try #require(found.places.first)
    #expect((place.firstLine, place.firstCharacter, place.lastLine) == (0, 0, 0))
    #expect(place.lastCharacter == (encoding == "utf-8" ? line.utf8.count : line.utf16.count))
    #expect(found["passages"]?.items.first?["text"]?.text == line)
    let windows = try #require(try await editor.search("crlfword").places.first)
    #expect(windows.text(in: scratch.workspace, encoding: encoding)?.hasSuffix("const crlfword = \"𝒳𝒴é\"") == true)
    // A change in the settled encoding: the word behind the astral characters is replaced.
    editor.open(scratch.uri("short.js"), line)
    let before = try #require(line.range(of: "astralword"))
    let count = { (text: Substring) in encoding == "utf-8" ? text.utf8.count : text.utf16.count }
    editor.notify(
      "textDocument/didChange",
      [
        "textDocument": ["uri": .string(scratch.uri("short.js")), "version": 2],
        "contentChanges": [
          [
            "range": [
              "start": ["line": 0, "character": .integer(count(line[..<before.lowerBound]))],
              "end": ["line": 0, "character": .integer(count(line[..<before.upperBound]))],
            ], "text": "🛰 replacedword",
          ]
        ],
      ])
    let changed = try await editor.search("replacedword", text: true)
    let expected = "const greeting = \"🚀 é 名前 𝒳 🛰 replacedword\""
    #expect(changed["passages"]?.items.first?["text"]?.text == expected)
    #expect(changed.places.first?.text(of: Array(expected.utf8), encoding: encoding) == expected)
    #expect(try await editor.search("astralword").places.isEmpty)
    #expect(try await editor.shutDown() == .exited(0))
  }

  // MARK: Documents and files

  @Test func whatIsTypedIsFoundAtOnce() async throws {
    let scratch = try sample()
    let editor = try await Editor.open(scratch)
    try await editor.synchronize()
    let uri = scratch.uri("src/OrbitPlanner.swift")
    let text = try #require(SampleWorkspace.files["src/OrbitPlanner.swift"])
    editor.open(uri, text)
    let line = try #require(text.components(separatedBy: "\n").firstIndex { $0.contains("nextLaunchWindow") })
    editor.notify(
      "textDocument/didChange",
      [
        "textDocument": ["uri": .string(uri), "version": 2],
        "contentChanges": [
          [
            "range": [
              "start": ["line": .integer(line), "character": 0], "end": ["line": .integer(line + 2), "character": 3],
            ], "text": "  func typedword() {}\n",
          ]
        ],
      ])
    let found = try await editor.search("typedword", text: true)
    #expect(found.places.map(\.path) == ["src/OrbitPlanner.swift"])
    #expect(found["passages"]?.items.first?["text"]?.text?.contains("func typedword()") == true)
    // By words other passages are found too, which say "next" or "window": none says this.
    #expect(try await !editor.says("nextLaunchWindow"))
    // A new document, which is no file yet.
    editor.open(scratch.uri("src/Unsaved.swift"), "/// Says unsavedword.\nfunc unsaved() {}\n")
    #expect(try await editor.paths("unsavedword") == ["src/Unsaved.swift"])
    // Closing without saving: the files count again.
    for uri in [uri, scratch.uri("src/Unsaved.swift")] {
      editor.notify("textDocument/didClose", ["textDocument": ["uri": .string(uri)]])
    }
    #expect(try await editor.paths("typedword") == [])
    #expect(try await editor.paths("unsavedword") == [])
    #expect(try await editor.says("nextLaunchWindow"))
    #expect(try await editor.shutDown() == .exited(0))
  }

  @Test func changesOnDiskAreSeenWithoutAWord() async throws {
    let scratch = try sample()
    let editor = try await Editor.open(scratch)
    try await editor.synchronize()
    try scratch.write("lib/ledger.py", "# Now it says diskword.\ndef diskfunction():\n    pass\n")
    try await editor.becomes("diskword", ["lib/ledger.py"])
    #expect(try await editor.paths("settled") == [])
    try scratch.write("deep/new/folder/fresh.py", "# A file with freshword.\n")
    try await editor.becomes("freshword", ["deep/new/folder/fresh.py"])
    try scratch.write("deep/new/folder/second.py", "# Another file with freshword.\n")
    try await editor.becomes("freshword", ["deep/new/folder/fresh.py", "deep/new/folder/second.py"])
    try scratch.remove("deep/new/folder/fresh.py")
    try await editor.becomes("freshword", ["deep/new/folder/second.py"])
    try scratch.remove("deep")
    try await editor.becomes("freshword", [])
    // What becomes ignored disappears, and what no longer is appears.
    try scratch.write(".gitignore", "lib/\n")
    try await editor.becomes("diskword", [])
    try await editor.becomes("ignoredbuildword", ["build/generated.swift"])
    #expect(try await editor.shutDown() == .exited(0))
  }

  @Test func foldersComeAndGo() async throws {
    let scratch = try sample()
    let other = try Scratch()
    try other.write("other.py", "# A file with otherword.\n")
    let editor = try await Editor.open(scratch, folders: [])
    #expect(try await editor.request("rag/search", ["query": "otherword"])["error"]?["data"]?["kind"] == "noWorkspace")
    let change = { (added: [String], removed: [String]) in
      let folders = { (uris: [String]) in JSON.array(uris.map { ["uri": .string($0), "name": "f"] }) }
      editor.notify(
        "workspace/didChangeWorkspaceFolders", ["event": ["added": folders(added), "removed": folders(removed)]])
    }
    change([scratch.uri(), other.uri()], [])
    try await editor.synchronize()
    #expect(try await editor.paths("otherword") == ["other.py"])
    #expect(try await editor.paths("crlfword") == ["windows/Registry.cs"])
    change([], [other.uri()])
    try await editor.synchronize()
    #expect(try await editor.paths("otherword") == [])
    #expect(try await editor.paths("crlfword") == ["windows/Registry.cs"])
    change([other.uri()], [scratch.uri()])
    try await editor.synchronize()
    #expect(try await editor.paths("otherword") == ["other.py"])
    #expect(try await editor.paths("crlfword") == [])
    #expect(try await editor.request("rag/status")["result"]?["folders"]?.items.count == 1)
    #expect(try await editor.shutDown() == .exited(0))
  }
}

import Foundation
import Testing

/// What reaches the terminal of whoever looks into a workspace that someone else wrote.
@Suite(.serialized) struct TerminalTests {
  @Test func namesAndTextsCannotCommandTheTerminal() async throws {
    let scratch = try Scratch()
    try scratch.write("new\nline\u{1B}[2J.py", "def linebreakword():\n    return 1\n")
    try scratch.write(
      "escape.py", "def escapeword():\n    '''Clears \u{1B}[2J the \u{9B}31m screen.'''\r\n    return 2\r\n")
    let found = try await scratch.cicerone("search", "linebreakword", "--limit", "1")
    #expect(found.text == "new\\nline\\x1b[2J.py:1-2  linebreakword\n")
    for question in ["what does escapeword do?", "what does linebreakword return?"] {
      let answer = try await scratch.cicerone("ask", "--model", "extractive", question)
      #expect(answer.text.contains("Sources:"))
      let controls = answer.text.unicodeScalars.filter {
        $0 != "\n" && ($0.value < 0x20 || (0x7F...0x9F).contains($0.value))
      }
      #expect(controls.isEmpty, "\(question): \(answer.text)")
    }
    // Programs get what stands there.
    let json = try JSON(parsing: try await scratch.cicerone("search", "--json", "linebreakword", "--limit", "1").output)
    #expect(json["passages"]?.items.first?["path"] == "new\nline\u{1B}[2J.py")
  }

  @Test func nothingToLookIntoIsSaid() async throws {
    let scratch = try Scratch()
    let empty = try await scratch.cicerone("search", "anything")
    #expect(empty.ending == .exited(0) && empty.output.isEmpty)
    #expect(empty.errors == "Nothing found: no file is indexed.\n")
    try scratch.write(".env", "TOKEN=abcdefghijkl\n")
    let secret = try await scratch.cicerone("search", "anything")
    #expect(secret.errors == "Nothing found: no file is indexed. Left out: 1 secretFile\n")
    let answer = try await scratch.cicerone("ask", "--model", "extractive", "what is it?")
    #expect(answer.errors.contains("No file of the workspace is indexed."))
    try scratch.write("a.py", "x = 1\n")
    #expect(try await scratch.cicerone("search", "!!!").errors == "Nothing found.\n")
  }
}

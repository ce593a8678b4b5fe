import Chunking
import Testing

/// Inputs made to exhaust a stack, a memory or a patience. That these end at all is the test.
@Suite struct HostileInputTests {
  private func passages(_ text: [UInt8], _ id: String) throws -> Int {
    let language = try #require(Language(id: id))
    return Chunker().chunk(text, language: language).passages.count
  }

  @Test(arguments: Language.all.map(\.id))
  func deepNesting(id: String) throws {
    for opener in [
      "{", "(", "[", "class A {\n", "def f\n", "function f()\n", "do\n", "\"${", "`${", "if x then\n", "/*", "{-",
    ] {
      let bytes = Array(String(repeating: opener, count: 10_000).utf8)
      #expect(try passages(bytes, id) >= 1)
    }
  }

  @Test(arguments: Language.all.map(\.id))
  func closersWithoutOpeners(id: String) throws {
    for closer in ["}", ")", "]", "end\n", "*/", "\"", "EOF\n", "#endif\n", "#else\n", "@end\n", "endfunction\n"] {
      #expect(try passages(Array(String(repeating: closer, count: 10_000).utf8), id) >= 1)
    }
  }

  @Test(arguments: Language.all.map(\.id))
  func repeatedLookAhead(id: String) throws {
    for piece in [
      "<<A ", "<<~A\n", "/a", "r#\"", "R\"(", "%w(", "'\\", "$$", "{|", "~s(", "s{", "[==[", "<", "a<b(", "f(a", "=\n",
    ] {
      #expect(try passages(Array(String(repeating: piece, count: 10_000).utf8), id) >= 1)
    }
  }

  @Test(arguments: ["swift", "javascript", "json", "python", "ruby", "markdown", "plaintext", "c"])
  func oneHugeLine(id: String) throws {
    let bytes = Array(String(repeating: "{\"a\": [1, 2, f(x) => { y }]},", count: 100_000).utf8)
    #expect(try passages(bytes, id) == 1)
  }

  @Test(arguments: Language.all.map(\.id))
  func emptyAndBlank(id: String) throws {
    #expect(try passages([], id) == 0)
    #expect(try passages(Array("\n \r\n\t\r\n".utf8), id) == 0)
    #expect(try passages([0], id) == 1)
  }
}

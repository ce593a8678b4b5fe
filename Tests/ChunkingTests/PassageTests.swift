import Chunking
import Testing

@Suite struct PassageTests {
  private func chunk(_ text: String, _ id: String, target: Int = 120, limit: Int = 240) throws -> ChunkedFile {
    let language = try #require(Language(id: id))
    return Chunker(targetCharacters: target, maxCharacters: limit).chunk(Array(text.utf8), language: language)
  }

  private func method(_ name: String, lines: Int) -> String {
    "  func \(name)() {\n" + String(repeating: "    call(\"something\")\n", count: lines) + "  }\n"
  }

  @Test func documentationStaysWithWhatItDocuments() throws {
    let text = "import A\n\n/// Doc.\n@available(x)\nfunc f() {\n  1\n}\n"
    let file = try chunk(text, "swift")
    let declaration = try #require(file.declarations.first)
    #expect(declaration.lines == 2..<7)
    #expect(declaration.startLine == 4)
    #expect(declaration.docRange == 10..<18)
    #expect(file.imports == ["A"])
  }

  @Test func rangesOfADeclaration() throws {
    let text = "struct A {\n  func go(x: Int) -> Int { x }\n}\n"
    let bytes = Array(text.utf8)
    let go = try #require(try chunk(text, "swift").declarations.last)
    #expect(String(decoding: bytes[go.nameRange], as: UTF8.self) == "go")
    #expect(String(decoding: bytes[go.signatureRange], as: UTF8.self) == "func go(x: Int) -> Int")
    let body = try #require(go.bodyRange)
    #expect(String(decoding: bytes[body], as: UTF8.self) == "{ x }")
    #expect(go.symbolPath == "A.go")
    #expect(go.depth == 1)
    #expect(go.kind == .method)
  }

  @Test func pythonDocstringIsTheDoc() throws {
    let text = "def f():\n    \"\"\"Doc.\"\"\"\n    return 1\n"
    let f = try #require(try chunk(text, "python").declarations.first)
    let doc = try #require(f.docRange)
    #expect(String(decoding: Array(text.utf8)[doc], as: UTF8.self) == "\"\"\"Doc.\"\"\"")
  }

  @Test func aDeclarationThatFitsIsNeverSplit() throws {
    let text = "class A {\n" + (1...6).map { method("m\($0)", lines: $0 * 2) }.joined(separator: "\n") + "}\n"
    let file = try chunk(text, "swift")
    let sizes = text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.utf8.count + 1 }
    var checked = 0
    for declaration in file.declarations where sizes[declaration.lines].reduce(0, +) <= 240 {
      let cuts = file.passages.map(\.lines.lowerBound).filter {
        $0 > declaration.lines.lowerBound && $0 < declaration.lines.upperBound
      }
      #expect(cuts.isEmpty, "\(declaration.name)")
      checked += 1
    }
    #expect(checked > 2)
  }

  @Test func aLargeTypeKeepsItsHeadWithItsFields() throws {
    let text =
      "class A {\n  let a = 1\n  let b = 2\n\n" + method("one", lines: 8) + "\n" + method("two", lines: 8) + "}\n"
    let passages = try chunk(text, "swift").passages
    #expect(passages.map(\.symbol) == ["A", "A.one", "A.two"])
    #expect(passages.first?.names == ["A", "a", "b"])
    #expect(passages.first?.header == "")
    #expect(passages.last?.header == "class A")
    #expect(passages.last?.kind == .method)
    // The closing brace goes with what is above it.
    #expect(passages.last?.lines.upperBound == 26)
  }

  @Test func whatStandsInAValueIsPartOfItsVariable() throws {
    let text = "const map = new class extends Base {\n  get(key) {\n    return 1;\n  }\n};\n"
    let file = try chunk(text, "javascript")
    #expect(file.declarations.map(\.symbolPath) == ["map", "map.get"])
    #expect(file.passages.map(\.lines) == [0..<5])
  }

  @Test func bracesOfAReturnTypeDeclareNothing() throws {
    let text = "function f(a: A): { mark: B; clear: () => void } {\n  g();\n}\n"
    #expect(try chunk(text, "typescript").declarations.map(\.name) == ["f"])
  }

  @Test func smallSiblingsGather() throws {
    let text = (1...10).map { "let value\($0) = \($0)\n" }.joined()
    let passages = try chunk(text, "swift").passages
    #expect(passages.count == 2)
    #expect(passages.flatMap(\.names).count == 10)
  }

  @Test func longBodiesAreCutWhereLittleIsNested() throws {
    let block = "  if x {\n    call()\n    call()\n    call()\n  }\n\n"
    let text = "func f() {\n" + String(repeating: block, count: 12) + "}\n"
    let passages = try chunk(text, "swift").passages
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(passages.count > 3)
    for passage in passages.dropFirst() {
      #expect(lines[passage.lines.lowerBound] == "  if x {")
      #expect(passage.header == "func f()")
      #expect(passage.symbol == "f")
    }
  }

  @Test func paragraphsOfPlainText() throws {
    let paragraph = "Some words that fill a line of text well enough.\nAnd a second line of it.\n"
    let passages = try chunk(String(repeating: paragraph + "\n", count: 6), "plaintext").passages
    #expect(passages.count >= 3)
    for passage in passages { #expect(passage.lines.lowerBound % 3 == 0) }
  }

  @Test func hugeLinesStayWhole() throws {
    let text = "short\n" + String(repeating: "x", count: 5_000) + "\nshort\n"
    let passages = try chunk(text, "plaintext").passages
    #expect(passages.contains { $0.lines.contains(1) && $0.lines.count <= 2 })
  }

  @Test func lastLineWithoutAnEnding() throws {
    #expect(try chunk("a", "plaintext").passages.map(\.byteRange) == [0..<1])
    #expect(try chunk("a\r\rb", "plaintext").passages.map(\.lines) == [0..<3])
  }
}

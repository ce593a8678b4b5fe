import Chunking
import Testing

/// Documents as their readers see them.
@Suite struct DocumentTests {
  private func chunk(_ text: String, _ id: String, target: Int = 750, limit: Int = 1500) throws -> ChunkedFile {
    let language = try #require(Language(id: id))
    return Chunker(targetCharacters: target, maxCharacters: limit).chunk(Array(text.utf8), language: language)
  }

  /// What is indexed of each passage, without the white space around it.
  private func texts(_ file: ChunkedFile, _ text: String) -> [String] {
    let bytes = file.readingText ?? Array(text.utf8)
    return file.passages.map { passage in
      String(decoding: bytes[passage.byteRange], as: UTF8.self).split(whereSeparator: \.isWhitespace)
        .joined(separator: " ")
    }
  }

  private let notebook = #"""
    {
     "cells": [
      {
       "cell_type": "code",
       "execution_count": 1,
       "metadata": {"source": ["not this"]},
       "outputs": [
        {"data": {"image/png": "iVBORw0KGgo"}, "text": ["printed\n"]}
       ],
       "source": [
        "%matplotlib inline\n",
        "def load(path):\n",
        "    return \"\\t\" + path  # caf\u00e9\n"
       ]
      },
      {
       "source": "## Results\n\nAll *good*.",
       "cell_type": "markdown"
      },
      {"cell_type": "code", "source": [], "outputs": []}
     ],
     "metadata": {"kernelspec": {"language": "python", "name": "python3"}},
     "nbformat": 4
    }

    """#

  @Test func notebooksAreReadByCell() throws {
    let file = try chunk(notebook, "jupyter", target: 60, limit: 120)
    #expect(
      texts(file, notebook) == [
        #"%matplotlib inline def load(path): return "\t" + path # café"#, "## Results All *good*.",
      ])
    #expect(file.declarations.map(\.symbolPath).prefix(3) == ["cell 1", "cell 1.load", "cell 2"])
    // Citations are lines of the notebook's JSON.
    #expect(file.passages.map(\.lines) == [10..<13, 16..<17])
    let load = try #require(file.declarations.first { $0.name == "load" })
    #expect(String(decoding: Array(notebook.utf8)[load.nameRange], as: UTF8.self) == "load")
    #expect(load.startLine == 11)
  }

  @Test func notebooksOnOneLineAreRead() throws {
    let text = #"{"cells":[{"cell_type":"code","source":["import os\n","x = 1"],"outputs":[{"text":"out"}]}]}"#
    let file = try chunk(text, "jupyter")
    #expect(texts(file, text) == ["import os x = 1"])
    #expect(file.passages.map(\.byteRange) == [0..<text.utf8.count])
  }

  @Test func whatIsNoNotebookIsReadAsText() throws {
    let text = "{\"cells\": 1,\n \"other\": {\n \"a\": 1 }}\n"
    #expect(try chunk(text, "jupyter").readingText == nil)
    #expect(try chunk(text, "jupyter").passages.count == 1)
  }

  @Test func webPagesAreReadWithoutMarkup() throws {
    let text = """
      <!DOCTYPE html>
      <head><style>p { color: red }</style>
      <script>
      if (a < b) { hidden() }
      </SCRIPT></head>
      <h1 class="big">Fish &amp; chips</h1>
      <p title="a > b">Caf&eacute; &#x2014; &unknown; 1 < 2</p>
      <!-- not
      this -->
      <img alt="A boat" src="boat.png">

      """
    let file = try chunk(text, "html")
    #expect(texts(file, text) == ["Fish & chips a > b Café — &unknown; 1 < 2 A boat"])
    #expect(file.passages.map(\.lines) == [5..<10])
    #expect(file.passages[0].names == ["Fish &amp; chips"])
  }

  @Test(arguments: [0, 3, 6, 9]) func fencedCodeStaysWhole(_ before: Int) throws {
    let words = String(repeating: "Some words of prose.\n", count: before)
    let code = (0..<9).map { "line\($0)();\n\n" }.joined()
    let text = "# Title\n\n\(words)\n```js\n\(code)```\n\n\(words)\(words)"
    let file = try chunk(text, "markdown", target: 150, limit: 240)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let first = try #require(lines.firstIndex { $0 == "```js" })
    let last = try #require(lines.lastIndex { $0 == "```" })
    #expect(file.passages.contains { $0.lines.contains(first) && $0.lines.contains(last) })
  }

  @Test func tablesAndLogsAreBounded() throws {
    let rows = (0..<5000).map { "\($0),value\n" }.joined()
    let file = try chunk(rows, "csv")
    #expect(file.passages.last?.lines.upperBound == 200)
    #expect(try chunk(rows, "log").passages.last?.lines.upperBound == 400)
  }
}

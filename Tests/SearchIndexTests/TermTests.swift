import SeededInput
import Testing

@testable import SearchIndex

struct TermScannerTests {
  /// The term of a word that is one part.
  private func part(_ word: String) -> Term {
    var bytes = Array(word.lowercased().utf8)
    return bytes.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return 0 }
      return TermScanner.hash(base, Stemmer.stem(base, buffer.count))
    }
  }

  private func whole(_ word: String) -> Term {
    Array(word.utf8).withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return 0 }
      return TermScanner.hash(base, buffer.count)
    }
  }

  private func expect(_ text: String, parts: [String], whole: String? = nil, line: Int = #line) {
    let terms = TermScanner.terms(of: text)
    let location = SourceLocation(fileID: #fileID, filePath: #filePath, line: line, column: 1)
    #expect(terms.filter { !$0.isWhole }.map(\.term) == parts.map(part), "\(text)", sourceLocation: location)
    #expect(
      terms.filter(\.isWhole).map(\.term) == (whole.map { [self.whole($0)] } ?? []), "\(text)",
      sourceLocation: location)
  }

  @Test func identifiers() {
    expect("readAheadBytes", parts: ["read", "ahead", "bytes"], whole: "readaheadbytes")
    expect("read_ahead_bytes", parts: ["read", "ahead", "bytes"], whole: "readaheadbytes")
    expect("READ_AHEAD_BYTES", parts: ["read", "ahead", "bytes"], whole: "readaheadbytes")
    expect("HTTPServer", parts: ["http", "server"], whole: "httpserver")
    expect("parseHTTP", parts: ["parse", "http"], whole: "parsehttp")
    expect("URLs", parts: ["urls"])
    expect("allURLs", parts: ["all", "urls"], whole: "allurls")
    expect("utf8", parts: ["utf", "8"], whole: "utf8")
    expect("sha256Sum", parts: ["sha", "256", "sum"], whole: "sha256sum")
    expect("v2", parts: ["2"])
    expect("aB", parts: [])
    expect("42", parts: ["42"])
    expect("foo", parts: ["foo"])
  }

  @Test func underscores() {
    expect("_", parts: [])
    expect("___", parts: [])
    expect("_foo", parts: ["foo"])
    expect("foo_", parts: ["foo"])
    expect("__init__", parts: ["init"])
    expect("_foo__bar_", parts: ["foo", "bar"], whole: "foobar")
    expect("_HTTPServer", parts: ["http", "server"], whole: "httpserver")
  }

  @Test func separatorsAndEmptyTexts() {
    expect("", parts: [])
    expect("-> (){} .,;\n\t", parts: [])
    expect("foo.bar(baz)", parts: ["foo", "bar", "baz"])
  }

  @Test func otherScripts() {
    expect("größe", parts: ["größe"])
    expect("日本", parts: ["日本"])
    #expect(TermScanner.terms(of: "日本_read").map(\.isWhole) == [false, false, true])
  }

  @Test func longWords() {
    let limit = TermScanner.longest
    #expect(TermScanner.terms(of: String(repeating: "x", count: limit)).count == 1)
    #expect(TermScanner.terms(of: String(repeating: "x", count: limit + 1)).isEmpty)
    // A part that is too long leaves the others, and no whole.
    let mixed = TermScanner.terms(of: "read_" + String(repeating: "x", count: limit + 1) + "_bytes")
    #expect(mixed.map(\.term) == [part("read"), part("bytes")])
    // Parts that fit one by one may be too long together.
    let together = TermScanner.terms(of: String(repeating: "abcdefg_", count: 10))
    #expect(together.count == 10)
    #expect(together.allSatisfy { !$0.isWhole })
    #expect(TermScanner.terms(of: String(repeating: "ab", count: 32) + "C").map(\.isWhole) == [false])
  }

  /// Cutting at separators changes nothing, and no input crashes.
  @Test func randomBytes() {
    var generator = SeededGenerator(seed: 1)
    for _ in 0..<300 {
      let alphabet: [UInt8] = Array("aZs9_ .".utf8) + [0xC3, 0xA9, 0x00, 0xFF]
      let pieces = (0..<4).map { _ in
        (0..<Int.random(in: 0...90, using: &generator)).map { _ in alphabet.randomElement(using: &generator) ?? 0 }
      }
      func scan(_ bytes: [UInt8]) -> [Term] {
        var terms: [Term] = []
        bytes.withUnsafeBufferPointer { TermScanner.forEachTerm(in: $0) { term, _ in terms.append(term) } }
        return terms
      }
      #expect(scan(Array(pieces.joined(separator: [0x2E]))) == pieces.flatMap(scan))
    }
  }
}

struct StemmerTests {
  private func stem(_ word: String) -> String {
    var bytes = Array(word.utf8)
    let length = bytes.withUnsafeMutableBufferPointer { $0.baseAddress.map { Stemmer.stem($0, word.utf8.count) } ?? 0 }
    return String(decoding: bytes[..<length], as: UTF8.self)
  }

  @Test(arguments: [
    ["index", "indexes", "indexed", "indexing"], ["run", "runs", "running"], ["cache", "caches", "cached", "caching"],
    ["query", "queries", "queried"], ["file", "files"], ["match", "matches", "matched", "matching"],
    ["string", "strings"], ["setting", "settings"], ["encoding", "encodings"], ["embed", "embeds"],
    ["speed", "speeds"], ["exceed", "exceeds"], ["warning", "warnings"], ["agree", "agrees", "agreed"],
    ["call", "calls", "called", "calling"], ["byte", "bytes"], ["class", "classes"],
  ])
  func formsOfOneWordAreEqual(_ forms: [String]) {
    #expect(Set(forms.map(stem)).count == 1, "\(forms.map(stem))")
  }

  @Test(arguments: [
    ("status", "status"), ("class", "class"), ("analysis", "analysis"), ("need", "need"), ("bus", "bus"), ("is", "is"),
    ("sing", "sing"), ("thing", "thing"), ("ties", "tie"), ("ing", "ing"), ("a", "a"),
  ])
  func shortAndSpecialWordsStay(_ pair: (word: String, stem: String)) { #expect(stem(pair.word) == pair.stem) }

  @Test func neverLongerNeverEmpty() {
    var generator = SeededGenerator(seed: 2)
    let letters = Array("sedingaiuyrl\u{e9}".utf8)
    for _ in 0..<20_000 {
      let word = (0..<Int.random(in: 1...9, using: &generator)).map { _ in letters.randomElement(using: &generator) ?? 0
      }
      var bytes = word
      let length = bytes.withUnsafeMutableBufferPointer { $0.baseAddress.map { Stemmer.stem($0, word.count) } ?? 0 }
      #expect(length <= word.count && length > 0)
      // All but a last letter that became y is as it was.
      #expect(bytes[..<max(0, length - 1)] == word[..<max(0, length - 1)])
    }
  }
}

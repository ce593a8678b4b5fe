import Chunking
import Testing

@Suite struct LanguageDetectionTests {
  @Test(arguments: [
    ("Sources/App/main.swift", "swift"), ("a/b.py", "python"), ("x.JS", "javascript"), ("x.tsx", "typescriptreact"),
    ("lib/x.rb", "ruby"), ("Gemfile", "ruby"), ("Makefile", "makefile"), ("docker/Dockerfile.dev", "dockerfile"),
    ("CMakeLists.txt", "cmake"), ("notes.txt", "plaintext"), ("conf.yaml.in", "yaml"), ("a.ipynb", "jupyter"),
    ("x.unknown", "plaintext"), ("", "plaintext"), ("dir/", "plaintext"), (".bashrc", "shellscript"),
  ])
  func byName(path: String, id: String) {
    #expect(Language.detect(path: path).id == id)
  }

  @Test(arguments: [
    ("#!/bin/sh\n", "shellscript"), ("#!/usr/bin/env python3\nimport os", "python"),
    ("#!/usr/bin/env -S node --flag\n", "javascript"), ("#!/usr/local/bin/ruby2.7 -w", "ruby"),
    ("#!/no/such/thing", "plaintext"), ("#!", "plaintext"),
  ])
  func byInterpreter(line: String, id: String) {
    #expect(Language.detect(path: "bin/tool", firstLine: Array(line.utf8)).id == id)
  }

  @Test func extensionBeatsInterpreter() {
    #expect(Language.detect(path: "tool.rb", firstLine: Array("#!/bin/sh".utf8)).id == "ruby")
  }

  @Test func everyRowHasItsOwnIdentifier() {
    let ids = Language.all.map(\.id)
    #expect(Set(ids).count == ids.count)
    #expect(ids.count >= 45)
    #expect(Language(id: "no such language") == nil)
  }
}

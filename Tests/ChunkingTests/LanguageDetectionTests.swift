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

  @Test(arguments: [
    ("int f(void);\n", "c"), ("", "c"), ("#include <stdio.h>\nstruct a { int class; };\n", "c"),
    ("/* class A in a comment */\n// namespace x\nint f(void);\n", "c"),
    ("#ifdef __cplusplus\nnamespace a {\nclass B;\n#if X\n#endif\nusing c;\n#endif\nint f(void);\n", "c"),
    ("#define A \\\n  class B\nint f(void);\n", "c"), ("#include <vector>\n", "cpp"), ("  class A;\n", "cpp"),
    ("template <class T>\nvoid f(T);\n", "cpp"), ("struct A {\n private:\n  int x;\n};\n", "cpp"),
    ("#ifndef __cplusplus\n#error\n#endif\nnamespace a {}\n", "cpp"), ("@interface A : B\n@end\n", "objective-c"),
    ("/* a */ @class A;\n", "objective-c"), ("#import <Foundation/Foundation.h>\n", "objective-c"),
  ])
  func headersByContent(text: String, id: String) {
    let bytes = Array(text.utf8)
    bytes.withUnsafeBufferPointer { #expect(Language.detect(path: "a/b.h", text: $0).id == id) }
    bytes.withUnsafeBufferPointer { #expect(Language.detect(path: "a/b.c", text: $0).id == "c") }
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

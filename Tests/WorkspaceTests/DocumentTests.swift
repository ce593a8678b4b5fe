import Testing
import Workspace

@Suite struct DocumentTests {
  @Test(arguments: [
    ("file:///a/b.swift", "/a/b.swift"), ("file://localhost/a%20b", "/a b"), ("FILE:///x", "/x"), ("file:/x/y", "/x/y"),
    ("file:///c%3A/x", "/c:/x"), ("file:///a%23b%3Fc", "/a#b?c"), ("file:///a b+@(1)", "/a b+@(1)"),
    ("file:///a/./b//../c/", "/a/c"), ("file:///100%", "/100%"), ("file:///%zz", "/%zz"), ("file:///", "/"),
    ("file:///a#fragment", "/a"), ("file:///a?query", "/a"), ("file:///%C3%A9", "/é"), ("file:///..", "/"),
  ])
  func reads(_ uri: String, _ path: String) throws {
    let file = try #require(FileURI(uri))
    #expect(file.path == path)
    #expect(FileURI(file.description) == file)
    #expect(FileURI(path: path) == file)
  }

  @Test(arguments: ["http://x/y", "file://host/x", "file:", "file:x", "untitled:1", "", "file:///a%00b", "file://"])
  func refuses(_ uri: String) {
    #expect(FileURI(uri) == nil)
  }

  @Test func anyBytesSurvive() throws {
    let bytes: [UInt8] = [0x2F] + (1...255).filter { $0 != 0x2F && $0 != 0x2E }.map { UInt8($0) }
    let file = FileURI(pathBytes: bytes)
    #expect(file.pathBytes == bytes)
    #expect(FileURI(file.description)?.pathBytes == bytes)
    #expect(FileURI(file.description.lowercased().replacingPrefix()) != nil)
  }

  @Test func editorsSpellingsAreOne() {
    let neovim = "file:///home/u/a%20(b)+c@d,e=f.swift"
    let code = "file:///home/u/a%20%28b%29%2Bc%40d%2Ce%3Df.swift"
    #expect(FileURI(neovim) == FileURI(code))
    #expect(FileURI.canonical(neovim) == code)
    #expect(FileURI.canonical("untitled:Untitled-1") == "untitled:Untitled-1")
  }

  @Test func relativePaths() {
    let root = FileURI(path: "/w/x")
    #expect(root.appending("a/b").relativePath(in: root) == "a/b")
    #expect(FileURI(path: "/w/xy").relativePath(in: root) == nil)
    #expect(FileURI(path: "/w").relativePath(in: FileURI(path: "/")) == "w")
    #expect(root.relativePath(in: root) == "")
  }

  @Test func overlaysReplaceFiles() {
    let store = OverlayStore()
    store.set("file:///a%28b.swift", text: SourceText("one"), languageId: "swift", version: 1)
    let before = store.snapshot()
    store.set("file:///a(b.swift", text: SourceText("two"), version: 2)
    #expect(before["file:///a(b.swift"]?.text.string == "one")
    let now = store.snapshot()
    #expect(now.overlays.count == 1)
    #expect(now[FileURI(path: "/a(b.swift")]?.text.string == "two")
    #expect(now["file:///a(b.swift"]?.languageId == "swift")
    #expect(now.revision > before.revision)
    #expect(store.close("file:///a(b.swift")?.text.string == "two")
    #expect(store.close("file:///a(b.swift") == nil)
    #expect(store.snapshot().overlays.isEmpty)
    #expect(store.revision == 3)
  }

  @Test func overlaysFromManyThreads() async {
    let store = OverlayStore()
    await withTaskGroup(of: Void.self) { group in
      for task in 0..<8 {
        group.addTask {
          for index in 0..<100 { store.set("untitled:\(task)-\(index % 10)", text: SourceText("\(index)")) }
        }
      }
    }
    #expect(store.revision == 800)
    #expect(store.snapshot().overlays.count == 80)
  }
}

extension String {
  /// The scheme as it is; only what follows was changed.
  fileprivate func replacingPrefix() -> String { "file" + dropFirst(4) }
}

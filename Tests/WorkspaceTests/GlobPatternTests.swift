import Testing
import Workspace

@Suite struct GlobPatternTests {
  @Test(arguments: [
    ("*.md", "README.md", true), ("*.md", "docs/a.md", true), ("*.md", "a.mdx", false),
    ("src/**/*.swift", "src/a.swift", true), ("src/**/*.swift", "src/x/y/a.swift", true),
    ("src/**/*.swift", "lib/src/a.swift", false), ("src", "src/a/b.c", true), ("src", "x/src/b.c", true),
    ("/src", "x/src/b.c", false), ("src/", "src", false), ("src/", "src/x", true), ("docs/**", "docs/a/b", true),
    ("docs/**", "docs", false), ("{a,b}.txt", "b.txt", true), ("{a,b}.txt", "c.txt", false),
    ("{src,lib}/**/*.{c,h}", "lib/x/y.h", true), ("{src,lib}/**/*.{c,h}", "lib/x/y.m", false),
    ("**/test/**", "a/test/b", true), ("a?c", "abc", true), ("a?c", "a/c", false), ("[a-c]x", "bx", true),
    ("[!a-c]x", "bx", false), ("a\\*b", "a*b", true), ("a\\*b", "aXb", false), ("./x/y", "x/y", true),
    ("{a,{b,c}d}", "cd", true), ("**", "anything/at/all", true), ("é*", "éa", true), ("a{,b}", "a", true),
    ("a/*/c", "a/b/c", true), ("a/*/c", "a/b/b/c", false),
  ])
  func matches(_ pattern: String, _ path: String, _ expected: Bool) throws {
    #expect(try #require(GlobPattern(pattern)).matches(path) == expected)
  }

  @Test(arguments: ["", "/", "{a", "[a", "a\\", String(repeating: "{", count: 50), "{a,{b}"])
  func refuses(_ pattern: String) {
    #expect(GlobPattern(pattern) == nil)
  }

  @Test func hostilePatternsEnd() throws {
    let stars = try #require(GlobPattern(String(repeating: "a*", count: 500) + "b"))
    #expect(!stars.matches(String(repeating: "a", count: 4000)))
    let stacked = try #require(GlobPattern(String(repeating: "**/a/", count: 200) + "b"))
    #expect(!stacked.matches(String(repeating: "a/", count: 1000) + "c"))
    let short = try #require(GlobPattern("*a*a*a*a*a*a*a*a*a*b"))
    #expect(!short.matches(String(repeating: "a", count: 4000)))
  }

  @Test func scopes() throws {
    let scope = try #require(GlobScope(include: ["src/**"], exclude: ["*.gen.swift"]))
    #expect(scope.contains("src/a.swift"))
    #expect(!scope.contains("src/a.gen.swift"))
    #expect(!scope.contains("lib/a.swift"))
    #expect(GlobScope(include: ["[a"]) == nil)
    #expect(try #require(GlobScope()).contains("x"))
  }
}

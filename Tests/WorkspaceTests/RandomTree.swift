import Foundation
import SeededInput

/// Makes trees and ignore files full of the corners of git's pattern language.
struct RandomTree {
  var generator: SeededGenerator
  private(set) var paths: [String] = []

  static let names = [
    "a", "b", "ab", "abc", "a.o", "b.c", "foo", "bar", "foobar", "A", "Foo", "a b", "é", "x[1]", "#h", "!n", "t ",
    "d-e",
    "back\\slash", "star*", "q?", "build", "src", "lib", "a.tar.gz", ".dot", "1", "z9", "]", "-", "^", "BUILD", "É",
    "a\tb", "x\rq", "[", "{a,b}", "ab.c", "a.O", "~", "$x", "ABC",
  ]

  init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

  /// Fills a folder.
  mutating func make(in folder: ScratchFolder) throws {
    var directories = [""]
    for _ in 0..<Int.random(in: 2...9, using: &generator) {
      let parent = pick(directories)
      let name = pick(Self.names)
      let path = parent + name
      if paths.contains(path) || directories.contains(path + "/") { continue }
      try folder.makeDirectory(path)
      directories.append(path + "/")
    }
    for _ in 0..<Int.random(in: 5...25, using: &generator) {
      let path = pick(directories) + pick(Self.names)
      if directories.contains(path + "/") || paths.contains(path) { continue }
      try folder.write(path)
      paths.append(path)
    }
    // Links, to files and to directories, which are never entered.
    for _ in 0..<Int.random(in: 0...2, using: &generator) {
      let path = pick(directories) + pick(Self.names) + "-link"
      guard symlink(pick(["a", "..", "src", "."]), folder.path + "/" + path) == 0 else { continue }
      paths.append(path)
    }
    for directory in directories where directory.isEmpty || Int.random(in: 0..<3, using: &generator) == 0 {
      try folder.write(directory + ".gitignore", bytes: ignoreFile())
    }
    if Bool.random(using: &generator) { try folder.write(".git/info/exclude", bytes: ignoreFile()) }
    paths += directories.filter { !$0.isEmpty }.map { String($0.dropLast()) }
  }

  /// An ignore file's bytes.
  mutating func ignoreFile() -> [UInt8] {
    var bytes: [UInt8] = Int.random(in: 0..<12, using: &generator) == 0 ? [0xEF, 0xBB, 0xBF] : []
    for _ in 0..<Int.random(in: 1...8, using: &generator) {
      bytes += Array(pattern().utf8)
      bytes += pick([
        [0x0A], [0x0A], [0x0A], [0x0A], [0x0D, 0x0A], [0x20, 0x0A], [0x20, 0x20, 0x0A], [0x09, 0x0A], [0x0A, 0x0A],
        [0x5C, 0x20, 0x0A], [0x20, 0x0D, 0x0A], [0x0D, 0x0D, 0x0A], [0x0A, 0x23, 0x20, 0x63, 0x0A], [0x5C, 0x0A],
        [0x0D], [0x0C, 0x0A],
      ])
    }
    if Bool.random(using: &generator), bytes.last == 0x0A { bytes.removeLast() }
    return bytes
  }

  private mutating func pattern() -> String {
    var text = ""
    if Int.random(in: 0..<5, using: &generator) == 0 { text += "!" }
    if Int.random(in: 0..<5, using: &generator) == 0 { text += "/" }
    let parts = Int.random(in: 1...3, using: &generator)
    for part in 0..<parts {
      if part > 0 { text += "/" }
      text += component()
    }
    if Int.random(in: 0..<5, using: &generator) == 0 { text += "/" }
    return text
  }

  private mutating func component() -> String {
    switch Int.random(in: 0..<18, using: &generator) {
    case 0...3: return pick(Self.names)
    case 4: return "**"
    case 5: return "*"
    case 6: return pick(["*.o", "*.c", "*b", "*.gz", "a*", "f*r", "*o*", "**b", "a**", "***", "foo**"])
    case 7:
      return pick(["?", "??", "a?", "?b", "\\a", "\\#h", "\\!n", "t\\ ", "back\\\\slash", "star\\*", "a\\", "q\\?"])
    case 8:
      return pick([
        "[ab]", "[a-c]", "[!a]", "[^a]", "[[:alpha:]]", "[[:digit:][:upper:]]", "[]-]", "[]a]", "[a", "[[:foo:]]",
        "[[:alpha]", "[a-]", "[-a]", "[\\]]", "[a\\-z]", "[z-a]", "x[[]1]", "x\\[1]", "[!/]", "[[:]", "[A-Z]*",
      ])
    case 9: return pick(["#h", "!n", "t ", "a b", "", " ", "é", "é*"])
    case 10:
      return pick([
        "[[:space:]]", "[[:blank:]b]", "[[:xdigit:]]*", "[[:punct:]]*", "[[:cntrl:]]", "[![:alnum:]]*", "[[:lower:]",
        "[[:graph:]]?", "[[:print:]]", "[^[:upper:]]*", "[a-c-e]", "[%--]", "[+--]*", "[\\a-c]", "[a\\]]", "[!]a]",
        "[[]", "[]]", "[^]]", "[a-\\z]", "[[:alpha:]-z]", "[,-.]", "[\\\\]*", "[", "[!", "[^", "[]", "[a-z",
        "[é]", "[\u{e9}-\u{ff}]", "[a/b]", "a[/]b", "[[.a.]]", "[[=a=]]",
      ])
    case 11:
      return pick([
        "**a", "**/a**", "a**b", "*/**", "**/**", "**/*", "*/*", "?*", "*?*", "**?", "***/a", "**/***", "a/**/b",
        "**/.", "./a", "../a", ".", "..", "a/.", "\\**", "\\*\\*", "**\\/a", "a\\/b", "\\/a", "*\\", "\\", "\\\\",
        "{a,b}", "$x", "~", "~/a", "a\tb", "BUILD", "build*", "[bB]uild", "Foo*", "*.O", "É", "é?",
      ])
    default:
      var text = ""
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        text += pick(["a", "b", "c", "*", "?", "**", ".", "o", "[a-z]", "\\", "foo", "[!.]", "/"])
      }
      return text
    }
  }

  private mutating func pick<Element>(_ choices: [Element]) -> Element {
    choices[Int.random(in: 0..<choices.count, using: &generator)]
  }
}

import Foundation
import Testing
import Workspace

/// Discovery against the real git: no difference is tolerated.
@Suite struct GitAgreementTests {
  private func options(_ git: Git) -> Discovery.Options {
    var options = Discovery.Options(environment: git.environment)
    options.gitRulesOnly = true
    options.entersNestedRepositories = false
    return options
  }

  private func discovered(_ folder: ScratchFolder, _ git: Git) throws -> Set<[UInt8]> {
    Set(try Discovery(root: folder.uri, options: options(git)).run().files.map(\.pathBytes))
  }

  private func show(_ paths: Set<[UInt8]>) -> [String] { paths.map { String(decoding: $0, as: UTF8.self) }.sorted() }

  @Test(arguments: 0..<8) func randomTreesListAlike(_ block: UInt64) throws {
    let home = try ScratchFolder()
    let git = Git(home: home.path)
    for seed in (block * 50)..<(block * 50 + 50) {
      let folder = try ScratchFolder()
      try folder.makeRepository(configuration: seed % 7 == 0 ? "\tignorecase = true\n" : "")
      var tree = RandomTree(seed: seed)
      if seed % 3 == 0 { try home.write(".config/git/ignore", bytes: tree.ignoreFile()) }
      try tree.make(in: folder)
      if seed % 5 == 0 {
        try git.run(["add", "-f", "--"] + tree.paths.prefix(3).map { ":(literal)" + $0 }, in: folder.path)
      }
      let expected = try git.files(in: folder.path)
      let found = try discovered(folder, git)
      #expect(show(found) == show(expected), "seed \(seed)")

      guard seed % 4 == 0 else { continue }
      let asked = Data(tree.paths.joined(separator: "\0").utf8)
      let ignored = try git.run(["check-ignore", "-z", "--stdin"], in: folder.path, input: asked)
      let expectedIgnored = Set(ignored.split(separator: 0).map(Array.init))
      let rules = IgnoreRules(root: folder.uri, options: options(git))
      let ours = tree.paths.filter { path in
        var isDirectory: ObjCBool = false
        _ = FileManager.default.fileExists(atPath: folder.path + "/" + path, isDirectory: &isDirectory)
        return rules.skipReason(relativePath: path, isDirectory: isDirectory.boolValue) == .ignored
      }
      #expect(show(Set(ours.map { Array($0.utf8) })) == show(expectedIgnored), "seed \(seed), check-ignore")
    }
  }
}

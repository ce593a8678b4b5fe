import Testing

@testable import Configuration

@Suite struct IncludeTests {
  func read(_ files: [String: String], _ path: String = "/etc/c/config.yaml") -> Configuration {
    Configuration.read(yaml: Array((files[path] ?? "").utf8), environment: [:], path: path) { name in
      files[name].map { Array($0.utf8) }
    }
  }

  static func models(_ names: String...) -> String {
    "model_list:\n" + names.map { "  - {model_name: \($0), litellm_params: {model: openai/\($0)}}\n" }.joined()
  }

  @Test func addsListsAndReplacesValues() {
    let configuration = read([
      "/etc/c/config.yaml": """
      include: [sub/models.yaml, ../more.yaml]
      \(Self.models("a"))
      cicerone: {model: a, token_budget: 10}
      """,
      "/etc/c/sub/models.yaml": Self.models("b", "c") + "cicerone: {token_budget: 20}\n",
      "/etc/more.yaml": "include: c/deep.yaml\nrouter_settings: {num_retries: 1}\n",
      "/etc/c/deep.yaml": "cicerone: {nonsense: 1}",
    ])
    #expect(configuration.models.map(\.name) == ["a", "b", "c"])
    #expect(configuration.model == "a")
    #expect(configuration.tokenBudget == 20)
    #expect(configuration.router.numRetries == 1)
    #expect(
      configuration.problems.map(\.description) == [
        "/etc/c/deep.yaml:1:12: cicerone.nonsense is not known and has no effect",
        "/etc/c/sub/models.yaml:4:12: cicerone.token_budget is set in the including file too "
          + "(/etc/c/config.yaml:5:22); this one counts",
      ])
    #expect(configuration.models.last?.position == SourcePosition(line: 3, column: 5, file: "/etc/c/sub/models.yaml"))
  }

  @Test func cyclesAndWhatIsMissingAreErrors() {
    let configuration = read([
      "/etc/c/config.yaml": "include:\n  - a.yaml\n  - nothing.yaml\n  - config.yaml\n",
      "/etc/c/a.yaml": "include: ./b.yaml\n" + Self.models("a"),
      "/etc/c/b.yaml": "include: [../c/a.yaml, broken.yaml]\n" + Self.models("b"),
      "/etc/c/broken.yaml": "a: [",
    ])
    #expect(configuration.models.map(\.name) == ["a", "b"])
    #expect(
      configuration.texts(.error) == [
        "/etc/c/b.yaml:1:11: ../c/a.yaml includes itself",
        "/etc/c/broken.yaml:2:1: while parsing a flow node: did not find expected node content",
        "/etc/c/config.yaml:3:5: nothing.yaml cannot be read", "/etc/c/config.yaml:4:5: config.yaml includes itself",
      ])
    #expect(
      configuration.problems.first { $0.message.contains("nothing") }?.hint?.contains("/etc/c/nothing.yaml") == true)
  }

  @Test func depthAndNumberAreBounded() {
    var files: [String: String] = ["/etc/c/config.yaml": "include: [1.yaml]"]
    for level in 1..<20 { files["/etc/c/\(level).yaml"] = "include: [\(level + 1).yaml]\n" + Self.models("m\(level)") }
    let deep = read(files)
    #expect(deep.models.count == 7)
    #expect(deep.texts(.error).count == 1)

    files = ["/etc/c/config.yaml": "include: [\((0..<100).map { "\($0).yaml" }.joined(separator: ", "))]"]
    for number in 0..<100 { files["/etc/c/\(number).yaml"] = Self.models("m\(number)") }
    #expect(read(files).models.count == 63)
  }

  @Test func isAnErrorWhereNothingMayBeIncluded() {
    let configuration = readConfiguration("include: [a.yaml]")
    #expect(configuration.texts(.error) == ["1:11: include is not possible here"])
  }

  @Test(arguments: [
    ("a.yaml", "/x/y.yaml", "/x/a.yaml"), ("./a/../b.yaml", "/x/y.yaml", "/x/b.yaml"),
    ("/q.yaml", "/x/y.yaml", "/q.yaml"),
    ("../../../a", "/x/y.yaml", "/a"), ("a.yaml", "y.yaml", "a.yaml"), ("../a.yaml", "x/y.yaml", "a.yaml"),
  ])
  func resolvesPaths(_ path: String, _ file: String, _ expected: String) {
    #expect(IncludedFiles.resolve(path, beside: file) == expected)
  }
}

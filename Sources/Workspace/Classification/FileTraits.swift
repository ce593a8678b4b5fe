/// The roles of a file, guessed from its path alone.
public struct FileTraits: OptionSet, Sendable, Hashable, Codable {
  /// One bit a role.
  public let rawValue: UInt8

  /// Makes a set from its bits.
  public init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// Tests, their fixtures and helpers.
  public static let test = FileTraits(rawValue: 1)
  /// Examples, samples and demonstrations.
  public static let example = FileTraits(rawValue: 2)
  /// Code of others, kept in the workspace.
  public static let vendored = FileTraits(rawValue: 4)
  /// Written by a program.
  public static let generated = FileTraits(rawValue: 8)
  /// Prose for readers.
  public static let documentation = FileTraits(rawValue: 16)
  /// Settings of tools, builds and services.
  public static let configuration = FileTraits(rawValue: 32)

  /// Judges a workspace-relative path.
  public init(path: String) {
    var traits: FileTraits = []
    let components = path.split(separator: "/").map(String.init)
    guard let name = components.last else {
      self = []
      return
    }
    for directory in components.dropLast() {
      if let trait = Self.directories[directory.lowercased()] { traits.insert(trait) }
      if directory.hasSuffix("Tests") || directory.hasSuffix(".Tests") || directory.hasSuffix("_test") {
        traits.insert(.test)
      }
    }
    let lower = name.lowercased()
    let dot = lower.lastIndex(of: ".") ?? lower.endIndex
    let stem = String(lower[..<dot])
    let suffix = String(lower[dot...].dropFirst())
    if Self.isTest(name: name, stem: stem, suffix: suffix) { traits.insert(.test) }
    if Self.isGenerated(lower) { traits.insert(.generated) }
    if Self.documentationSuffixes.contains(suffix) || Self.documentationStems.contains(stem) {
      traits.insert(.documentation)
    }
    if Self.configurationSuffixes.contains(suffix) || Self.configurationNames.contains(lower) || lower.hasPrefix(".") {
      traits.insert(.configuration)
    }
    if lower.hasSuffix(".example") || lower.hasSuffix(".sample") || lower.hasSuffix(".template") {
      traits.insert(.example)
    }
    self = traits
  }

  private static let directories: [String: FileTraits] = [
    "test": .test, "tests": .test, "testing": .test, "spec": .test, "specs": .test, "__tests__": .test,
    "__mocks__": .test, "testdata": .test, "test-data": .test, "test_data": .test, "fixtures": .test, "e2e": .test,
    "unittests": .test, "integration-tests": .test, "integration_tests": .test, "androidtest": .test, "xctests": .test,
    "example": .example, "examples": .example, "sample": .example, "samples": .example, "demo": .example,
    "demos": .example, "cookbook": .example, "playground": .example,
    "vendor": .vendored, "vendors": .vendored, "vendored": .vendored, "third_party": .vendored,
    "third-party": .vendored, "thirdparty": .vendored, "node_modules": .vendored, "bower_components": .vendored,
    "pods": .vendored, "carthage": .vendored, "externals": .vendored, "site-packages": .vendored,
    "submodules": .vendored, "deps": .vendored,
    "generated": .generated, "__generated__": .generated, "gen": .generated, "autogen": .generated,
    "doc": .documentation, "docs": .documentation, "documentation": .documentation, "man": .documentation,
    ".github": .configuration, ".circleci": .configuration, ".vscode": .configuration,
  ]

  private static let documentationSuffixes: Set<String> = [
    "md", "mdx", "markdown", "rst", "adoc", "asciidoc", "org", "tex", "pod", "rdoc", "textile", "docc",
  ]

  private static let documentationStems: Set<String> = [
    "readme", "changelog", "changes", "contributing", "license", "licence", "copying", "authors", "news", "history",
    "code_of_conduct", "security", "notice",
  ]

  private static let configurationSuffixes: Set<String> = [
    "json", "json5", "jsonc", "yaml", "yml", "toml", "ini", "cfg", "conf", "properties", "plist", "xcconfig",
    "editorconfig",
    "nix", "tf", "tfvars", "hcl", "cmake", "gradle", "csproj", "sln", "vcxproj",
  ]

  private static let configurationNames: Set<String> = [
    "makefile", "gnumakefile", "dockerfile", "containerfile", "jenkinsfile", "vagrantfile", "procfile", "justfile",
    "cmakelists.txt", "package.swift", "build.gradle", "pom.xml", "setup.py", "setup.cfg", "gemfile", "rakefile",
    "go.mod", "brewfile", "build.bazel", "workspace", "meson.build", "configure.ac", "mix.exs", "build.sbt",
  ]

  /// The naming conventions of test files, by language.
  private static func isTest(name: String, stem: String, suffix: String) -> Bool {
    switch suffix {
    case "go", "dart", "c", "cc", "cpp", "cxx", "rs", "ex", "exs", "lua", "zig", "odin", "nim":
      return stem.hasSuffix("_test") || stem.hasSuffix("_tests") || stem == "tests" || stem.hasSuffix("_spec")
        || stem.hasPrefix("test_")
    case "py", "pyi":
      return stem.hasPrefix("test_") || stem.hasSuffix("_test") || stem == "conftest" || stem == "tests"
    case "rb":
      return stem.hasSuffix("_spec") || stem.hasSuffix("_test") || stem.hasPrefix("test_")
    case "js", "jsx", "ts", "tsx", "mjs", "cjs", "mts", "cts", "vue", "svelte", "css", "scss":
      return stem.hasSuffix(".test") || stem.hasSuffix(".spec") || stem.hasSuffix(".cy") || stem.hasSuffix("-test")
        || stem.hasSuffix("_test") || stem.hasSuffix(".e2e") || stem.hasSuffix(".stories")
    case "java", "kt", "kts", "scala", "groovy", "cs", "fs", "vb", "swift", "m", "mm", "php", "hs":
      let original = name.prefix(name.utf8.count - suffix.utf8.count - 1)
      return original.hasSuffix("Test") || original.hasSuffix("Tests") || original.hasSuffix("TestCase")
        || original.hasSuffix("Spec") || original.hasSuffix("IT") && suffix == "java"
    case "sh", "bats", "t": return suffix != "sh" || stem.hasPrefix("test") || stem.hasSuffix("test")
    case "snap": return true
    default: return false
    }
  }

  private static func isGenerated(_ lower: String) -> Bool {
    generatedEndings.contains { lower.hasSuffix($0) }
  }

  private static let generatedEndings = [
    ".pb.go", ".pb.h", ".pb.cc", ".pb.swift", ".grpc.swift", "_pb2.py", "_pb2_grpc.py", "_pb2.pyi", ".g.dart",
    ".freezed.dart", ".g.cs", ".designer.cs", ".generated.swift", ".generated.cs", ".generated.ts", ".gen.go",
    "_generated.go", "_gen.go", ".gen.ts", ".bundle.js", ".d.ts.map", ".min.js", ".min.css",
  ]
}

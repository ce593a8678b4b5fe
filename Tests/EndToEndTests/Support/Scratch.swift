import Foundation
import Testing

/// The program that is tested: `CICERONE_BINARY`, or the one that was built beside the tests.
enum Program {
  static let path: String = {
    if let path = ProcessInfo.processInfo.environment["CICERONE_BINARY"] { return path }
    // The bundle of tests lies in the folder of products, on some systems inside a bundle of its own.
    var folder = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
    var candidates = [folder]
    for bundle in Bundle.allBundles { candidates.append(bundle.bundleURL.deletingLastPathComponent()) }
    for _ in 0..<4 {
      folder.deleteLastPathComponent()
      candidates.append(folder)
    }
    let files = candidates.map { $0.appendingPathComponent("cicerone").path }
    return files.first { FileManager.default.isExecutableFile(atPath: $0) } ?? "cicerone is not built"
  }()
}

/// What a command gave.
struct CommandResult: Sendable {
  var ending: Ending
  var output: [UInt8]
  var errors: String

  var text: String { String(decoding: output, as: UTF8.self) }

  /// The lines of the output as JSON.
  func jsonLines() throws -> [JSON] {
    try output.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: true).map { try JSON(parsing: $0) }
  }
}

/// A home, and a workspace in it, that vanish with the value.
final class Scratch: Sendable {
  let path: String
  let workspace: String
  let cache: String

  init() throws {
    // Symbolic links in the way to the temporary folder would make paths look different from what the program says.
    let temporary = URL(fileURLWithPath: NSTemporaryDirectory()).resolvingSymlinksInPath().path
    path = "\(temporary)/cicerone-tests-\(UUID().uuidString)"
    workspace = path + "/workspace"
    cache = path + "/cache"
    for folder in [workspace, path + "/home", cache] {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The only variables that the program gets: no configuration or key of the user who runs the tests.
  var environment: [String: String] {
    [
      "PATH": "/usr/bin:/bin", "HOME": path + "/home", "XDG_CACHE_HOME": cache, "XDG_STATE_HOME": path + "/state",
      "XDG_CONFIG_HOME": path + "/config", "GIT_CONFIG_NOSYSTEM": "1",
    ]
  }

  /// The URI of a file of the workspace, or of the workspace.
  func uri(_ relativePath: String = "") -> String {
    URL(fileURLWithPath: relativePath.isEmpty ? workspace : "\(workspace)/\(relativePath)", isDirectory: false)
      .absoluteString
  }

  func write(_ relativePath: String, _ text: String) throws { try write(relativePath, bytes: Array(text.utf8)) }

  /// Writes a file of the workspace as editors do: beside it, then moved over it.
  func write(_ relativePath: String, bytes: [UInt8]) throws {
    let file = URL(fileURLWithPath: "\(workspace)/\(relativePath)")
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(bytes).write(to: file, options: .atomic)
  }

  func remove(_ relativePath: String) throws {
    try FileManager.default.removeItem(atPath: "\(workspace)/\(relativePath)")
  }

  /// Starts the program.
  func start(
    _ arguments: [String], environment: [String: String]? = nil, prefix: [String] = [], readsOutput: Bool = true
  ) throws -> Child {
    try Child(
      prefix + [Program.path] + arguments, environment: environment ?? self.environment, readsOutput: readsOutput)
  }

  /// Runs the program to its end.
  func run(
    _ arguments: [String], input: [UInt8] = [], environment: [String: String]? = nil, prefix: [String] = [],
    readsOutput: Bool = true
  ) async throws -> CommandResult {
    let child = try start(arguments, environment: environment, prefix: prefix, readsOutput: readsOutput)
    child.send(input)
    child.closeInput()
    let ending = await child.ending()
    return CommandResult(ending: ending, output: child.output, errors: child.errors)
  }

  /// Runs the program on the workspace.
  func cicerone(_ arguments: String..., input: String = "") async throws -> CommandResult {
    try await run(arguments + ["--workspace", workspace], input: Array(input.utf8))
  }

  /// The results of `search --batch`, one a query.
  func batch(
    _ queries: [String], limit: Int = 1_000, mode: String = "hybrid", environment: [String: String]? = nil
  ) async throws -> [JSON] {
    let result = try await run(
      ["search", "--batch", "--limit", "\(limit)", "--mode", mode, "--workspace", workspace],
      input: Array(queries.map { $0 + "\n" }.joined().utf8), environment: environment)
    #expect(result.ending == .exited(0), "\(result.errors)")
    let lines = try result.jsonLines()
    #expect(lines.map { $0["query"]?.text } == queries)
    return lines
  }
}

extension Scratch {
  /// Asks on the command line, with variables beside those that every child gets.
  func ask(_ question: String, _ environment: [String: String], options: [String] = []) async throws -> CommandResult {
    try await run(
      ["ask", question, "--workspace", workspace] + options, environment: self.environment.merging(environment) { $1 })
  }

  /// Writes a configuration beside the workspace and answers its path.
  func configuration(_ text: String, name: String = "models.yaml") throws -> String {
    let file = "\(path)/\(name)"
    try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    return file
  }

  /// The files of the home, the cache and the state that contain a text.
  func files(containing text: String) throws -> [String] {
    try FileManager.default.subpathsOfDirectory(atPath: path).filter { file in
      FileManager.default.contents(atPath: "\(path)/\(file)")?.range(of: Data(text.utf8)) != nil
    }
  }
}

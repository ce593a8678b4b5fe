import Foundation

/// A server that nobody here wrote, run by a script of `Tests/Integration`; it ends when this value goes away.
final class PeerServer: Sendable {
  struct Failure: Error, CustomStringConvertible { var description: String }

  private let process: Process
  private let input: Pipe
  let port: Int

  /// Runs `script` with `python` and waits until it says on which port it answers.
  init(_ script: String, python: String) throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("Integration")
    let process = Process()
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments = [folder.appendingPathComponent(script).path]
    process.environment = ["PATH": "/usr/bin:/bin", "HOME": NSTemporaryDirectory()]
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    // The server's log: thrown away, so that a full pipe never stops it.
    process.standardError = FileHandle.nullDevice
    try process.run()
    var line: [UInt8] = []
    while line.last != UInt8(ascii: "\n") {
      guard let byte = try output.fileHandleForReading.read(upToCount: 1), !byte.isEmpty else { break }
      line += byte
    }
    let started = try? JSONDecoder().decode([String: Int].self, from: Data(line))
    guard let port = started?["port"] else {
      process.terminate()
      throw Failure(description: "\(script) did not start")
    }
    self.process = process
    self.input = input
    self.port = port
  }

  deinit {
    try? input.fileHandleForWriting.close()
    process.waitUntilExit()
  }

  var base: String { "http://127.0.0.1:\(port)" }

  /// A Python that an environment variable names, if it does.
  static func python(_ variable: String) -> String? {
    ProcessInfo.processInfo.environment[variable].flatMap { $0.isEmpty ? nil : $0 }
  }
}

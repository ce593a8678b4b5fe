import ArgumentParser
import Assistant
import CurlTransport
import FoundationEssentials
import HTTPTransport
import Router
import Workspace

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// `cicerone init`
struct Init: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Write a configuration file to begin with.",
    discussion: """
      It has what was found: providers whose keys are in the environment, by the names of the variables alone, and \
      servers that answer on this machine. Only this machine is contacted. The file is yours alone (mode 0600).
      """)

  @Option(
    name: .long, help: ArgumentHelp("Where. (default: ~/.config/cicerone/config.yaml)", valueName: "file"))
  var path: String?

  @Flag(name: .long, help: "Replace a file that is there already.")
  var force = false

  func run() async throws {
    let environment = ProcessInfo.processInfo.environment
    guard
      let target = path.map({ WorkspaceFolder.absolutePath($0, in: FileManager.default.currentDirectoryPath) })
        ?? ConfigurationFile.standardPath(environment: environment)
    else {
      throw CommandFailure(
        "no folder for the configuration: neither XDG_CONFIG_HOME nor HOME is set", hint: "Name a file with --path.")
    }
    if !force, FileReader.exists(target) {
      throw CommandFailure("\(target) exists already", hint: "Give --force to replace it, or another --path.")
    }
    let transport = CurlTransport(CurlConfiguration(environment: environment))
    let found = await ModelDiscovery(transport: transport).discover(environment: environment)
    transport.shutDown()
    let text = StarterConfiguration(found: found, environment: environment).text
    try Self.write(Array(text.utf8), to: target, replaces: force)
    Terminal.print("Wrote \(Terminal.line(target)).")
    for deployment in found.deployments { Terminal.print(Terminal.line("  \(deployment.name): \(deployment.model)")) }
    if found.deployments.isEmpty { Terminal.print("  No model was found; the file has examples in comments.") }
    Terminal.printError("Check it with: cicerone models check")
  }

  /// Writes a file for the user alone: all of it, or nothing.
  private static func write(_ bytes: [UInt8], to path: String, replaces: Bool) throws {
    func failure(_ code: Int32) -> CommandFailure {
      CommandFailure("cannot write \(path): \(String(cString: strerror(code)))", hint: "Name another --path.")
    }
    if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
      do { try ProjectDirectories.create(String(path[..<slash])) } catch {
        if case .system(_, let code) = error { throw failure(code) }
        throw failure(ENOENT)
      }
    }
    // Beside it first: whoever reads the file meanwhile finds the old one or the new one, whole.
    let temporary = "\(path).\(getpid()).tmp"
    let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw failure(errno) }
    var written = 0
    var code: Int32 = 0
    while written < bytes.count, code == 0 {
      let count = bytes.withUnsafeBytes { buffer in
        Self.write(descriptor, UnsafeRawBufferPointer(rebasing: buffer[written...]))
      }
      if count < 0 { if errno != EINTR { code = errno } } else { written += count }
    }
    if code == 0, fsync(descriptor) != 0 { code = errno }
    close(descriptor)
    // A link fails where something has come to stand in the meantime; renaming would replace it.
    if code == 0, (replaces ? rename(temporary, path) : link(temporary, path)) != 0 { code = errno }
    unlink(temporary)
    if code == EEXIST {
      throw CommandFailure("\(path) exists already", hint: "Give --force to replace it, or another --path.")
    }
    if code != 0 { throw failure(code) }
  }

  private static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    #if canImport(Glibc)
      Glibc.write(descriptor, bytes.baseAddress, bytes.count)
    #else
      Darwin.write(descriptor, bytes.baseAddress, bytes.count)
    #endif
  }
}

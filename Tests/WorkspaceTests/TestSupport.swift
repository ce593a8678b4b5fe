import Foundation
import Workspace

/// A scratch folder that is removed with the value.
final class ScratchFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "workspace-tests-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: path)
  }

  var uri: FileURI { FileURI(path: path) }

  /// Writes a file and the directories above it.
  func write(_ relativePath: String, _ content: String = "x\n") throws {
    try write(relativePath, bytes: Array(content.utf8))
  }

  func write(_ relativePath: String, bytes: [UInt8]) throws {
    if let slash = relativePath.lastIndex(of: "/") { try makeDirectory(String(relativePath[..<slash])) }
    let descriptor = open(path + "/" + relativePath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0, systemWrite(descriptor, bytes, bytes.count) == bytes.count, close(descriptor) == 0 else {
      throw CocoaError(.fileWriteUnknown)
    }
  }

  func makeDirectory(_ relativePath: String) throws {
    var made = path
    for part in relativePath.split(separator: "/") {
      made += "/" + part
      guard mkdir(made, 0o755) == 0 || errno == EEXIST else { throw CocoaError(.fileWriteUnknown) }
    }
  }

  func remove(_ relativePath: String) throws {
    try FileManager.default.removeItem(atPath: path + "/" + relativePath)
  }

  /// The least that git takes for a repository.
  func makeRepository(_ relativePath: String = "", configuration: String = "") throws {
    let git = (relativePath.isEmpty ? "" : relativePath + "/") + ".git"
    try makeDirectory(git + "/objects")
    try makeDirectory(git + "/refs/heads")
    try makeDirectory(git + "/info")
    try write(git + "/HEAD", "ref: refs/heads/main\n")
    try write(git + "/config", "[core]\n\trepositoryformatversion = 0\n\tbare = false\n" + configuration)
  }
}

/// git with an environment that holds nothing of the user's.
struct Git {
  let home: String
  /// What is set besides.
  var variables: [String: String] = [:]

  init(home: String) { self.home = home }

  var environment: [String: String] {
    let own = [
      "HOME": home, "XDG_CONFIG_HOME": home + "/.config", "GIT_CONFIG_NOSYSTEM": "1",
      "GIT_CONFIG_GLOBAL": home + "/.gitconfig",
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "LC_ALL": "C", "GIT_AUTHOR_NAME": "t",
      "GIT_AUTHOR_EMAIL": "t@example.org", "GIT_COMMITTER_NAME": "t", "GIT_COMMITTER_EMAIL": "t@example.org",
      "GIT_CEILING_DIRECTORIES": (home as NSString).deletingLastPathComponent,
    ]
    var result = own.merging(variables) { $1 }
    // A variable that names where settings lie stands in for the others.
    if variables["GIT_CONFIG_SYSTEM"] != nil { result["GIT_CONFIG_NOSYSTEM"] = variables["GIT_CONFIG_NOSYSTEM"] }
    return result
  }

  /// Runs git in a folder and returns what it wrote to its standard output.
  @discardableResult
  func run(_ arguments: [String], in folder: String, input: Data? = nil) throws -> Data {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["git"] + arguments
    process.currentDirectoryURL = URL(fileURLWithPath: folder)
    process.environment = environment
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    let feed = Pipe()
    process.standardInput = input == nil ? FileHandle.nullDevice : feed
    try process.run()
    if let input {
      try feed.fileHandleForWriting.write(contentsOf: input)
      try feed.fileHandleForWriting.close()
    }
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return data
  }

  /// The regular files that git lists as tracked or not ignored, as bytes.
  func files(in folder: String) throws -> Set<[UInt8]> {
    let listed = try run(["ls-files", "-z", "--cached", "--others", "--exclude-standard"], in: folder)
    return Set(
      listed.split(separator: 0).map(Array.init).filter { name in
        var status = stat()
        let path = Array(folder.utf8) + [0x2F] + name
        return path.withUnsafeBufferPointer { bytes in
          lstat(bytes.map { CChar(bitPattern: $0) } + [0], &status)
        } == 0 && status.st_mode & S_IFMT == S_IFREG
      })
  }
}

/// `write(2)` under a name that a method `write` does not hide.
private func systemWrite(_ descriptor: Int32, _ bytes: [UInt8], _ count: Int) -> Int {
  write(descriptor, bytes, count)
}

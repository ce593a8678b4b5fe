import ArgumentParser
import Assistant
import FoundationEssentials
import Workspace

/// The options that every subcommand has.
struct SharedOptions: ParsableArguments {
  @Option(name: .long, help: "The folder to ask about. (default: the repository or folder you are in)")
  var workspace: String?

  @Option(name: .long, help: ArgumentHelp("Read models and settings from this YAML file.", valueName: "file"))
  var config: String?

  /// The configuration file that is named, as an absolute path.
  var configurationPath: String? {
    config.map { WorkspaceFolder.absolutePath($0, in: FileManager.default.currentDirectoryPath) }
  }

  /// The workspace folder.
  ///
  /// - Throws: `CommandFailure` when it is no folder.
  func root() throws -> FileURI {
    try WorkspaceFolder.find(workspace)
  }
}

/// Finds the folder that a command is about.
enum WorkspaceFolder {
  /// The given folder; or else the repository around the current one, if there is one.
  static func find(_ path: String?) throws -> FileURI {
    let current = FileManager.default.currentDirectoryPath
    guard let path else {
      var folder = current
      while folder != "/" && !folder.isEmpty {
        if FileManager.default.fileExists(atPath: folder + "/.git") { return FileURI(path: folder) }
        folder = folder.lastIndex(of: "/").map { String(folder[..<$0]) } ?? ""
      }
      return FileURI(path: current)
    }
    if path.isEmpty {
      // As with an unset variable: the current folder would be a surprise.
      throw CommandFailure(
        "the name of the folder is empty", hint: "Name an existing folder, or none for the one you are in.",
        exitCode: 2)
    }
    let absolute = absolutePath(path, in: current)
    var isDirectory = false
    guard FileManager.default.fileExists(atPath: absolute, isDirectory: &isDirectory), isDirectory else {
      throw CommandFailure("there is no folder \(path)", hint: "Name an existing folder.", exitCode: 2)
    }
    return FileURI(path: absolute)
  }

  /// A path as the shell means it, without `.` and `..`.
  static func absolutePath(_ path: String, in folder: String) -> String {
    var parts: [Substring] = []
    for part in (path.hasPrefix("/") ? path : folder + "/" + path).split(separator: "/") {
      if part == ".." { parts = Array(parts.dropLast()) } else if part != "." { parts.append(part) }
    }
    return "/" + parts.joined(separator: "/")
  }
}

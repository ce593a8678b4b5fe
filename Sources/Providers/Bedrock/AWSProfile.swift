#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What AWS's files in the home directory say under a name: `~/.aws/credentials` and `~/.aws/config`.
struct AWSProfile {
  /// Settings by name, as in the files.
  private(set) var values: [String: String] = [:]

  /// Reads the profile `name`; without settings when the files, or the profile in them, do not exist. What the file of
  /// credentials says counts more.
  init(_ name: String, environment: [String: String]) {
    func path(_ variable: String, _ file: String) -> String? {
      if let path = environment[variable], !path.isEmpty { return path }
      return environment["HOME"].flatMap { $0.isEmpty ? nil : $0 + "/.aws/" + file }
    }
    let section = name == "default" ? ["default", "profile default"] : ["profile " + name]
    if let text = path("AWS_CONFIG_FILE", "config").flatMap(Self.contents) {
      for title in section { values.merge(Self.section(title, of: text)) { $1 } }
    }
    if let text = path("AWS_SHARED_CREDENTIALS_FILE", "credentials").flatMap(Self.contents) {
      values.merge(Self.section(name, of: text)) { $1 }
    }
  }

  /// What the profile needs that is not read here: keys that some program or service must be asked for.
  var unsupportedSource: String? {
    ["credential_process", "sso_session", "sso_start_url", "role_arn", "web_identity_token_file"].first {
      values[$0] != nil
    }
  }

  /// The settings below `[title]`. Indented lines belong to the setting above and are of no interest here.
  static func section(_ title: String, of text: String) -> [String: String] {
    var values: [String: String] = [:]
    var isInside = false
    for line in text.split(whereSeparator: \.isNewline) {
      guard let first = line.first, first != "#", first != ";" else { continue }
      if first == "[" {
        let name = line.dropFirst().prefix { $0 != "]" }.split { $0 == " " || $0 == "\t" }
        isInside = name.joined(separator: " ") == title
      } else if isInside, first != " ", first != "\t", let equals = line.firstIndex(of: "=") {
        values[trimmed(line[..<equals]).lowercased()] = trimmed(line[line.index(after: equals)...])
      }
    }
    return values
  }

  private static func trimmed(_ text: Substring) -> String {
    var text = text
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text.drop(while: \.isWhitespace))
  }

  private static let maxFileBytes = 1 << 20

  /// A regular file's text, of at most a mebibyte.
  private static func contents(of path: String) -> String? {
    // Never waits for a pipe that somebody put there.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size <= maxFileBytes else {
      return nil
    }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    var count = 0
    while count < bytes.count {
      let more = bytes.withUnsafeMutableBytes {
        read(descriptor, $0.baseAddress?.advanced(by: count), $0.count - count)
      }
      guard more > 0 else { break }
      count += more
    }
    return String(decoding: bytes[..<count], as: UTF8.self)
  }
}

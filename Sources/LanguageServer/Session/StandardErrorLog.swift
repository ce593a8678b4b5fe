public import JSONRPC

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Writes lines to standard error, where editors collect them. Standard output belongs to the protocol.
public enum StandardErrorLog {
  /// Bytes of a line: below PIPE_BUF, so that a pipe which is ready takes it whole and without blocking.
  private static let lineLimit = 2_000

  /// A sink for lines of at least `minimum`.
  ///
  /// A line is dropped when standard error is not ready: a client that does not read it must not stop the server.
  public static func sink(minimum: DiagnosticLevel) -> DiagnosticSink {
    { level, message in
      guard level >= minimum else { return }
      var descriptor = pollfd(fd: 2, events: Int16(POLLOUT), revents: 0)
      guard poll(&descriptor, 1, 0) == 1, descriptor.revents & Int16(POLLOUT) != 0 else { return }
      let line = Array(format(level, message).utf8)
      _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
    }
  }

  /// One line: what a client sent may hold line ends and control characters.
  static func format(_ level: DiagnosticLevel, _ message: String) -> String {
    let printable = message.unicodeScalars.lazy.map { $0.value < 0x20 || $0.value == 0x7F ? "\u{FFFD}" : $0 }
    var line = "cicerone: \(level): "
    for scalar in printable {
      if line.utf8.count >= lineLimit { break }
      line.unicodeScalars.append(scalar)
    }
    return line + "\n"
  }
}

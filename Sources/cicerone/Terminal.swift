#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Standard output and standard error. (The C library's `stdout` is a mutable global, which Swift 6 does not share.)
enum Terminal {
  /// Whether a person looks at standard error.
  static let errorIsTerminal = isatty(STDERR_FILENO) == 1
  /// Whether a person looks at standard output.
  static let outputIsTerminal = isatty(STDOUT_FILENO) == 1

  /// Writes a line to standard output.
  static func print(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

  /// Writes text to standard output as it is.
  static func printPart(_ text: String) { write(text, to: STDOUT_FILENO) }

  /// Writes a line to standard error.
  static func printError(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

  /// Writes text to standard error as it is.
  static func printErrorPart(_ text: String) { write(text, to: STDERR_FILENO) }

  /// Ends the process.
  static func exit(_ code: Int32) -> Never {
    #if canImport(Glibc)
      Glibc.exit(code)
    #else
      Darwin.exit(code)
    #endif
  }

  /// Columns of the terminal on standard error; 80 where they are not known.
  static var columns: Int {
    var size = winsize()
    return ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
  }

  private static func write(_ text: String, to descriptor: Int32) {
    var text = text
    text.withUTF8 { bytes in
      var position = 0
      while position < bytes.count {
        #if canImport(Glibc)
          let written = Glibc.write(descriptor, bytes.baseAddress! + position, bytes.count - position)
        #else
          let written = Darwin.write(descriptor, bytes.baseAddress! + position, bytes.count - position)
        #endif
        if written < 0 {
          if errno == EINTR { continue }
          // The reader is gone (`cicerone search … | head -1`): there is nobody to tell.
          return
        }
        position += written
      }
    }
  }
}

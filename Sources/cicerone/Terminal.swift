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

  /// Text of the workspace or of a model without control characters, which a terminal would obey: line feeds and tabs
  /// stay, carriage returns go, all others are shown as U+FFFD.
  static func harmless(_ text: String) -> String {
    replacing(in: text) { $0 == "\n" || $0 == "\t" ? nil : $0 == "\r" ? "" : "\u{FFFD}" }
  }

  /// The same for what has to stay on one line, such as a path: control characters are spelled `\n`, `\t`, `\x1b`.
  static func line(_ text: String) -> String {
    replacing(in: text) { scalar in
      switch scalar {
      case "\n": return "\\n"
      case "\r": return "\\r"
      case "\t": return "\\t"
      default:
        let digits = String(scalar.value, radix: 16)
        return "\\x" + (digits.count < 2 ? "0" : "") + digits
      }
    }
  }

  /// Replaces control characters (C0, DEL and C1) by what a closure gives, if it gives something.
  private static func replacing(in text: String, by replacement: (Unicode.Scalar) -> String?) -> String {
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if isControl(scalar), let other = replacement(scalar) {
        result.append(contentsOf: other.unicodeScalars)
      } else {
        result.append(scalar)
      }
    }
    return String(result)
  }

  private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value)
  }

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

/// How much a line of the log matters.
public enum DiagnosticLevel: Int, Sendable, Comparable {
  /// For those who look for a fault of ours.
  case debug
  /// Worth knowing.
  case info
  /// Something was not as it should be; work goes on.
  case warning
  /// Something that was asked for could not be done, or a fault of ours.
  case error

  /// Orders by importance.
  public static func < (left: DiagnosticLevel, right: DiagnosticLevel) -> Bool { left.rawValue < right.rawValue }
}

/// Takes lines for the log. It must not block and must never write to the connection's output.
public typealias DiagnosticSink = @Sendable (DiagnosticLevel, String) -> Void

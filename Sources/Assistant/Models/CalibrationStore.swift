internal import FoundationEssentials
internal import SQLiteKit
internal import Tokenization

/// What was learned about models' tokens, kept in a file between runs. Losing it costs nothing but learning again: a
/// file that cannot be read or written is done without.
actor CalibrationStore {
  private let executor = BlockingExecutor(label: "token calibration")
  private let path: String?
  private var calibration: TokenCalibration?

  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// The longest file read, in bytes.
  private static let maxBytes = 1 << 20

  /// Keeps it at `path`; only in memory when there is none.
  init(path: String?) { self.path = path }

  /// What is known now.
  func current() -> TokenCalibration {
    if let calibration { return calibration }
    var read = TokenCalibration()
    if let path, let data = FileManager.default.contents(atPath: path), data.count <= Self.maxBytes,
      let stored = try? JSONDecoder().decode(TokenCalibration.self, from: data)
    {
      read = stored
    }
    calibration = read
    return read
  }

  /// Learns from what a provider reported.
  func learn(model: String, counted: Int, reported: Int) {
    var known = current()
    guard known.learn(model: model, counted: counted, reported: reported) else { return }
    calibration = known
    guard let path, let data = try? JSONEncoder().encode(known) else { return }
    // Written beside and renamed, so that another process reads one or the other.
    try? data.write(to: URL(fileURLWithPath: path), options: .atomic)
  }
}

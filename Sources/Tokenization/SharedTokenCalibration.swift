import Synchronization

/// A calibration that any number of threads learn into and ask.
public final class SharedTokenCalibration: Sendable {
  private let state: Mutex<TokenCalibration>

  /// Starts from what was stored, or from nothing.
  public init(_ calibration: TokenCalibration = TokenCalibration()) { state = Mutex(calibration) }

  /// What is known now: to store, or to measure several requests by.
  public var snapshot: TokenCalibration { state.withLock { $0 } }

  /// Learns from a report, as `TokenCalibration.learn` does.
  @discardableResult
  public func learn(model: String, counted: Int, reported: Int) -> Bool {
    state.withLock { $0.learn(model: model, counted: counted, reported: reported) }
  }

  /// What `TokenCalibration.estimate` says.
  public func estimate(_ counted: Int, model: String) -> TokenCalibration.Estimate {
    state.withLock { $0.estimate(counted, model: model) }
  }
}

import Foundation
import Synchronization

/// What a process has written so far, and how it ended.
final class ChildRecord: Sendable {
  private struct State {
    var output: [UInt8] = []
    var errors: [UInt8] = []
    var openStreams = 0
    var ending: Ending?
    var waiters: [CheckedContinuation<Ending, Never>] = []
  }

  private let state = Mutex(State())

  var output: [UInt8] { state.withLock { $0.output } }
  var errors: String { state.withLock { String(decoding: $0.errors, as: UTF8.self) } }
  var hasEnded: Bool { state.withLock { $0.ending != nil } }

  func expect(streams: Int) { state.withLock { $0.openStreams = streams } }

  /// Reads a stream to its end and closes it. Blocks.
  func read(_ descriptor: CInt, isErrors: Bool, _ onOutput: (@Sendable ([UInt8]) -> Void)?) {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Foundation.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      let bytes = Array(buffer[..<count])
      if !isErrors, let onOutput {
        onOutput(bytes)
      } else {
        state.withLock { if isErrors { $0.errors += bytes } else { $0.output += bytes } }
      }
    }
    close(descriptor)
    finish { $0.openStreams -= 1 }
  }

  func ended(_ ending: Ending) { finish { $0.ending = ending } }

  /// Answers who waits when the process has ended and all of its output is here.
  private func finish(_ change: (inout sending State) -> Void) {
    let (ending, waiters) = state.withLock { state -> (Ending?, [CheckedContinuation<Ending, Never>]) in
      change(&state)
      guard let ending = state.ending, state.openStreams == 0 else { return (nil, []) }
      defer { state.waiters = [] }
      return (ending, state.waiters)
    }
    if let ending { for waiter in waiters { waiter.resume(returning: ending) } }
  }

  func ending() async -> Ending {
    await withCheckedContinuation { continuation in
      let ending = state.withLock { state -> Ending? in
        if let ending = state.ending, state.openStreams == 0 { return ending }
        state.waiters.append(continuation)
        return nil
      }
      if let ending { continuation.resume(returning: ending) }
    }
  }
}

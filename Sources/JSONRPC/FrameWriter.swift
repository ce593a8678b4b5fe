#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Writes frames to a descriptor, whole and in order, on a thread of its own.
///
/// Nothing that enqueues ever waits: those who produce what can wait ask `hasRoom` first, and the reader stops reading
/// only when replies worth `hardLimit` bytes are waiting for a client which does not take them.
final class FrameWriter: Sendable {
  private struct State: Sendable {
    var frames: [[UInt8]] = []
    var bytes = 0
    /// No more frames are taken; the thread ends when the queue is empty.
    var closing = false
    /// The thread has ended: everything is written, or cannot be.
    var ended = false
    var onEnd: [@Sendable () -> Void] = []
  }

  private let output: CInt
  private let softLimit: Int
  private let hardLimit: Int
  private let monitor = Monitor(State())
  private let wakePipe = WakePipe()
  /// Called once when the client has closed its end.
  private let onBroken: @Sendable () -> Void

  init(output: CInt, softLimit: Int, hardLimit: Int, onBroken: @escaping @Sendable () -> Void) {
    self.output = output
    self.softLimit = softLimit
    self.hardLimit = hardLimit
    self.onBroken = onBroken
  }

  /// Starts the thread.
  func start() {
    if !SystemThread.start({ [self] in run() }) { end() }
  }

  /// Adds a frame; false when the connection is closing.
  @discardableResult
  func enqueue(_ frame: [UInt8]) -> Bool {
    monitor.update { state in
      guard !state.closing, !state.ended else { return false }
      state.frames.append(frame)
      state.bytes += frame.count
      return true
    }
  }

  /// Whether a producer of what can wait should go on.
  var hasRoom: Bool { monitor.read { $0.bytes < softLimit && !$0.ended } }

  /// Blocks the calling thread while far too much is waiting to be written.
  func waitBelowHardLimit() {
    monitor.wait(until: { $0.bytes < hardLimit || $0.closing || $0.ended }, { _ in })
  }

  /// Takes no more frames; what is enqueued is still written.
  func close() {
    monitor.update { $0.closing = true }
  }

  /// Ends the thread, whatever waits.
  func abandon() {
    monitor.update { $0.closing = true }
    wakePipe.wake()
  }

  /// Calls `body` when the thread has ended; at once when it has already.
  func onEnd(_ body: @escaping @Sendable () -> Void) {
    let ended = monitor.update { state in
      if !state.ended { state.onEnd.append(body) }
      return state.ended
    }
    if ended { body() }
  }

  private func run() {
    while let frames = take() {
      for frame in frames {
        guard write(frame) else {
          end()
          onBroken()
          return
        }
        monitor.update { $0.bytes -= frame.count }
      }
    }
    end()
  }

  /// Waits for frames; nil when there will be none.
  private func take() -> [[UInt8]]? {
    monitor.wait(until: { !$0.frames.isEmpty || $0.closing }) { state in
      defer { state.frames = [] }
      return state.frames.isEmpty ? nil : state.frames
    }
  }

  private func end() {
    let waiting = monitor.update { state in
      defer { state.onEnd = [] }
      state.ended = true
      state.frames = []
      state.bytes = 0
      return state.onEnd
    }
    for body in waiting { body() }
  }

  /// Writes all bytes; false when the client is gone or the thread was told to end.
  private func write(_ frame: [UInt8]) -> Bool {
    frame.withUnsafeBytes { bytes in
      var offset = 0
      while offset < bytes.count {
        guard wakePipe.wait(for: output, events: POLLOUT) else { return false }
        // A pipe that is ready takes this much (PIPE_BUF) without blocking: so the thread can always be ended.
        let part = UnsafeRawBufferPointer(rebasing: bytes[offset..<min(offset + 4096, bytes.count)])
        let count = systemWrite(output, part.baseAddress, part.count)
        if count < 0 {
          if errno == EINTR || errno == EAGAIN { continue }
          return false
        }
        offset += count
      }
      return true
    }
  }
}

/// `write(2)`, which the method of the same name hides.
private func systemWrite(_ descriptor: CInt, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Reads a descriptor on a thread of its own and gives out what frames it holds.
final class FrameReader: Sendable {
  private let input: CInt
  private let limits: FrameParser.Limits
  private let wakePipe = WakePipe()

  init(input: CInt, limits: FrameParser.Limits) {
    self.input = input
    self.limits = limits
  }

  /// Starts the thread; `receive` is called on it (see `FrameParser.push`), `onEnd` when the input has ended.
  func start(receive: @escaping @Sendable (FrameParser.Event) -> Int?, onEnd: @escaping @Sendable () -> Void) {
    let started = SystemThread.start { [self] in
      run(receive)
      onEnd()
    }
    if !started { onEnd() }
  }

  /// Ends the thread as soon as it waits for input.
  func stop() {
    wakePipe.wake()
  }

  private func run(_ receive: (FrameParser.Event) -> Int?) {
    var parser = FrameParser(limits: limits)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
    defer { buffer.deallocate() }
    while wakePipe.wait(for: input, events: POLLIN) {
      let count = read(input, buffer.baseAddress, buffer.count)
      if count < 0, errno == EINTR || errno == EAGAIN { continue }
      guard count > 0 else { return }
      parser.push(UnsafeRawBufferPointer(rebasing: buffer[..<count]), receive)
    }
  }
}

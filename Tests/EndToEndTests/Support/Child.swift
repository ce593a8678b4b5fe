import Foundation
import Synchronization

/// How a process ended.
enum Ending: Sendable, Hashable {
  case exited(Int32)
  case signalled(Int32)
}

/// A process with pipes. It is killed when it runs for longer than any test should wait, so that nothing hangs, and
/// when the value goes away.
final class Child: Sendable {
  struct SpawnFailure: Error { var code: Int32 }

  let processID: pid_t
  private let input: ChildInput
  /// What the reading threads write to: they own it, and not the child, so that a child can go away.
  private let record = ChildRecord()
  /// Descriptors are made and passed on under a lock: no child may inherit the pipe of another.
  private static let spawning = Mutex(())

  /// Starts a program.
  ///
  /// - Parameters:
  ///   - readsOutput: whether its standard output is read; otherwise it goes into a pipe that nobody holds.
  ///   - onOutput: gets standard output as it comes, on one thread.
  init(
    _ command: [String], environment: [String: String], readsOutput: Bool = true, limit: TimeInterval = 300,
    onOutput: (@Sendable ([UInt8]) -> Void)? = nil
  ) throws {
    let started = try Child.spawning.withLock { _ in try Child.spawn(command, environment) }
    let processID = started.processID
    self.processID = processID
    input = ChildInput(descriptor: started.input)
    if !readsOutput { close(started.output) }
    let outputs = readsOutput ? [started.output, started.errors] : [started.errors]
    record.expect(streams: outputs.count)
    for descriptor in outputs {
      let isErrors = descriptor == started.errors
      Thread.detachNewThread { [record] in record.read(descriptor, isErrors: isErrors, onOutput) }
    }
    Thread.detachNewThread { [record] in
      var status: Int32 = 0
      while waitpid(processID, &status, 0) < 0, errno == EINTR {}
      record.ended(status & 0x7F == 0 ? .exited((status >> 8) & 0xFF) : .signalled(status & 0x7F))
    }
    DispatchQueue.global().asyncAfter(deadline: .now() + limit) { [weak self] in self?.kill(SIGKILL) }
  }

  deinit {
    kill(SIGKILL)
    input.close()
  }

  /// Standard output so far.
  var output: [UInt8] { record.output }
  /// Standard error so far.
  var errors: String { record.errors }
  /// Whether the process has ended.
  var hasEnded: Bool { record.hasEnded }

  /// Waits for the end of the process and of its output.
  func ending() async -> Ending { await record.ending() }

  func kill(_ signal: Int32) {
    // The number may belong to another process once this one is gone.
    if !hasEnded { Foundation.kill(processID, signal) }
  }

  /// Sends bytes, in order. Writing to a process that is gone does nothing.
  func send(_ bytes: [UInt8]) { input.send(bytes) }

  /// Ends the input, behind everything that was sent.
  func closeInput() { input.close() }

  private static func spawn(_ command: [String], _ environment: [String: String]) throws -> (
    processID: pid_t, input: CInt, output: CInt, errors: CInt
  ) {
    var pipes = [[CInt]](repeating: [0, 0], count: 3)
    for number in pipes.indices {
      guard pipe(&pipes[number]) == 0 else { throw SpawnFailure(code: errno) }
      for descriptor in pipes[number] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, pipes[0][0], 0)
    posix_spawn_file_actions_adddup2(&actions, pipes[1][1], 1)
    posix_spawn_file_actions_adddup2(&actions, pipes[2][1], 2)
    // A shell gives its commands every signal at its default; the runner of tests may ignore some.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    for number in [SIGPIPE, SIGINT, SIGTERM] { sigaddset(&signals, number) }
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))

    var arguments: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
    var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0)=\($1)") } + [nil]
    defer { for pointer in arguments + variables { free(pointer) } }
    var processID: pid_t = 0
    let code = posix_spawn(&processID, command[0], &actions, &attributes, &arguments, &variables)
    for descriptor in [pipes[0][0], pipes[1][1], pipes[2][1]] { close(descriptor) }
    guard code == 0 else {
      for descriptor in [pipes[0][1], pipes[1][0], pipes[2][0]] { close(descriptor) }
      throw SpawnFailure(code: code)
    }
    return (processID, pipes[0][1], pipes[1][0], pipes[2][0])
  }
}

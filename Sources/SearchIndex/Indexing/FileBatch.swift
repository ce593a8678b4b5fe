internal import Dispatch
internal import Synchronization
internal import Workspace

/// Reads, classifies and indexes a batch of files on several threads.
final class FileBatch: Sendable {
  /// A file to look at.
  struct Input: Sendable {
    var entry: FileEntry
    /// The hash of what is indexed of it, if anything is.
    var knownHash: ContentHash?
  }

  /// What became of a file's bytes on disk.
  struct Stat: Sendable, Hashable {
    var size: Int
    /// The `FileStatus.fingerprint`; 0 where it is not to be trusted.
    var modified: Int64
    /// Whether it was written only just before it was read.
    var isFresh = false
  }

  /// What a batch gives.
  struct Output: Sendable {
    /// New segments, one a thread, with the stat of each of their files.
    var segments: [(segment: Segment, stats: [Stat])] = []
    /// Files whose text is what is indexed already.
    var unchanged: [(path: String, stat: Stat)] = []
    /// Files that were read and left out.
    var skipped: [(path: String, reason: SkipReason, stat: Stat)] = []
    /// Files that were gone when their turn came.
    var vanished: [String] = []
    /// Bytes read.
    var bytes = 0
  }

  private let inputs: [Input]
  private let maximumFileSize: Int
  private let builders: SegmentBuilders
  private let isInterrupted: @Sendable () -> Bool
  private let threads = DispatchGroup()
  private let next = Atomic<Int>(0)
  private let output = Mutex(Output())

  /// - Parameters:
  ///   - builders: what builds the segments; not to be used by two batches at once.
  ///   - isInterrupted: asked before each file, on any thread; after it says yes no further file is begun.
  init(
    inputs: [Input], maximumFileSize: Int, builders: SegmentBuilders,
    isInterrupted: @escaping @Sendable () -> Bool = { false }
  ) {
    self.isInterrupted = isInterrupted
    self.inputs = inputs
    self.maximumFileSize = maximumFileSize
    self.builders = builders
  }

  /// Does the work on a thread for each builder, this one among them, and waits. It blocks: call it from a thread of
  /// one's own.
  func run() -> Output {
    DispatchQueue.concurrentPerform(iterations: threadCount) { work($0) }
    return output.withLock { $0 }
  }

  /// Begins the work on other threads, a thread for each builder.
  func start() {
    // Queues of their own: the global ones give their few threads to all tasks, which would wait for the whole batch.
    for number in 0..<threadCount {
      DispatchQueue(label: "indexing \(number)").async(group: threads) { self.work(number) }
    }
  }

  /// Waits for what `start` began. It blocks, too. The first `taken` files are done then; the others are not, since
  /// the batch was interrupted.
  func wait() -> (output: Output, taken: Int) {
    threads.wait()
    return (output.withLock { $0 }, min(inputs.count, next.load(ordering: .relaxed)))
  }

  private var threadCount: Int { max(1, min(builders.count, inputs.count)) }

  private func work(_ number: Int) {
    builders.withBuilder(number) { work(&$0) }
  }

  private func work(_ builder: inout SegmentBuilder) {
    var stats: [Stat] = []
    var local = Output()
    if inputs.count > 1 { builder.reserve(bytes: inputs.reduce(0) { $0 + $1.entry.size } / threadCount) }
    while !isInterrupted() {
      let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
      guard index < inputs.count else { break }
      let input = inputs[index]
      let content: FileReader.Content
      do {
        content = try FileReader.read(input.entry.uri, limit: maximumFileSize)
      } catch {
        if error.skipReason == .unreadable, (try? FileReader.status(input.entry.uri)) == nil {
          local.vanished.append(input.entry.path)
        } else {
          // What cannot be read now may be readable the next time, whatever its times say.
          let modified = error.skipReason == .unreadable ? 0 : input.entry.fingerprint
          local.skipped.append((input.entry.path, error.skipReason, Stat(size: input.entry.size, modified: modified)))
        }
        continue
      }
      local.bytes += content.bytes.count
      let age = Clock.nanoseconds() - content.status.stamp
      let stat = Stat(
        size: content.status.size, modified: FileBatch.trustworthy(content.status, age: age),
        isFresh: age >= 0 && age < WorkspaceIndex.settlingTime)
      let text = TextDecoder.decode(content.bytes)
      let hash = ContentHash(text)
      if hash == input.knownHash {
        local.unchanged.append((input.entry.path, stat))
        continue
      }
      text.withUnsafeBufferPointer { bytes in
        let reason = ContentClassifier.skipReason(
          path: input.entry.path, bytes: bytes, maximumSize: maximumFileSize)
        if let reason {
          local.skipped.append((input.entry.path, reason, stat))
        } else {
          builder.add(path: input.entry.path, text: bytes, contentHash: hash, traits: input.entry.traits)
          stats.append(stat)
        }
      }
    }
    if builder.fileCount > 0 { local.segments.append((builder.finish(), stats)) }
    let finished = local
    output.withLock { output in
      output.segments += finished.segments
      output.unchanged += finished.unchanged
      output.skipped += finished.skipped
      output.vanished += finished.vanished
      output.bytes += finished.bytes
    }
  }

  /// What to compare a file with later, or 0 where a later write could leave it the same: file systems stamp with the
  /// kernel's tick, so a file written right before it was read may change again within it.
  private static func trustworthy(_ status: FileStatus, age: Int64) -> Int64 {
    age > 20_000_000 ? status.fingerprint : 0
  }
}

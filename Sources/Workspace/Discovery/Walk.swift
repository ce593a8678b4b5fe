internal import Dispatch
internal import Synchronization

/// What all threads of a walk know and share.
final class WalkPlan: Sendable {
  let root: FileURI
  /// The folder's absolute path with a final `/`.
  let rootPath: [UInt8]
  let options: Discovery.Options
  let environment: GitEnvironment
  let filter: EntryFilter
  private let fileCount = Atomic<Int>(0)

  init(root: FileURI, options: Discovery.Options) {
    self.root = root
    rootPath = root.pathBytes == [0x2F] ? [0x2F] : root.pathBytes + [0x2F]
    self.options = options
    environment = GitEnvironment(options.environment)
    filter = EntryFilter(options: options, rootLength: rootPath.count)
  }

  /// Counts a file that is taken; the reason not to take it if there are too many.
  func countFile() -> SkipReason? {
    fileCount.wrappingAdd(1, ordering: .relaxed).oldValue < options.maximumFileCount ? nil : .overLimit
  }
}

/// One walk through a workspace folder, on up to two threads.
///
/// Each thread works off directories of its own; the one that has too many gives some away when the other has none.
struct Walk {
  private let plan: WalkPlan

  init(root: FileURI, options: Discovery.Options) {
    plan = WalkPlan(root: root, options: options)
  }

  /// Walks through the folder; nil if it cannot be opened.
  func run(isCancelled: () -> Bool) -> DiscoveryResult? {
    let rules = IgnoreRules.outer(of: plan.rootPath, environment: plan.environment, options: plan.options)
    let threads = max(1, plan.options.threads)
    var worker = WalkWorker(plan: plan, first: threads, step: threads)
    guard worker.list(WalkTask(directory: plan.rootPath, rules: rules, number: 0)) else { return nil }
    let pool = WalkPool(threads: threads)
    var result = DiscoveryResult(root: plan.root)
    var helpers: DispatchGroup?
    while let task = worker.pending.popLast() ?? pool.wait() {
      if isCancelled() {
        pool.stop()
        result.isPartial = true
        break
      }
      worker.work(task, pool)
      // A small folder is done before another thread has started.
      if helpers == nil, threads > 1, worker.pending.count >= WalkPool.worthHelp { helpers = help(pool, threads - 1) }
    }
    helpers?.wait()
    var directories = worker.listed
    result.skips = worker.skips
    for part in pool.finished {
      directories += part.listed
      result.skips.append(contentsOf: part.skips)
    }
    result.skips.finish()
    assemble(directories, &result)
    return result
  }

  private func help(_ pool: WalkPool, _ count: Int) -> DispatchGroup {
    let group = DispatchGroup()
    pool.addThreads(count)
    for number in 1...count {
      DispatchQueue.global().async(group: group) { [plan] in
        var worker = WalkWorker(plan: plan, first: count + 1 + number, step: count + 1)
        while !pool.isStopped, let task = worker.pending.popLast() ?? pool.wait() { worker.work(task, pool) }
        pool.finish(worker.listed, worker.skips)
      }
    }
    return group
  }

  /// Puts the directories together, depth first: that gives files in the order of the bytes of their paths.
  private func assemble(_ listed: [ListedDirectory], _ result: inout DiscoveryResult) {
    var places = [Int32](repeating: -1, count: (listed.lazy.map(\.number).max() ?? 0) + 1)
    var fileCount = 0
    for (place, directory) in listed.enumerated() {
      places[directory.number] = Int32(place)
      fileCount += directory.children.count
    }
    result.files.reserveCapacity(fileCount)
    var stack = [(place: Int(places[0]), next: 0, holdsFile: true)]
    result.directories.append(plan.root)
    while let top = stack.last {
      let directory = listed[top.place]
      guard top.next < directory.children.count else {
        stack.removeLast()
        // Without a file in it or below it, it is the last of the list.
        if !top.holdsFile {
          result.emptyDirectories.append(result.directories.removeLast())
        } else if !stack.isEmpty {
          stack[stack.count - 1].holdsFile = true
        }
        continue
      }
      stack[stack.count - 1].next += 1
      switch directory.children[top.next] {
      case .file(let entry):
        result.files.append(entry)
        stack[stack.count - 1].holdsFile = true
      case .directory(let number):
        // One that could not be listed has no place.
        guard number < places.count, places[number] >= 0 else { continue }
        let place = Int(places[number])
        result.directories.append(FileURI(normalisedBytes: listed[place].path.dropLast()))
        stack.append((place, 0, false))
      }
    }
  }
}

extension WalkWorker {
  /// Lists a directory and gives some of the others away if a thread has nothing to do.
  mutating func work(_ task: WalkTask, _ pool: WalkPool) {
    if !list(task) { skip(.unreadable, task.directory[...]) }
    if pool.isHungry, pending.count > 1 { pool.give(&pending) }
  }
}

/// Directories that wait for any thread, and the threads that wait for directories.
final class WalkPool: Sendable {
  private struct State {
    var tasks: [WalkTask] = []
    var threads: Int
    var waiting = 0
    var isOver = false
    var finished: [(listed: [ListedDirectory], skips: SkipLedger)] = []
  }

  /// How many directories must wait before another thread pays.
  static let worthHelp = 24

  private let state: Mutex<State>
  private let hungry = Atomic<Int>(0)
  private let stopped = Atomic<Bool>(false)
  private let wakeUp = DispatchSemaphore(value: 0)

  init(threads: Int) {
    state = Mutex(State(threads: 1))
  }

  /// Whether a thread waits.
  var isHungry: Bool { hungry.load(ordering: .relaxed) > 0 }

  /// Whether the walk was cancelled.
  var isStopped: Bool { stopped.load(ordering: .relaxed) }

  /// What the other threads found; complete once they have ended.
  var finished: [(listed: [ListedDirectory], skips: SkipLedger)] { state.withLock { $0.finished } }

  func addThreads(_ count: Int) {
    state.withLock { $0.threads += count }
  }

  func finish(_ listed: [ListedDirectory], _ skips: SkipLedger) {
    state.withLock { $0.finished.append((listed, skips)) }
  }

  /// Takes half of the tasks: the first found, which lie nearest to the root and promise most work.
  func give(_ tasks: inout [WalkTask]) {
    let count = tasks.count / 2
    let gift = Array(tasks[..<count])
    tasks.removeSubrange(..<count)
    let waiting = state.withLock { state in
      state.tasks += gift
      return min(state.waiting, count)
    }
    for _ in 0..<waiting { wakeUp.signal() }
  }

  /// A directory to list; waits until there is one. Nil when all threads wait, so that all is done.
  func wait() -> WalkTask? {
    while true {
      let (task, isOver, waiting) = state.withLock { state -> (WalkTask?, Bool, Int) in
        if !state.isOver, let task = state.tasks.popLast() { return (task, false, 0) }
        if state.waiting + 1 == state.threads { state.isOver = true }
        if state.isOver { return (nil, true, state.waiting) }
        state.waiting += 1
        return (nil, false, 0)
      }
      if let task { return task }
      if isOver {
        for _ in 0..<waiting { wakeUp.signal() }
        return nil
      }
      hungry.wrappingAdd(1, ordering: .relaxed)
      wakeUp.wait()
      hungry.wrappingSubtract(1, ordering: .relaxed)
      state.withLock { $0.waiting -= 1 }
    }
  }

  /// Makes all threads end after the directory at hand.
  func stop() {
    stopped.store(true, ordering: .relaxed)
    let waiting = state.withLock { state in
      state.isOver = true
      state.tasks = []
      return state.waiting
    }
    for _ in 0..<waiting { wakeUp.signal() }
  }
}

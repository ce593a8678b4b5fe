internal import Workspace

/// The index at one moment. It never changes: readers keep theirs while the writer makes the next.
public final class IndexSnapshot: Sendable {
  /// A segment with what of it is alive.
  struct Part: Sendable {
    let segment: Segment
    /// For each file of the segment, whether this is its newest version and nothing hides it.
    let live: [Bool]
    /// The number of the segment's first passage among all.
    let base: Int
    /// The passages of live files.
    let runs: [Range<Int>]

    init(segment: Segment, live: [Bool], base: Int) {
      self.segment = segment
      self.live = live
      self.base = base
      runs = Part.runs(of: segment.files) { live[$0] }
    }

    /// The passages of some files, ascending; those of neighbours in one range.
    static func runs(of files: [IndexedFile], where isIncluded: (Int) -> Bool) -> [Range<Int>] {
      var runs: [Range<Int>] = []
      for (number, file) in files.enumerated() where !file.passages.isEmpty && isIncluded(number) {
        if let last = runs.last, last.upperBound == file.passages.lowerBound {
          runs[runs.count - 1] = last.lowerBound..<file.passages.upperBound
        } else {
          runs.append(file.passages)
        }
      }
      return runs
    }

    /// The same with some more files dead.
    func burying(_ files: [Int]) -> Part {
      var live = live
      for file in files { live[file] = false }
      return Part(segment: segment, live: live, base: base)
    }
  }

  let parts: [Part]
  /// The vectors of a remote embedder, where these serve; else the segments' own do.
  let served: ServedSpace?
  /// Passages in all segments, the dead among them.
  let capacity: Int
  /// Live passages.
  public let passageCount: Int
  /// Live files.
  public let fileCount: Int
  /// The location of each live file by its path, as far as `hidden` does not say otherwise.
  private let locations: [String: (part: Int, file: Int)]
  /// The locations of open buffers, nil for those without an indexed text: a few beside the many of `locations`, so that
  /// a keystroke copies no large dictionary.
  private let hidden: [String: (part: Int, file: Int)?]

  /// An index of nothing.
  public static let empty = IndexSnapshot(segments: [])

  /// Takes the files for which `isLive`; of several with one path the one in the latest segment.
  init(
    segments: [Segment], isLive: (_ segment: Int, _ file: Int) -> Bool = { _, _ in true }
  ) {
    var locations: [String: (part: Int, file: Int)] = [:]
    locations.reserveCapacity(segments.reduce(0) { $0 + $1.files.count })
    var live = segments.map { [Bool](repeating: false, count: $0.files.count) }
    for (part, segment) in segments.enumerated() {
      for (file, entry) in segment.files.enumerated() where isLive(part, file) {
        if let older = locations.updateValue((part, file), forKey: entry.path) { live[older.part][older.file] = false }
        live[part][file] = true
      }
    }
    var parts: [Part] = []
    var base = 0
    var passages = 0
    for (part, segment) in segments.enumerated() {
      parts.append(Part(segment: segment, live: live[part], base: base))
      passages += parts[part].runs.reduce(0) { $0 + $1.count }
      base += segment.passages.count
    }
    self.parts = parts
    served = nil
    self.locations = locations
    hidden = [:]
    capacity = base
    passageCount = passages
    fileCount = locations.count
  }

  private init(_ base: IndexSnapshot, overlays: [String: Segment?]) {
    var parts = base.parts
    var hidden: [String: (part: Int, file: Int)?] = [:]
    var capacity = base.capacity
    var passages = base.passageCount
    var files = base.fileCount
    // In the order of their paths, so that the same overlays give the same snapshot.
    for (path, segment) in overlays.sorted(by: { $0.key < $1.key }) {
      hidden[path] = .some(nil)
      if let (part, file) = base.locations[path] {
        passages -= parts[part].segment.files[file].passages.count
        files -= 1
        parts[part] = parts[part].burying([file])
      }
      guard let segment, !segment.files.isEmpty else { continue }
      hidden[path] = .some((parts.count, 0))
      parts.append(Part(segment: segment, live: [true], base: capacity))
      capacity += segment.passages.count
      passages += segment.passages.count
      files += 1
    }
    self.parts = parts
    served = nil
    locations = base.locations
    self.hidden = hidden
    self.capacity = capacity
    passageCount = passages
    fileCount = files
  }

  /// The next version of an index without open buffers: see `updated`.
  private init(_ base: IndexSnapshot, adding segments: [Segment], removing paths: [String]) {
    var parts = base.parts
    var locations = base.locations
    var capacity = base.capacity
    var passages = base.passageCount
    var dead: [Int: [Int]] = [:]
    func bury(_ path: String) {
      guard let (part, file) = locations.removeValue(forKey: path) else { return }
      dead[part, default: []].append(file)
      passages -= parts[part].segment.files[file].passages.count
    }
    for path in paths { bury(path) }
    for segment in segments {
      for (file, entry) in segment.files.enumerated() {
        bury(entry.path)
        locations[entry.path] = (parts.count, file)
      }
      parts.append(
        Part(segment: segment, live: [Bool](repeating: true, count: segment.files.count), base: capacity))
      capacity += segment.passages.count
      passages += segment.passages.count
    }
    for (part, files) in dead { parts[part] = parts[part].burying(files) }
    self.parts = parts
    served = nil
    self.locations = locations
    hidden = [:]
    self.capacity = capacity
    passageCount = passages
    fileCount = locations.count
  }

  private init(_ base: IndexSnapshot, served: ServedSpace) {
    parts = base.parts
    self.served = served
    capacity = base.capacity
    passageCount = base.passageCount
    fileCount = base.fileCount
    locations = base.locations
    hidden = base.hidden
  }

  /// This index, searched by the vectors of a remote embedder; they must be those of its parts.
  func serving(_ space: ServedSpace) -> IndexSnapshot { IndexSnapshot(self, served: space) }

  /// The id of the space whose vectors serve; nil while the segments' own do. A search by them needs a `QueryVector`.
  public var servedSpace: String? { served?.space }

  /// This index with more segments, whose files replace those of the same paths, and without the files at some paths.
  /// It must be one without open buffers. What it costs is one copy of the locations, not a pass over all files.
  func updated(adding segments: [Segment], removing paths: [String]) -> IndexSnapshot {
    IndexSnapshot(self, adding: segments, removing: paths)
  }

  /// This index with the segments of open buffers, one file each, instead of the files at their paths; nil hides a
  /// file without another text for it.
  func overlaid(_ overlays: [String: Segment?]) -> IndexSnapshot {
    overlays.isEmpty ? self : IndexSnapshot(self, overlays: overlays)
  }

  /// The live version of a file.
  public func file(at path: String) -> IndexedFile? {
    location(of: path).map { parts[$0.part].segment.files[$0.file] }
  }

  /// The paths of all live files, in no order.
  public var paths: [String] {
    locations.keys.filter { hidden[$0] == nil } + hidden.filter { $0.value != nil }.map(\.key)
  }

  private func location(of path: String) -> (part: Int, file: Int)? {
    if !hidden.isEmpty, let location = hidden[path] { return location }
    return locations[path]
  }

  /// Bytes of memory that the segments hold, roughly.
  public var memory: Int { parts.reduce(0) { $0 + $1.segment.memory } }

  /// The live passages of a file, in order.
  public func passages(of path: String) -> [PassageReference] {
    guard let (part, file) = location(of: path) else { return [] }
    let segment = parts[part].segment
    return segment.files[file].passages.map { PassageReference(segment: segment, passage: $0) }
  }
}

/// A passage of the index: where it stands and what its text was when it was read.
public struct PassageReference: Sendable {
  let segment: Segment
  let passage: Int

  private var record: PassageRecord { segment.passages[passage] }
  /// The file that it is in.
  public var file: IndexedFile { segment.files[Int(record.file)] }
  /// Its lines, zero-based.
  public var lines: Range<Int> { Int(record.startLine)..<Int(record.endLine) }
  /// Its bytes in the file.
  public var bytes: Range<Int> { Int(record.startByte)..<Int(record.endByte) }
  /// The hash of its bytes.
  public var contentHash: UInt64 { record.contentHash }
  /// The symbol path of its declaration; empty outside any.
  public var symbol: String { segment.symbol(of: passage) }
  /// The names of the declarations that begin in it.
  public var names: [String] { segment.names(of: passage) }
  /// What kind of declaration it is, as `Chunking.SymbolKind`.
  public var kind: UInt8 { record.kind }
}

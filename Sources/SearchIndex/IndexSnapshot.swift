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
  }

  let parts: [Part]
  /// Passages in all segments, the dead among them.
  let capacity: Int
  /// Files of all segments, the dead among them.
  let fileCapacity: Int
  /// Live passages.
  public let passageCount: Int
  /// Live files.
  public let fileCount: Int
  /// The location of each live file by its path.
  let locations: [String: (part: Int, file: Int)]

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
    self.locations = locations
    capacity = base
    fileCapacity = segments.reduce(0) { $0 + $1.files.count }
    passageCount = passages
    fileCount = locations.count
  }

  private init(_ base: IndexSnapshot, overlays: [String: Segment?]) {
    var parts = base.parts
    var locations = base.locations
    var capacity = base.capacity
    var fileCapacity = base.fileCapacity
    var passages = base.passageCount
    // In the order of their paths, so that the same overlays give the same snapshot.
    for (path, segment) in overlays.sorted(by: { $0.key < $1.key }) {
      if let (part, file) = locations.removeValue(forKey: path) {
        var live = parts[part].live
        live[file] = false
        passages -= parts[part].segment.files[file].passages.count
        parts[part] = Part(segment: parts[part].segment, live: live, base: parts[part].base)
      }
      guard let segment, !segment.files.isEmpty else { continue }
      locations[path] = (parts.count, 0)
      parts.append(Part(segment: segment, live: [true], base: capacity))
      capacity += segment.passages.count
      fileCapacity += 1
      passages += segment.passages.count
    }
    self.parts = parts
    self.locations = locations
    self.capacity = capacity
    self.fileCapacity = fileCapacity
    passageCount = passages
    fileCount = locations.count
  }

  /// This index with the segments of open buffers, one file each, instead of the files at their paths; nil hides a
  /// file without another text for it.
  func overlaid(_ overlays: [String: Segment?]) -> IndexSnapshot {
    overlays.isEmpty ? self : IndexSnapshot(self, overlays: overlays)
  }

  /// How rare a term is among the passages.
  func inverseDocumentFrequency(of term: Term) -> Float {
    let count = parts.reduce(0) { $0 + $1.segment.passageTerms.range(of: term).count }
    return BM25.inverseDocumentFrequency(count: count, total: capacity)
  }

  /// The live version of a file.
  public func file(at path: String) -> IndexedFile? {
    locations[path].map { parts[$0.part].segment.files[$0.file] }
  }

  /// The paths of all live files, in no order.
  public var paths: some Sequence<String> { locations.keys }

  /// Bytes of memory that the segments hold, roughly.
  public var memory: Int { parts.reduce(0) { $0 + $1.segment.memory } }

  /// The live passages of a file, in order.
  public func passages(of path: String) -> [PassageReference] {
    guard let (part, file) = locations[path] else { return [] }
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

import SeededInput
import Testing
import Workspace

@testable import SearchIndex

/// What is alive, against a dictionary.
struct SnapshotTests {
  private func check(_ snapshot: IndexSnapshot, _ model: [String: String]) {
    #expect(Set(snapshot.paths) == Set(model.keys))
    #expect(snapshot.fileCount == model.count)
    var passages = 0
    for (path, text) in model {
      #expect(snapshot.file(at: path)?.contentHash == ContentHash(text))
      let bytes = Array(text.utf8)
      for passage in snapshot.passages(of: path) {
        passages += 1
        #expect(passage.file.path == path)
        #expect(ContentHash(Array(bytes[passage.bytes])).low == passage.contentHash)
      }
    }
    #expect(snapshot.passageCount == passages)
    // The flags say the same as the locations.
    var live: [String] = []
    var base = 0
    for part in snapshot.parts {
      #expect(part.base == base)
      base += part.segment.passages.count
      for (file, isLive) in zip(part.segment.files, part.live) where isLive { live.append(file.path) }
    }
    #expect(live.sorted() == model.keys.sorted())
    #expect(snapshot.capacity == base)
  }

  @Test(arguments: UInt64(1)...6)
  func randomOperationsAgreeWithADictionary(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let paths = (0..<12).map { "src/f\($0).swift" }
    var segments: [Segment] = []
    var rows: [String: (segment: Int, file: Int)] = [:]
    var disk: [String: String] = [:]
    var overlays: [String: Segment?] = [:]
    var buffers: [String: String?] = [:]
    for _ in 0..<60 {
      switch Int.random(in: 0...5, using: &generator) {
      case 0, 1:
        let chosen = Set(
          (0..<Int.random(in: 1...4, using: &generator)).map { _ in paths.randomElement(using: &generator) ?? "" })
        let files = chosen.sorted().map { ($0, Source.text(functions: 2, using: &generator)) }
        for (file, entry) in files.enumerated() {
          rows[entry.0] = (segments.count, file)
          disk[entry.0] = entry.1
        }
        segments.append(Segment.of(files))
      case 2:
        guard let path = disk.keys.sorted().randomElement(using: &generator) else { continue }
        disk[path] = nil
        rows[path] = nil
      case 3:
        let path = paths.randomElement(using: &generator) ?? ""
        let text = Source.text(functions: 1, using: &generator)
        overlays[path] = .some(Segment.of([(path, text)]))
        buffers[path] = .some(text)
      case 4:
        let path = paths.randomElement(using: &generator) ?? ""
        overlays[path] = .some(nil)
        buffers[path] = .some(nil)
      default:
        guard let path = buffers.keys.sorted().randomElement(using: &generator) else { continue }
        overlays.removeValue(forKey: path)
        buffers.removeValue(forKey: path)
      }
      let base = IndexSnapshot(segments: segments) { segment, file in
        let row = rows[segments[segment].files[file].path]
        return row?.segment == segment && row?.file == file
      }
      check(base, disk)
      var seen = disk
      for (path, text) in buffers { seen[path] = text }
      check(base.overlaid(overlays), seen)
      // The base is not touched by what is laid over it.
      check(base, disk)
    }
  }

  @Test func theLatestOfOnePathCounts() {
    let old = Segment.of([("a.py", "def old():\n  pass\n"), ("b.py", "def other():\n  pass\n")])
    let new = Segment.of([("a.py", "def new():\n  pass\n")])
    let snapshot = IndexSnapshot(segments: [old, new])
    #expect(snapshot.fileCount == 2)
    #expect(snapshot.passages(of: "a.py").flatMap(\.names) == ["new"])
    #expect(snapshot.passages(of: "none").isEmpty)
    #expect(IndexSnapshot.empty.fileCount == 0)
  }
}

import Foundation
import SeededInput
import Testing
import Workspace

@testable import SearchIndex

/// Whatever happens to a folder, the index ends as one that was built from nothing.
struct RandomEditsTests {
  private struct Place: Hashable, Comparable {
    var path: String
    var start: Int
    var end: Int
    var hash: UInt64

    static func < (left: Place, right: Place) -> Bool {
      (left.path, left.start, left.end, left.hash) < (right.path, right.start, right.end, right.hash)
    }
  }

  private func places(_ snapshot: IndexSnapshot) -> [Place] {
    snapshot.paths.flatMap { path in
      snapshot.passages(of: path).map {
        Place(path: path, start: $0.bytes.lowerBound, end: $0.bytes.upperBound, hash: $0.contentHash)
      }
    }.sorted()
  }

  private func expectTrue(_ snapshot: IndexSnapshot, to texts: [String: [UInt8]]) {
    for path in snapshot.paths {
      guard let bytes = texts[path] else {
        Issue.record("\(path) is not there")
        continue
      }
      for passage in snapshot.passages(of: path) {
        #expect(passage.bytes.upperBound <= bytes.count)
        guard passage.bytes.upperBound <= bytes.count else { continue }
        #expect(ContentHash(Array(bytes[passage.bytes])).low == passage.contentHash, "\(path)")
      }
    }
  }

  @Test(arguments: UInt64(1)...4)
  func endsAsBuiltFromNothing(seed: UInt64) async throws {
    var generator = SeededGenerator(seed: seed)
    let root = try ScratchFolder()
    let store = try ScratchFolder()
    var index = WorkspaceIndex(root: root.uri, directory: store.path, threads: Int(seed % 2) + 1)
    try await index.open()
    var disk: [String: [UInt8]] = [:]
    var buffers: [String: [UInt8]] = [:]
    // What changed and was not reported yet.
    var dirty: Set<String> = []
    let folders = ["", "src/", "src/net/", "lib/"]
    let endings = [".swift", ".py", ".md", ".txt"]

    func newText() -> [UInt8] {
      switch Int.random(in: 0...9, using: &generator) {
      case 0: return [0, 1, 2]
      case 1: return []
      default: return Array(Source.text(functions: Int.random(in: 1...4, using: &generator), using: &generator).utf8)
      }
    }
    func anyFile() -> String? { disk.keys.sorted().randomElement(using: &generator) }

    for step in 0..<250 {
      switch Int.random(in: 0...19, using: &generator) {
      case 0...4:
        let path =
          (folders.randomElement(using: &generator) ?? "") + "f\(Int.random(in: 0...25, using: &generator))"
          + (endings.randomElement(using: &generator) ?? "")
        let text = newText()
        try root.write(path, text)
        disk[path] = text
        dirty.insert(path)
      case 5...8:
        guard let path = anyFile(), var text = disk[path], !text.isEmpty else { continue }
        text.insert(contentsOf: Array("// edit \(step)\n".utf8), at: 0)
        try root.write(path, text)
        disk[path] = text
        dirty.insert(path)
      case 9:
        guard let path = anyFile() else { continue }
        try root.remove(path)
        disk[path] = nil
        dirty.insert(path)
      case 10:
        guard let path = anyFile() else { continue }
        let target = "moved/m\(step)" + (endings.randomElement(using: &generator) ?? "")
        try root.move(path, target)
        disk[target] = disk.removeValue(forKey: path)
        dirty.formUnion([path, target])
      case 11:
        guard let path = anyFile() else { continue }
        try root.age(path, seconds: Double(Int.random(in: 1...999, using: &generator)))
      case 12, 13:
        guard let path = anyFile() else { continue }
        let text = newText()
        buffers[path] = text
        index.setOverlay(path: path, text: text)
      case 14:
        guard let path = buffers.keys.sorted().randomElement(using: &generator) else { continue }
        buffers[path] = nil
        index.removeOverlay(path: path)
      case 15, 16:
        try await index.update(paths: Array(dirty))
        dirty = []
      case 17:
        try await index.refresh()
        dirty = []
        var seen = disk
        for (path, text) in buffers { seen[path] = text }
        expectTrue(index.snapshot, to: seen)
      case 18 where step % 3 == 0:
        // The process ends and another begins; its editor opens the same buffers.
        await index.close()
        index = WorkspaceIndex(root: root.uri, directory: store.path, threads: 2)
        #expect(try await index.open() == .writer)
        for (path, text) in buffers { index.setOverlay(path: path, text: text) }
      case 19 where step % 10 == 0: try await index.clear()
      default: continue
      }
    }

    try await index.refresh()
    let second = try ScratchFolder()
    let fresh = WorkspaceIndex(root: root.uri, directory: second.path)
    try await fresh.open()
    try await fresh.refresh()
    for (path, text) in buffers { fresh.setOverlay(path: path, text: text) }
    #expect(places(index.snapshot) == places(fresh.snapshot))
    #expect(Set(index.snapshot.paths) == Set(fresh.snapshot.paths))
    #expect(index.skipped == fresh.skipped)
    var seen = disk
    for (path, text) in buffers { seen[path] = text }
    expectTrue(index.snapshot, to: seen)
    // So does what is stored.
    await index.close()
    for path in buffers.keys { fresh.removeOverlay(path: path) }
    let reopened = WorkspaceIndex(root: root.uri, directory: store.path)
    try await reopened.open()
    #expect(places(reopened.snapshot) == places(fresh.snapshot))
    #expect(places(reopened.snapshot).isEmpty == false)
  }
}

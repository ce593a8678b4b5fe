/// The files that a query names by their names or paths.
struct NamedFiles {
  /// Files that are taken, and passages of each: a name such as `index.js` may be that of hundreds.
  private static let mostFiles = 8
  private static let mostPassages = 12

  /// The files by part and number, ascending.
  private(set) var files: [(part: Int, file: Int)] = []

  /// Finds them among the files that may be found.
  init(_ query: SearchQuery, in snapshot: IndexSnapshot, runs: [[Range<Int>]]) {
    if query.paths.isEmpty { return }
    for (number, part) in snapshot.parts.enumerated() {
      var run = 0
      for (file, entry) in part.segment.files.enumerated() where !entry.passages.isEmpty {
        while run < runs[number].count, runs[number][run].upperBound <= entry.passages.lowerBound { run += 1 }
        guard run < runs[number].count, runs[number][run].lowerBound <= entry.passages.lowerBound else { continue }
        let path = entry.path.lowercased()
        guard query.paths.contains(where: { path == $0 || path.hasSuffix("/" + $0) }) else { continue }
        files.append((number, file))
        if files.count == Self.mostFiles { return }
      }
    }
  }

  /// Whether a file is one of them.
  func contains(part: Int, file: Int) -> Bool { files.contains { $0 == (part, file) } }

  /// Adds their first passages to candidates, which stay in order.
  func add(
    to candidates: [QueryEvaluation.Candidate], of snapshot: IndexSnapshot,
    nearness: (_ part: Int, _ passage: Int) -> Float
  ) -> [QueryEvaluation.Candidate] {
    if files.isEmpty { return candidates }
    var known = Set(candidates.map { $0.part << 32 | $0.passage })
    var result = candidates
    for (part, file) in files {
      let segment = snapshot.parts[part].segment
      for passage in segment.files[file].passages.prefix(Self.mostPassages)
      where known.insert(part << 32 | passage).inserted {
        result.append(
          QueryEvaluation.Candidate(part: part, passage: passage, lexical: 0, dense: nearness(part, passage)))
      }
    }
    return result.sorted { ($0.part, $0.passage) < ($1.part, $1.passage) }
  }
}

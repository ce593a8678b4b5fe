import Testing

/// What must hold of an index of generated files, whatever happened to it.
extension Scratch {
  /// The passages of each query as sets: ranks may differ in ties.
  func passages(_ queries: [String], cache: String? = nil) async throws -> [Set<Place>] {
    var environment = self.environment
    if let cache { environment["XDG_CACHE_HOME"] = path + "/" + cache }
    return try await batch(queries, environment: environment).map { Set($0.places) }
  }

  /// Checks that searches give what an index gives that was built from nothing.
  func expectAsBuiltAnew(_ tree: GeneratedTree, _ name: String) async throws {
    let queries = GeneratedTree.queries + tree.words.values.sorted().prefix(20)
    let anew = try await passages(queries, cache: name)
    let kept = try await passages(queries)
    #expect(anew.contains { $0.count > 50 })
    for (query, (kept, anew)) in zip(queries, zip(kept, anew)) {
      #expect(kept == anew, "\(query): missing \(anew.subtracting(kept)), left \(kept.subtracting(anew))")
    }
  }

  /// Checks that every passage that is served stands in its file as it is now.
  func expectTrue(_ tree: inout GeneratedTree) async throws {
    for line in try await batch(GeneratedTree.queries, limit: 100) {
      for place in line.places { #expect(place.text(in: workspace) != nil, "\(place)") }
    }
    // A word of one version of one file tells whether that version is served.
    let paths = tree.words.keys.sorted().filter { _ in tree.random(below: 10) == 0 }
    let words = paths.compactMap { tree.words[$0] }
    let old = tree.oldWords.suffix(30)
    let found = try await batch(words + old, limit: 20, mode: "lexical")
    for (file, (word, line)) in zip(paths, zip(words, found)) {
      let texts = line.places.filter { $0.path == file }.map { $0.text(in: workspace) }
      #expect(line.places.allSatisfy { $0.path == file }, "\(word): \(line.places)")
      #expect(texts.contains { $0?.contains(word) == true }, "\(word) in \(file)")
    }
    for line in found.dropFirst(words.count) { #expect(line.places.isEmpty, "\(line)") }
  }
}

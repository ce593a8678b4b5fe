internal import Chunking
internal import SQLiteKit
internal import SearchIndex
internal import Workspace

/// Searches and reads files, on a thread of its own: both occupy it, and files may be slow.
actor RetrievalWorker {
  /// What a search gave.
  struct Outcome: Sendable {
    /// Passages whose text is what was indexed, best first.
    var evidence: [Evidence] = []
    /// Files, by folder, whose text is no longer what was indexed.
    var stale: [FileURI: [String]] = [:]
    /// How many passages were left out for that.
    var lost = 0
  }

  /// A folder to search in.
  struct Folder: Sendable {
    var root: FileURI
    var snapshot: IndexSnapshot
    /// The query as the embedder sees it whose vectors serve the snapshot.
    var vector: QueryVector?
  }

  private let executor = BlockingExecutor(label: "retrieval")
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
  private var searcher = Searcher()

  /// Finds the best `limit` passages in all folders.
  ///
  /// - Parameter spare: how many more to look for, in the place of those whose files have changed.
  func search(
    _ query: String, in folders: [Folder], overlays: OverlaySnapshot, limit: Int,
    spare: Int = 0, evidence kind: SearchEvidence, scope: ScopeFilter?
  ) -> Outcome {
    var outcome = Outcome()
    var strengths: [FileURI: Float] = [:]
    for folder in folders {
      // Paths in messages are absolute, those in the index are not.
      let text = query.contains("/") ? query.replacing(folder.root.path + "/", with: "") : query
      let hits = searcher.search(
        text, in: folder.snapshot, limit: limit + spare, evidence: kind, vector: folder.vector,
        accepts: scope.map { scope in { scope.accepts($0) } })
      // How close the best come, which means the same in every folder, as scores do not.
      strengths[folder.root] = hits.prefix(5).reduce(0) { max($0, 0.25 * $1.coverage + $1.similarity) }
      var texts: [String: SourceText?] = [:]
      for hit in hits {
        let file = hit.passage.file
        let text: SourceText?
        if let known = texts[file.path] {
          text = known
        } else {
          text = RetrievalWorker.text(of: folder.root.appending(file.path), overlays: overlays)
          texts[file.path] = .some(text)
        }
        guard let text, RetrievalWorker.holds(hit.passage, in: text) else {
          outcome.lost += 1
          if outcome.stale[folder.root]?.contains(file.path) != true {
            outcome.stale[folder.root, default: []].append(file.path)
          }
          continue
        }
        outcome.evidence.append(
          Evidence(
            root: folder.root, uri: folder.root.appending(file.path).description, path: PathText.display(file.path),
            source: text,
            bytes: hit.passage.bytes, lines: hit.passage.lines, symbol: hit.passage.symbol, language: file.language,
            score: hit.score, coverage: hit.coverage, similarity: hit.similarity, why: hit.why))
      }
    }
    if folders.count > 1 {
      outcome.evidence = RetrievalWorker.merged(outcome.evidence, strengths: strengths, limit: limit)
    } else if outcome.evidence.count > limit {
      outcome.evidence.removeSubrange(limit...)
    }
    return outcome
  }

  /// What a folder's passages count that has no file of the name that the query gives, where another folder has one.
  private static let unnamed: Float = 0.5

  /// The best of what several folders gave, each passage once: folders may lie in each other.
  static func merged(_ evidence: [Evidence], strengths: [FileURI: Float], limit: Int) -> [Evidence] {
    // Who names a file asks about the folder that has it.
    let named = Set(evidence.lazy.filter { $0.why["namedFile"] != nil }.map(\.root))
    let strongest = strengths.reduce(Float(0)) { named.isEmpty || named.contains($1.key) ? max($0, $1.value) : $0 }
    let weighted = evidence.map { item in
      var item = item
      guard strongest > 0 else { return item }
      let strength = min(1, (strengths[item.root] ?? 0) / strongest)
      let factor = named.isEmpty || named.contains(item.root) ? strength : strength * unnamed
      item.score *= factor
      // The parts still add up to the score.
      item.why = item.why.mapValues { $0 * Double(factor) }
      return item
    }
    var known: Set<Place> = []
    let distinct = weighted.sorted { $0.score > $1.score }.filter {
      known.insert(Place(uri: $0.uri, start: $0.bytes.lowerBound)).inserted
    }
    return Array(distinct.prefix(limit))
  }

  /// Where a passage stands, whichever folder it was found in.
  private struct Place: Hashable {
    var uri: String
    var start: Int
  }

  /// Whether what is cited still stands there.
  func verify(_ evidence: [Evidence], overlays: OverlaySnapshot) -> [Bool] {
    var texts: [String: SourceText?] = [:]
    return evidence.map { item in
      let text: SourceText?
      if let known = texts[item.uri] {
        text = known
      } else {
        text = FileURI(item.uri).flatMap { RetrievalWorker.text(of: $0, overlays: overlays) }
        texts[item.uri] = .some(text)
      }
      guard let text, item.bytes.upperBound <= text.bytes.count else { return false }
      // The same bytes on another line are not where the citation points.
      return Evidence.hash(of: text, bytes: item.bytes) == item.contentHash
        && text.lines.line(at: item.bytes.lowerBound) == item.lines.lowerBound
    }
  }

  /// The text of a file as it is now: of its open buffer, or on disk.
  private static func text(of file: FileURI, overlays: OverlaySnapshot) -> SourceText? {
    if let overlay = overlays[file] { return overlay.text }
    return (try? FileReader.read(file)).map { SourceText(decoding: $0.bytes) }
  }

  /// Whether a text holds the passage that was indexed, at its place and on its lines.
  private static func holds(_ passage: PassageReference, in text: SourceText) -> Bool {
    if text.hash == passage.file.contentHash { return true }
    guard passage.bytes.upperBound <= text.bytes.count else { return false }
    // The file changed elsewhere: the passage counts if its bytes and its lines are where they were.
    let hash = text.bytes.withUnsafeBytes { all in
      ContentHash(UnsafeRawBufferPointer(rebasing: all[passage.bytes])).low
    }
    return hash == passage.contentHash && text.lines.line(at: passage.bytes.lowerBound) == passage.lines.lowerBound
  }
}

extension RetrievalWorker {
  /// Composes an extractive answer; reading the structure of the quoted files takes time.
  func quote(_ question: String, evidence: [Evidence], terms: QueryTerms) -> ExtractiveAnswerer.Answer {
    ExtractiveAnswerer().answer(question, evidence: evidence, terms: terms)
  }
}

extension RetrievalWorker {
  /// Lines of a selection at most; a longer one is cut there.
  private static let longestSelection = 400

  /// What the user selected, as evidence: whole lines, as they are now. Nil for a document that cannot be read, has
  /// no file in the folder, or is one that holds secrets.
  func selection(
    _ range: SourceRange, of uri: String, in root: FileURI, encoding: PositionEncoding, overlays: OverlaySnapshot
  ) -> Evidence? {
    guard let file = FileURI(uri), let path = file.relativePath(in: root), !FileNames.isSecret(path: path),
      let text = RetrievalWorker.text(of: file, overlays: overlays)
    else { return nil }
    let bytes = text.byteRange(of: range, encoding: encoding)
    guard !bytes.isEmpty else { return nil }
    let first = text.lines.line(at: bytes.lowerBound)
    let last = min(text.lines.line(at: bytes.upperBound - 1), first + RetrievalWorker.longestSelection - 1)
    let end = text.bytes.withUnsafeBufferPointer { text.lines.contentRange(ofLine: last, in: $0).upperBound }
    let language = text.bytes.withUnsafeBufferPointer { Language.detect(path: path, text: $0) }
    return Evidence(
      root: root, uri: file.description, path: PathText.display(path), source: text,
      bytes: text.lines.start(ofLine: first)..<end,
      lines: first..<last + 1, symbol: "", language: language.id, score: 1, coverage: 1,
      similarity: 1, why: ["selection": 1])
  }
}

internal import CVectorKernels
public import Workspace

/// A file in the index.
public struct IndexedFile: Sendable, Hashable {
  /// The path relative to the workspace folder, `/`-separated.
  public var path: String
  /// The language identifier as LSP spells it.
  public var language: String
  /// What the path says about the file.
  public var traits: FileTraits
  /// The hash of the whole file, as it was read.
  public var contentHash: ContentHash
  /// Its passages in the segment.
  public var passages: Range<Int>
}

/// What the index keeps of a passage; fixed in size, so that segments are copied as they are.
struct PassageRecord: BitwiseCopyable, Sendable, Hashable {
  /// Hash of the passage's bytes.
  var contentHash: UInt64
  /// The file's number in the segment.
  var file: UInt32
  /// Zero-based, half-open.
  var startLine: UInt32
  var endLine: UInt32
  var startByte: UInt32
  var endByte: UInt32
  /// The symbol path, in the segment's strings.
  var symbolOffset: UInt32
  var symbolLength: UInt16
  /// `SymbolKind`.
  var kind: UInt8
  var reserved: UInt8 = 0
  /// The names of the declarations that begin here, separated by line feeds.
  var namesOffset: UInt32
  var namesLength: UInt32
  /// Fills the record up to its stride, so that no byte that goes to the disk is left to chance.
  var padding: UInt32 = 0
}

/// A batch of indexed files that never changes: metadata, vectors and postings of their passages.
///
/// It is the very bytes that are stored, with views into them: reading it copies nothing. A file that changes is indexed
/// anew in a later segment, and its old number here is dead (see `IndexSnapshot`).
final class Segment: Sendable {
  /// What is stored, with its checksum.
  let stored: SegmentBytes
  /// The files, by their number.
  let files: [IndexedFile]
  /// The passages, by their number; those of one file stand together.
  let passages: Section<PassageRecord>
  /// The vectors, `passages.count × dimensions`.
  let codes: Section<Int8>
  /// The factor of each vector.
  let scales: Section<Float>
  /// The sign codes of the vectors.
  let signs: SignCodes
  /// The distinct tokens of passages, as the embedding model sees them.
  let passageTokens: StoredTokens
  /// Terms of passages.
  let passageTerms: StoredPostings
  /// Terms of file paths; the documents are files.
  let pathTerms: StoredPostings
  /// The strings that the records refer to.
  let strings: Section<UInt8>

  init(stored: SegmentBytes, files: [IndexedFile], layout: SegmentLayout) {
    self.stored = stored
    self.files = files
    passages = Section(stored, layout[.passages])
    codes = Section(stored, layout[.codes])
    scales = Section(stored, layout[.scales])
    passageTokens = StoredTokens(
      offsets: Section(stored, layout[.tokenOffsets]), tokens: Section(stored, layout[.tokens]))
    passageTerms = StoredPostings(
      terms: Section(stored, layout[.terms]), offsets: Section(stored, layout[.offsets]),
      documents: Section(stored, layout[.documents]), impacts: Section(stored, layout[.impacts]))
    pathTerms = StoredPostings(
      terms: Section(stored, layout[.pathTerms]), offsets: Section(stored, layout[.pathOffsets]),
      documents: Section(stored, layout[.pathDocuments]), impacts: Section(stored, layout[.pathImpacts]))
    strings = Section(stored, layout[.strings])
    signs = SignCodes(rows: codes, scales: scales)
  }

  /// The cosine of a passage with a quantised vector.
  func cosine(of passage: Int, with vector: [Int8], scale: Float) -> Float {
    guard vector.count > 0, passages.count * vector.count == codes.count else { return 0 }
    return codes.withUnsafeBufferPointer { codes in
      guard let base = codes.baseAddress else { return 0 }
      var factor = scales[passage]
      var cosine: Float = 0
      cvk_scan_i8(vector, scale, base + passage * vector.count, &factor, 1, vector.count, &cosine)
      return cosine
    }
  }

  /// The symbol path of a passage.
  func symbol(of passage: Int) -> String {
    let record = passages[passage]
    let start = Int(record.symbolOffset)
    return String(decoding: strings[start..<start + Int(record.symbolLength)], as: UTF8.self)
  }

  /// The names of the declarations that begin in a passage.
  func names(of passage: Int) -> [String] {
    let record = passages[passage]
    let start = Int(record.namesOffset)
    return strings[start..<start + Int(record.namesLength)].split(separator: 0x0A).map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  /// The first bytes of the same, as they are stored: a name a line.
  func names(of passage: Int, atMost limit: Int) -> String {
    let record = passages[passage]
    let start = Int(record.namesOffset)
    return String(decoding: strings[start..<start + min(limit, Int(record.namesLength))], as: UTF8.self)
  }

  /// Bytes of memory that the segment holds, roughly.
  var memory: Int { stored.bytes.count + signs.codes.count + signs.factors.count * 4 + files.count * 160 }
}

internal import Chunking
internal import Embeddings
internal import Workspace

/// Indexes files one after another into a segment.
///
/// A builder owns its embedder and scratch memory: give each thread its own.
struct SegmentBuilder {
  /// How much an occurrence counts, by where it stands.
  private enum Weight {
    static let body: Float = 1
    /// In the name of a declaration that begins in the passage.
    static let name: Float = 3
    /// In the lines that head the declarations around the passage, and in its symbol path.
    static let context: Float = 1.5
    /// In the file's name without its extension.
    static let stem: Float = 4
    /// In the folders above it.
    static let directory: Float = 2
  }

  private let chunker: Chunker
  private var embedder: StaticEmbedder
  private var files: [IndexedFile] = []
  private var passages: [PassageRecord] = []
  private var codes: [Int8] = []
  private var scales: [Float] = []
  private var passageTerms = PostingsBuilder()
  private var pathTerms = PostingsBuilder()
  private var strings: [UInt8] = []

  init(chunker: Chunker = Chunker(), model: StaticEmbeddingModel = .embedded) {
    self.chunker = chunker
    embedder = StaticEmbedder(model: model)
  }

  /// Passages so far.
  var passageCount: Int { passages.count }
  /// Files so far.
  var fileCount: Int { files.count }

  /// Adds a file with this text.
  mutating func add(path: String, text: UnsafeBufferPointer<UInt8>, contentHash: ContentHash, traits: FileTraits) {
    let firstLine = text.prefix(256).prefix { $0 != 0x0A && $0 != 0x0D }
    let language = Language.detect(path: path, firstLine: Array(firstLine))
    let chunked = chunker.chunk(text, language: language)
    let file = UInt32(files.count)
    let first = passages.count
    if let reading = chunked.readingText {
      reading.withUnsafeBufferPointer { reading in
        for passage in chunked.passages { add(passage, of: text, reading: reading, path: path, file: file) }
      }
    } else {
      for passage in chunked.passages { add(passage, of: text, reading: text, path: path, file: file) }
    }
    files.append(
      IndexedFile(
        path: path, language: language.id, traits: traits, contentHash: contentHash, passages: first..<passages.count))
    addPath(path, file: file)
  }

  /// Ends the segment; the builder is empty afterwards.
  mutating func finish() -> Segment {
    let segment = Segment(
      files: files, passages: passages, codes: codes, scales: scales, passageTerms: passageTerms.build(),
      pathTerms: pathTerms.build(), strings: strings)
    files = []
    passages = []
    codes = []
    scales = []
    passageTerms = PostingsBuilder()
    pathTerms = PostingsBuilder()
    strings = []
    return segment
  }

  private mutating func add(
    _ passage: Passage, of text: UnsafeBufferPointer<UInt8>, reading: UnsafeBufferPointer<UInt8>, path: String,
    file: UInt32
  ) {
    let body = UnsafeBufferPointer(rebasing: reading[passage.byteRange])
    let document = UInt32(passages.count)
    var length: Float = 0
    TermScanner.forEachTerm(in: body) { term, isWhole in
      passageTerms.add(term, document: document, weight: Weight.body)
      if !isWhole { length += 1 }
    }
    let names = passage.names.joined(separator: "\n")
    addTerms(of: names, document: document, weight: Weight.name)
    addTerms(of: passage.header, document: document, weight: Weight.context)
    addTerms(of: passage.symbol, document: document, weight: Weight.context)
    passageTerms.endDocument { BM25.impact(frequency: $0, length: length) }

    let start = codes.count
    codes.append(contentsOf: repeatElement(0, count: embedder.model.dimensions))
    // What stands around a passage says what it is about: its file, and the declarations that it is in.
    var context = "\(path)\n\(passage.header)\n\(passage.symbol)\n"
    let scale = context.withUTF8 { context in
      codes.withUnsafeMutableBufferPointer { codes in
        codes.baseAddress.map { embedder.embed(context, body, as: .document, codes: $0 + start) } ?? 0
      }
    }
    scales.append(scale)

    let symbol = store(passage.symbol, atMost: Int(UInt16.max))
    let storedNames = store(names, atMost: 1 << 16)
    passages.append(
      PassageRecord(
        contentHash: ContentHash(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: text[passage.byteRange]))).low,
        file: file,
        startLine: UInt32(passage.lines.lowerBound), endLine: UInt32(passage.lines.upperBound),
        startByte: UInt32(passage.byteRange.lowerBound), endByte: UInt32(passage.byteRange.upperBound),
        symbolOffset: symbol.offset, symbolLength: UInt16(symbol.length), kind: passage.kind.rawValue,
        namesOffset: storedNames.offset, namesLength: UInt32(storedNames.length)))
  }

  private mutating func addTerms(of text: String, document: UInt32, weight: Float) {
    var text = text
    text.withUTF8 { bytes in
      TermScanner.forEachTerm(in: bytes) { term, _ in
        passageTerms.add(term, document: document, weight: weight)
      }
    }
  }

  private mutating func addPath(_ path: String, file: UInt32) {
    let name = path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path[...]
    let stem = name.lastIndex(of: ".").map { $0 == name.startIndex ? name : name[..<$0] } ?? name
    for (term, _) in TermScanner.terms(of: String(stem)) { pathTerms.add(term, document: file, weight: Weight.stem) }
    for (term, _) in TermScanner.terms(of: String(path[..<name.startIndex])) {
      pathTerms.add(term, document: file, weight: Weight.directory)
    }
    // Paths are short and all alike, so their length says nothing.
    pathTerms.endDocument { BM25.impact(frequency: $0, length: BM25.averageLength) }
  }

  private mutating func store(_ text: String, atMost limit: Int) -> (offset: UInt32, length: Int) {
    let offset = UInt32(strings.count)
    strings.append(contentsOf: text.utf8.prefix(limit))
    return (offset, strings.count - Int(offset))
  }
}

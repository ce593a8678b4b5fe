internal import Chunking
internal import Embeddings
internal import Workspace

/// Indexes files one after another into a segment.
///
/// A builder owns its embedder and scratch memory: give each thread its own. It may build one segment after another,
/// and remembers the words from one to the next.
struct SegmentBuilder: ~Copyable {
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

  /// A term of the passage under way, by its ordinal.
  struct Weighted: BitwiseCopyable {
    var ordinal: UInt32
    var weight: Float
  }

  private let chunker: Chunker
  private var embedder: StaticEmbedder
  private var words = WordTable()
  /// The words of the path of the file under way.
  private var pathWords = Pile<UInt32>()
  /// Scratch memory for the words of a passage as the embedder takes them.
  private var runs = Pile<StaticEmbedder.Run>(capacity: 256)
  /// The same for its terms.
  private var weighted = Pile<Weighted>(capacity: 256)
  private var files: [IndexedFile] = []
  private var passages: [PassageRecord] = []
  private var codes: [Int8] = []
  private var scales: [Float] = []
  private var tokens = PassageTokens()
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

  /// Makes room for files of that many bytes together, as far as can be told beforehand: large arrays that grow are
  /// copied again and again.
  mutating func reserve(bytes: Int) {
    // Passages have about 570 bytes; room that is not used costs no memory.
    let passageCount = passages.count + bytes / 450 + 16
    codes.reserveCapacity(passageCount * embedder.model.dimensions)
    passages.reserveCapacity(passageCount)
    scales.reserveCapacity(passageCount)
    passageTerms.reserve(documents: passageCount, postings: passageCount * 64)
  }

  /// Adds a file with this text.
  mutating func add(path: String, text: UnsafeBufferPointer<UInt8>, contentHash: ContentHash, traits: FileTraits) {
    let language = Language.detect(path: path, text: text)
    let chunked = chunker.chunk(text, language: language)
    let file = UInt32(files.count)
    let first = passages.count
    if words.isFull { words.removeAll() }
    findPathWords(path)
    if let reading = chunked.readingText {
      reading.withUnsafeBufferPointer { reading in
        for passage in chunked.passages { add(passage, of: text, reading: reading, file: file) }
      }
    } else {
      for passage in chunked.passages { add(passage, of: text, reading: text, file: file) }
    }
    files.append(
      IndexedFile(
        path: path, language: language.id, traits: traits, contentHash: contentHash, passages: first..<passages.count))
    addPath(path)
  }

  /// Ends the segment; the builder is empty afterwards.
  mutating func finish() -> Segment {
    let segment = Segment(
      files: files, passages: passages, codes: codes, scales: scales, tokens: tokens,
      passageTerms: passageTerms.build(), pathTerms: pathTerms.build(), strings: strings)
    // The segment has copies: this memory serves the next one.
    files.removeAll(keepingCapacity: true)
    passages.removeAll(keepingCapacity: true)
    codes.removeAll(keepingCapacity: true)
    scales.removeAll(keepingCapacity: true)
    strings.removeAll(keepingCapacity: true)
    tokens.removeAll()
    pathTerms.removeTerms()
    if passageTerms.termCount > SegmentBuilder.mostTerms {
      // The words refer to the terms.
      words.removeAll()
      passageTerms.removeTerms()
    }
    return segment
  }

  /// How many terms are remembered from one segment to the next.
  private static let mostTerms = 1 << 18

  private mutating func add(
    _ passage: Passage, of text: UnsafeBufferPointer<UInt8>, reading: UnsafeBufferPointer<UInt8>, file: UInt32
  ) {
    let body = UnsafeBufferPointer(rebasing: reading[passage.byteRange])
    let names = passage.names.count == 1 ? passage.names[0] : passage.names.joined(separator: "\n")
    // What stands around a passage says what it is about: its file, and the declarations that it is in. They are
    // embedded with it, in this order.
    words.beginPassage()
    for index in 0..<pathWords.count { words.mark(pathWords[index], WordTable.Field(embedded: 1)) }
    count(passage.header, WordTable.Field(embedded: 1, weight: Weight.context))
    count(passage.symbol, WordTable.Field(embedded: 1, weight: Weight.context))
    words.add(
      body, WordTable.Field(embedded: 1, body: 1, weight: Weight.body), postings: &passageTerms, embedder: &embedder)
    count(names, WordTable.Field(weight: Weight.name))
    let scale = endPassage()
    scales.append(scale)
    tokens.append(embedder.distinctTokens)

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

  private mutating func count(_ text: String, _ field: WordTable.Field) {
    if text.isEmpty { return }
    var text = text
    text.withUTF8 { words.add($0, field, postings: &passageTerms, embedder: &embedder) }
  }

  /// Turns the words that were counted into postings and a vector, and returns the factor of the vector.
  private mutating func endPassage() -> Float {
    runs.removeAll()
    weighted.removeAll()
    var length: UInt32 = 0
    for index in 0..<words.counts.count {
      let entry = words.counts[index]
      let word = words.words[Int(entry.word)]
      length &+= entry.body &* word.parts
      if entry.embedded > 0, word.tokenCount > 0 {
        runs.append(StaticEmbedder.Run(first: word.firstToken, count: word.tokenCount, times: entry.embedded))
      }
      if entry.weight > 0 {
        for term in Int(word.firstTerm)..<Int(word.firstTerm) + Int(word.termCount) {
          let ordinal = words.terms[term]
          passageTerms.prefetch(ordinal: ordinal)
          weighted.append(Weighted(ordinal: ordinal, weight: entry.weight))
        }
      }
    }
    for index in 0..<weighted.count {
      passageTerms.add(ordinal: weighted[index].ordinal, weight: weighted[index].weight)
    }
    passageTerms.endDocument { BM25.impact(frequency: $0, length: Float(length)) }
    let start = codes.count
    codes.append(contentsOf: repeatElement(0, count: embedder.model.dimensions))
    return codes.withUnsafeMutableBufferPointer { codes in
      guard let base = codes.baseAddress else { return 0 }
      return embedder.embed(runs.elements, of: words.tokens.base, as: .document, codes: base + start)
    }
  }

  private mutating func findPathWords(_ path: String) {
    pathWords.removeAll()
    words.beginPassage()
    count(path, WordTable.Field(embedded: 1))
    for index in 0..<words.counts.count {
      let entry = words.counts[index]
      for _ in 0..<entry.embedded { pathWords.append(entry.word) }
    }
  }

  private mutating func addPath(_ path: String) {
    let name = path.lastIndex(of: "/").map { path[path.index(after: $0)...] } ?? path[...]
    let stem = name.lastIndex(of: ".").map { $0 == name.startIndex ? name : name[..<$0] } ?? name
    for (term, _) in TermScanner.terms(of: String(stem)) { pathTerms.add(term, weight: Weight.stem) }
    for (term, _) in TermScanner.terms(of: String(path[..<name.startIndex])) {
      pathTerms.add(term, weight: Weight.directory)
    }
    // Paths are short and all alike, so their length says nothing.
    pathTerms.endDocument { BM25.impact(frequency: $0, length: BM25.averageLength) }
  }

  private mutating func store(_ text: String, atMost limit: Int) -> (offset: UInt32, length: Int) {
    let offset = UInt32(strings.count)
    var text = text
    text.withUTF8 { strings.append(contentsOf: UnsafeBufferPointer(rebasing: $0.prefix(limit))) }
    return (offset, strings.count - Int(offset))
  }
}

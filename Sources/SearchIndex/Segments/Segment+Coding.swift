internal import Workspace

/// How a segment lies in its bytes: sections of fixed-width little-endian numbers, each with its length before it, and a
/// checksum over all at the end. It is used as it is, without parsing; only files become values of their own.
extension Segment {
  /// The version of the layout; another one is never read.
  static let formatVersion: UInt64 = 0x4349_4353_4547_0002  // "CICSEG", 2

  /// Why stored bytes are no segment. The index is a cache: the caller builds it anew.
  struct Damaged: Error {}

  /// Makes a segment of its parts.
  convenience init(
    files: [IndexedFile], passages: [PassageRecord], codes: [Int8], scales: [Float], tokens: PassageTokens,
    passageTerms: Postings, pathTerms: Postings, strings: [UInt8]
  ) {
    let version = [Self.formatVersion]
    let ranges = files.flatMap { [UInt64($0.passages.lowerBound), UInt64($0.passages.upperBound)] }
    let hashes = files.flatMap { [$0.contentHash.high, $0.contentHash.low] }
    let traits = files.map { UInt32($0.traits.rawValue) }
    let names = Array(files.map { $0.path + "\0" + $0.language }.joined(separator: "\0").utf8)
    // Twice over the sections, first for their sizes: what is large is written once, where it stays.
    func forEachSection(_ body: (UnsafeRawBufferPointer) -> Void) {
      version.withUnsafeBytes(body)
      passages.withUnsafeBytes(body)
      codes.withUnsafeBytes(body)
      scales.withUnsafeBytes(body)
      tokens.offsets.withUnsafeBytes(body)
      tokens.tokens.withUnsafeBytes(body)
      for postings in [passageTerms, pathTerms] {
        postings.terms.withUnsafeBytes(body)
        postings.offsets.withUnsafeBytes(body)
        postings.documents.withUnsafeBytes(body)
        postings.impacts.withUnsafeBytes(body)
      }
      strings.withUnsafeBytes(body)
      ranges.withUnsafeBytes(body)
      hashes.withUnsafeBytes(body)
      traits.withUnsafeBytes(body)
      names.withUnsafeBytes(body)
    }
    var size = SectionWriter.checksumSize
    forEachSection { size += SectionWriter.size(of: $0) }
    var layout = SegmentLayout()
    let stored = SegmentBytes(count: size) { memory in
      var writer = SectionWriter(memory)
      forEachSection { writer.append($0) }
      layout = writer.finish()
    }
    self.init(stored: stored, files: files, layout: layout)
  }

  /// Takes what was stored.
  ///
  /// - Throws: `Damaged` when the checksum or the layout is wrong.
  convenience init(stored: SegmentBytes) throws {
    let layout = try SegmentLayout(checking: stored.bytes)
    guard Array(Section<UInt64>(stored, layout[.version])) == [Self.formatVersion] else { throw Damaged() }
    func count(_ section: SegmentLayout.Name, _ stride: Int) throws -> Int {
      guard layout[section].count % stride == 0 else { throw Damaged() }
      return layout[section].count / stride
    }
    let passages = try count(.passages, MemoryLayout<PassageRecord>.stride)
    for (terms, offsets, documents, impacts) in [
      (SegmentLayout.Name.terms, SegmentLayout.Name.offsets, SegmentLayout.Name.documents, SegmentLayout.Name.impacts),
      (.pathTerms, .pathOffsets, .pathDocuments, .pathImpacts),
    ] {
      let postings = try count(documents, 4)
      guard try count(offsets, 4) == count(terms, 8) + 1, try count(impacts, 2) == postings,
        Section<UInt32>(stored, layout[offsets]).last.map(Int.init) == postings
      else { throw Damaged() }
    }
    guard try count(.tokenOffsets, 4) == passages + 1,
      Section<UInt32>(stored, layout[.tokenOffsets]).last.map(Int.init) == (try count(.tokens, 2))
    else { throw Damaged() }
    let files = try count(.fileTraits, 4)
    guard try count(.fileRanges, 8) == 2 * files, try count(.fileHashes, 8) == 2 * files,
      try count(.scales, 4) == passages, passages == 0 ? layout[.codes].isEmpty : layout[.codes].count % passages == 0
    else { throw Damaged() }
    self.init(
      stored: stored, files: try Self.files(in: stored, layout, count: files, passages: passages), layout: layout)
  }

  private static func files(
    in stored: SegmentBytes, _ layout: SegmentLayout, count: Int, passages: Int
  ) throws -> [IndexedFile] {
    let ranges = Section<UInt64>(stored, layout[.fileRanges])
    let hashes = Section<UInt64>(stored, layout[.fileHashes])
    let traits = Section<UInt32>(stored, layout[.fileTraits])
    let names = Section<UInt8>(stored, layout[.fileNames])
    return try names.withUnsafeBufferPointer { names in
      var position = 0
      func field() throws -> String {
        guard position <= names.count else { throw Damaged() }
        let start = position
        while position < names.count, names[position] != 0 { position += 1 }
        defer { position += 1 }
        return String(decoding: names[start..<position], as: UTF8.self)
      }
      let files = try (0..<count).map { file in
        guard ranges[2 * file] <= ranges[2 * file + 1], ranges[2 * file + 1] <= passages else { throw Damaged() }
        return IndexedFile(
          path: try field(), language: try field(),
          traits: FileTraits(rawValue: .init(truncatingIfNeeded: traits[file])),
          contentHash: ContentHash(high: hashes[2 * file], low: hashes[2 * file + 1]),
          passages: Int(ranges[2 * file])..<Int(ranges[2 * file + 1]))
      }
      // The last field ends with the section.
      guard position == (count == 0 ? 0 : names.count + 1) else { throw Damaged() }
      return files
    }
  }
}

/// Where the sections of a segment are in its bytes.
struct SegmentLayout {
  /// The sections, in their order.
  enum Name: Int, CaseIterable {
    case version, passages, codes, scales, tokenOffsets, tokens
    case terms, offsets, documents, impacts
    case pathTerms, pathOffsets, pathDocuments, pathImpacts
    case strings, fileRanges, fileHashes, fileTraits, fileNames
  }

  private var ranges: [Range<Int>] = []

  /// The bytes of a section.
  subscript(_ name: Name) -> Range<Int> { ranges[name.rawValue] }

  /// A layout to which sections are added in their order.
  init() {}

  /// Adds the next section.
  mutating func append(_ range: Range<Int>) { ranges.append(range) }

  /// Finds the sections, after the checksum was compared.
  ///
  /// - Throws: `Segment.Damaged`.
  init(checking bytes: UnsafeRawBufferPointer) throws {
    guard bytes.count >= 16 else { throw Segment.Damaged() }
    let content = UnsafeRawBufferPointer(rebasing: bytes.dropLast(16))
    let checksum = ContentHash(content)
    guard UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: content.count, as: UInt64.self)) == checksum.high,
      UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: content.count + 8, as: UInt64.self)) == checksum.low
    else { throw Segment.Damaged() }
    var position = 0
    for _ in Name.allCases {
      guard position + 8 <= content.count else { throw Segment.Damaged() }
      let size = UInt64(littleEndian: content.loadUnaligned(fromByteOffset: position, as: UInt64.self))
      position += 8
      guard size <= UInt64(content.count - position) else { throw Segment.Damaged() }
      append(position..<position + Int(size))
      position += (Int(size) + 7) / 8 * 8
    }
    guard position == content.count else { throw Segment.Damaged() }
  }
}

/// Writes sections behind their byte counts, each aligned to eight bytes, to memory of just the size for them.
struct SectionWriter {
  /// Bytes at the end.
  static let checksumSize = 16

  private let memory: UnsafeMutableRawBufferPointer
  private var position = 0
  private var layout = SegmentLayout()

  init(_ memory: UnsafeMutableRawBufferPointer) { self.memory = memory }

  /// Bytes that a section takes.
  static func size(of section: UnsafeRawBufferPointer) -> Int { 8 + (section.count + 7) / 8 * 8 }

  mutating func append(_ section: UnsafeRawBufferPointer) {
    memory.storeBytes(of: UInt64(section.count).littleEndian, toByteOffset: position, as: UInt64.self)
    let start = position + 8
    let end = start + section.count
    position += SectionWriter.size(of: section)
    UnsafeMutableRawBufferPointer(rebasing: memory[start..<end]).copyMemory(from: section)
    for padding in end..<position { memory[padding] = 0 }
    layout.append(start..<end)
  }

  /// Adds the checksum.
  consuming func finish() -> SegmentLayout {
    let checksum = ContentHash(UnsafeRawBufferPointer(rebasing: memory[..<position]))
    memory.storeBytes(of: checksum.high.littleEndian, toByteOffset: position, as: UInt64.self)
    memory.storeBytes(of: checksum.low.littleEndian, toByteOffset: position + 8, as: UInt64.self)
    return layout
  }
}

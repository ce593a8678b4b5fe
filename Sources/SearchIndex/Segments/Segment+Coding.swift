internal import Workspace

/// How a segment is written to the store: sections of fixed-width little-endian numbers, each with its length before
/// it, and a checksum over all at the end. It is read back by copying, without parsing.
extension Segment {
  /// The version of the layout; another one is never read.
  static let formatVersion: UInt64 = 0x4349_4353_4547_0001  // "CICSEG", 1

  /// Why stored bytes are no segment. The index is a cache: the caller builds it anew.
  struct Damaged: Error {}

  func encoded() -> [UInt8] {
    var bytes: [UInt8] = []
    encode(into: &bytes)
    return bytes
  }

  /// Writes the segment to `bytes`, whose memory is used again.
  func encode(into bytes: inout [UInt8]) {
    let names = Array(files.map { $0.path + "\0" + $0.language }.joined(separator: "\0").utf8)
    // More than enough for the sections, so that what is large is written once and not moved again.
    var writer = SectionWriter(reusing: &bytes, capacity: memory + names.count + files.count * 40 + 1024)
    writer.append([Self.formatVersion])
    writer.append(passages)
    writer.append(codes)
    writer.append(scales)
    for postings in [passageTerms, pathTerms] {
      writer.append(postings.terms)
      writer.append(postings.offsets)
      writer.append(postings.documents)
      writer.append(postings.impacts)
    }
    writer.append(strings)
    writer.append(files.flatMap { [UInt64($0.passages.lowerBound), UInt64($0.passages.upperBound)] })
    writer.append(files.flatMap { [$0.contentHash.high, $0.contentHash.low] })
    writer.append(files.map { UInt32($0.traits.rawValue) })
    writer.append(names)
    bytes = writer.finish()
  }

  /// Reads what `encoded` wrote.
  ///
  /// - Throws: `Damaged` when the checksum or any reference inside is wrong.
  convenience init(encoded bytes: UnsafeRawBufferPointer) throws {
    var reader = try SectionReader(bytes)
    guard try reader.next(UInt64.self) == [Self.formatVersion] else { throw Damaged() }
    let passages = try reader.next(PassageRecord.self)
    let codes = try reader.next(Int8.self)
    let scales = try reader.next(Float.self)
    func postings(documents limit: Int) throws -> Postings {
      let postings = Postings(
        terms: try reader.next(UInt64.self), offsets: try reader.next(UInt32.self),
        documents: try reader.next(UInt32.self), impacts: try reader.next(UInt16.self))
      guard postings.offsets.count == postings.terms.count + 1, postings.impacts.count == postings.documents.count,
        postings.offsets.last.map(Int.init) == postings.documents.count
      else { throw Damaged() }
      return postings
    }
    let passageTerms = try postings(documents: passages.count)
    let pathTerms = try postings(documents: 0)
    let strings = try reader.next(UInt8.self)
    let ranges = try reader.next(UInt64.self)
    let hashes = try reader.next(UInt64.self)
    let traits = try reader.next(UInt32.self)
    let names = try reader.next(UInt8.self)
    let fields =
      traits.isEmpty ? [] : names.split(separator: 0, omittingEmptySubsequences: false)
    guard ranges.count == 2 * traits.count, hashes.count == 2 * traits.count, fields.count == 2 * traits.count,
      scales.count == passages.count, passages.isEmpty || codes.count % passages.count == 0
    else { throw Damaged() }
    let files = try traits.indices.map { file in
      guard ranges[2 * file] <= ranges[2 * file + 1], ranges[2 * file + 1] <= passages.count else { throw Damaged() }
      return IndexedFile(
        path: String(decoding: fields[2 * file], as: UTF8.self),
        language: String(decoding: fields[2 * file + 1], as: UTF8.self),
        traits: FileTraits(rawValue: .init(truncatingIfNeeded: traits[file])),
        contentHash: ContentHash(high: hashes[2 * file], low: hashes[2 * file + 1]),
        passages: Int(ranges[2 * file])..<Int(ranges[2 * file + 1]))
    }
    self.init(
      files: files, passages: passages, codes: codes, scales: scales, passageTerms: passageTerms, pathTerms: pathTerms,
      strings: strings)
  }
}

/// Writes arrays behind their byte counts, each aligned to eight bytes.
struct SectionWriter {
  private var bytes: [UInt8] = []

  /// Takes the memory of `scratch`, which is empty afterwards.
  init(reusing scratch: inout [UInt8], capacity: Int) {
    swap(&bytes, &scratch)
    bytes.removeAll(keepingCapacity: true)
    bytes.reserveCapacity(capacity)
  }

  mutating func append<Element: BitwiseCopyable>(_ elements: [Element]) {
    elements.withUnsafeBytes { section in
      withUnsafeBytes(of: UInt64(section.count).littleEndian) { bytes.append(contentsOf: $0) }
      bytes.append(contentsOf: section)
      while bytes.count % 8 != 0 { bytes.append(0) }
    }
  }

  /// The bytes with their checksum.
  consuming func finish() -> [UInt8] {
    let checksum = bytes.withUnsafeBytes { ContentHash($0) }
    withUnsafeBytes(of: (checksum.high.littleEndian, checksum.low.littleEndian)) { bytes.append(contentsOf: $0) }
    return bytes
  }
}

/// Reads what `SectionWriter` wrote.
struct SectionReader {
  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  /// Checks the checksum first.
  init(_ bytes: UnsafeRawBufferPointer) throws {
    guard bytes.count >= 16 else { throw Segment.Damaged() }
    let content = UnsafeRawBufferPointer(rebasing: bytes.dropLast(16))
    let checksum = ContentHash(content)
    guard UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: content.count, as: UInt64.self)) == checksum.high,
      UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: content.count + 8, as: UInt64.self)) == checksum.low
    else { throw Segment.Damaged() }
    self.bytes = content
  }

  mutating func next<Element: BitwiseCopyable>(_ type: Element.Type) throws -> [Element] {
    guard position + 8 <= bytes.count else { throw Segment.Damaged() }
    let size = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
    position += 8
    let stride = MemoryLayout<Element>.stride
    guard size <= UInt64(bytes.count - position), Int(size) % stride == 0 else { throw Segment.Damaged() }
    let section = UnsafeRawBufferPointer(rebasing: bytes[position..<position + Int(size)])
    position += (Int(size) + 7) / 8 * 8
    return [Element](unsafeUninitializedCapacity: Int(size) / stride) { buffer, count in
      UnsafeMutableRawBufferPointer(buffer).copyMemory(from: section)
      count = Int(size) / stride
    }
  }
}

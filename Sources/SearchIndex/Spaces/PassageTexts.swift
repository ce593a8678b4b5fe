internal import Chunking
internal import Workspace

/// Makes the texts that are sent to a remote embedder of the passages of a file: the path, the declaration that the
/// passage is in, and the passage itself without secrets.
struct PassageTexts {
  private let segment: Segment
  private let file: IndexedFile
  private let text: [UInt8]
  /// What is read instead of the text, of documents that are not read as they are.
  private let reading: [UInt8]
  /// Secrets of the whole file: one that reaches over several passages is no secret in any of them alone.
  private let secrets: [SecretFinding]

  /// Takes the text of a file as it is now.
  init(segment: Segment, file number: Int, text: [UInt8]) {
    self.segment = segment
    file = segment.files[number]
    self.text = text
    let language = Language(id: file.language)
    reading =
      language.flatMap { language in
        text.withUnsafeBufferPointer { Chunker().readingText(of: $0, language: language) }
      } ?? text
    secrets = reading.withUnsafeBufferPointer { SecretScanner.findings(in: $0) }
  }

  /// The text of a passage, or nil when its bytes are no longer what was indexed.
  func text(of passage: Int) -> String? {
    let record = segment.passages[passage]
    let range = Int(record.startByte)..<Int(record.endByte)
    guard range.upperBound <= text.count, range.upperBound <= reading.count else { return nil }
    let hash = text.withUnsafeBytes { ContentHash(UnsafeRawBufferPointer(rebasing: $0[range])) }
    guard hash.low == record.contentHash else { return nil }
    var bytes: [UInt8] = Array("\(PathText.display(file.path))\n".utf8)
    let symbol = segment.symbol(of: passage)
    if !symbol.isEmpty { bytes += "\(symbol)\n".utf8 }
    var position = range.lowerBound
    for secret in secrets where secret.range.overlaps(range) {
      bytes += reading[position..<max(position, secret.range.lowerBound)]
      bytes += "⟨secret:\(secret.kind.rawValue)⟩".utf8
      position = min(range.upperBound, secret.range.upperBound)
    }
    bytes += reading[position..<range.upperBound]
    // Once more as a whole: what stands in a name or becomes a secret by what is around it.
    return SecretScanner.redact(String(decoding: bytes, as: UTF8.self)).text
  }
}

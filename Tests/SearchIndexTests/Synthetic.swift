import CVectorKernels
import SeededInput
import Workspace

@testable import SearchIndex

/// Segments of passages without text, with given vectors and postings.
enum Synthetic {
  static let dimensions = 256

  /// A segment whose files have `sizes` passages each.
  static func segment(
    sizes: [Int], vectors: [[Float]], terms: [[(term: Term, impact: UInt16)]] = [], name: String = "part"
  ) -> Segment {
    var codes: [Int8] = []
    var scales: [Float] = []
    for vector in vectors {
      var row = [Int8](repeating: 0, count: dimensions)
      scales.append(cvk_quantise(vector, dimensions, &row))
      codes += row
    }
    var files: [IndexedFile] = []
    var passages: [PassageRecord] = []
    for (number, size) in sizes.enumerated() {
      let first = passages.count
      for _ in 0..<size {
        passages.append(
          PassageRecord(
            contentHash: 0, file: UInt32(number), startLine: 0, endLine: 1, startByte: 0, endByte: 1, symbolOffset: 0,
            symbolLength: 0, kind: 0, namesOffset: 0, namesLength: 0))
      }
      files.append(
        IndexedFile(
          path: "\(name)/file\(number)", language: "swift", traits: [], contentHash: ContentHash([]),
          passages: first..<passages.count))
    }
    var lists: [Term: [(document: UInt32, impact: UInt16)]] = [:]
    for (document, entries) in terms.enumerated() {
      for (term, impact) in entries { lists[term, default: []].append((UInt32(document), impact)) }
    }
    var postings = Postings()
    for term in lists.keys.sorted() {
      postings.terms.append(term)
      for (document, impact) in lists[term] ?? [] {
        postings.documents.append(document)
        postings.impacts.append(impact)
      }
      postings.offsets.append(UInt32(postings.documents.count))
    }
    var tokens = PassageTokens()
    for _ in passages { tokens.append([UInt32]()) }
    return Segment(
      files: files, passages: passages, codes: codes, scales: scales, tokens: tokens,
      passageTerms: postings, pathTerms: Postings(),
      strings: [])
  }

  /// A unit vector near another, or anywhere.
  static func vector(near center: [Float]? = nil, spread: Float = 1, using generator: inout SeededGenerator) -> [Float]
  {
    var vector = (0..<dimensions).map { index in
      let noise = Float(Int8(truncatingIfNeeded: generator.next())) / 128
      return (center?[index] ?? 0) + spread * noise / 9
    }
    let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
    for index in vector.indices { vector[index] /= max(length, 1e-9) }
    return vector
  }

  /// Sizes of files that sum up to `passages`.
  static func sizes(_ passages: Int, using generator: inout SeededGenerator) -> [Int] {
    var sizes: [Int] = []
    var left = passages
    while left > 0 {
      sizes.append(min(left, Int.random(in: 0...9, using: &generator)))
      left -= sizes.last ?? 0
    }
    return sizes
  }
}

@testable import Tokenization

/// The encodings as they are defined, slowly: the expressions are tried step by step with everything that backtracking
/// can give back, classes of characters are those of Swift's own tables, and of a piece's pairs the best is looked for
/// anew each time.
struct ReferenceEncoder {
  var name: BytePairEncoding.Name

  func encode(_ text: String) -> [Int32] {
    let scalars = Array(text.unicodeScalars)
    let alternatives = name == .o200k ? Self.o200k : Self.cl100k
    var tokens: [Int32] = []
    var start = 0
    while start < scalars.count {
      let ends = alternatives.lazy.compactMap { Self.end(of: $0[...], in: scalars, at: start) }
      guard let end = ends.first(where: { $0 > start }) else { return [] }
      var piece = String.UnicodeScalarView()
      piece.append(contentsOf: scalars[start..<end])
      tokens += merged(Array(String(piece).utf8))
      start = end
    }
    return tokens
  }

  private func merged(_ bytes: [UInt8]) -> [Int32] {
    let ranks = PublishedVocabulary.named(name).ranks
    var parts = bytes.map { [$0] }
    while true {
      var best: (rank: Int, place: Int)?
      for place in parts.indices.dropLast() {
        guard let rank = ranks[parts[place] + parts[place + 1]] else { continue }
        if best.map({ rank < $0.rank }) ?? true { best = (rank, place) }
      }
      guard let (_, place) = best else { break }
      parts[place] += parts.remove(at: place + 1)
    }
    return parts.map { Int32(ranks[$0] ?? -1) }
  }

  private typealias Class = @Sendable (Unicode.Scalar) -> Bool

  /// A step of an expression. Repetitions take as many as they can, and give back unless they are possessive.
  private enum Step: Sendable {
    case some(Class, ClosedRange<Int>, possessive: Bool)
    case contraction(optional: Bool)
    case notBeforeText
    case end
  }

  private static func end(of steps: ArraySlice<Step>, in text: [Unicode.Scalar], at place: Int) -> Int? {
    guard let step = steps.first else { return place }
    let rest = steps.dropFirst()
    switch step {
    case .some(let isIn, let range, let possessive):
      var most = 0
      while most < range.upperBound, place + most < text.count, isIn(text[place + most]) { most += 1 }
      guard most >= range.lowerBound else { return nil }
      if possessive { return end(of: rest, in: text, at: place + most) }
      for count in (range.lowerBound...most).reversed() {
        if let found = end(of: rest, in: text, at: place + count) { return found }
      }
      return nil
    case .contraction(let optional):
      for ending in ["s", "t", "re", "ve", "m", "ll", "d"] {
        let length = ending.unicodeScalars.count + 1
        guard place + length <= text.count, text[place] == "'" else { continue }
        let letters = text[place + 1..<place + length].map { $0 == "\u{17F}" ? "s" : $0.properties.lowercaseMapping }
        if letters.joined() == ending, let found = end(of: rest, in: text, at: place + length) { return found }
      }
      return optional ? end(of: rest, in: text, at: place) : nil
    case .notBeforeText:
      let isBefore = place < text.count && !text[place].properties.isWhitespace
      return isBefore ? nil : end(of: rest, in: text, at: place)
    case .end: return place == text.count ? end(of: rest, in: text, at: place) : nil
    }
  }

  private static let any = 0...Int.max
  private static let many = 1...Int.max

  private static func category(_ categories: Set<Unicode.GeneralCategory>) -> Class {
    { categories.contains($0.properties.generalCategory) }
  }

  private static let letters: Set<Unicode.GeneralCategory> = [
    .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
  ]
  private static let marks: Set<Unicode.GeneralCategory> = [.nonspacingMark, .spacingMark, .enclosingMark]
  private static let numbers: Set<Unicode.GeneralCategory> = [.decimalNumber, .letterNumber, .otherNumber]
  private static let letter = category(letters)
  private static let number = category(numbers)
  private static let upper = category(marks.union([.uppercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter]))
  private static let lower = category(marks.union([.lowercaseLetter, .modifierLetter, .otherLetter]))
  private static let newline: Class = { $0 == "\r" || $0 == "\n" }
  private static let newlineOrSlash: Class = { $0 == "\r" || $0 == "\n" || $0 == "/" }
  private static let space: Class = { $0.properties.isWhitespace }
  private static let blank: Class = { $0 == " " }
  private static let before: Class = { !newline($0) && !letter($0) && !number($0) }
  private static let symbol: Class = { !space($0) && !letter($0) && !number($0) }

  private static func step(_ of: @escaping Class, _ range: ClosedRange<Int>, possessive: Bool = false) -> Step {
    .some(of, range, possessive: possessive)
  }

  private static let o200k: [[Step]] = [
    [step(before, 0...1), step(upper, any), step(lower, many), .contraction(optional: true)],
    [step(before, 0...1), step(upper, many), step(lower, any), .contraction(optional: true)],
    [step(number, 1...3)],
    [step(blank, 0...1), step(symbol, many), step(newlineOrSlash, any)],
    [step(space, any), step(newline, many)],
    [step(space, many), .notBeforeText],
    [step(space, many)],
  ]

  private static let cl100k: [[Step]] = [
    [.contraction(optional: false)],
    [step(before, 0...1, possessive: true), step(letter, many, possessive: true)],
    [step(number, 1...3, possessive: true)],
    [step(blank, 0...1), step(symbol, many, possessive: true), step(newline, any, possessive: true)],
    [step(space, many, possessive: true), .end],
    [step(space, any), step(newline, 1...1)],
    [step(space, many), .notBeforeText],
    [step(space, 1...1)],
  ]
}

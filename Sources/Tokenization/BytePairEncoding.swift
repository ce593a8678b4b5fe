import CBytePairs

/// A byte-pair encoding of OpenAI's: how many tokens a text has for the models that use it, exactly.
///
/// Text is counted as a text: what looks like a special token (`<|endoftext|>`) is the characters it is written with, as
/// the interfaces of models take it. Counting is safe from any number of threads. It takes time in proportion to the
/// text, whatever it holds, but for a factor of the logarithm where a piece without blanks is long.
public struct BytePairEncoding: Sendable {
  /// `o200k_base`: OpenAI's models since GPT-4o.
  public static let o200k = BytePairEncoding(.o200k)
  /// `cl100k_base`: GPT-4, GPT-3.5 and the embedding models of their time.
  public static let cl100k = BytePairEncoding(.cl100k)

  /// Which encodings there are.
  public enum Name: String, Sendable, Hashable, Codable, CaseIterable {
    /// The encoding of OpenAI's models since GPT-4o.
    case o200k = "o200k_base"
    /// The encoding of GPT-4, GPT-3.5 and the embedding models of their time.
    case cl100k = "cl100k_base"
  }

  /// Which encoding this is.
  public let name: Name

  private let vocabulary: Vocabulary

  /// The encoding of a name.
  public static func named(_ name: Name) -> BytePairEncoding {
    switch name {
    case .o200k: o200k
    case .cl100k: cl100k
    }
  }

  private init(_ name: Name) {
    self.name = name
    vocabulary = Vocabulary(name)
  }

  /// How many tokens there are; ids are below it.
  public var tokenCount: Int { Int(vocabulary.encoding.pointee.tokens) }

  /// How many tokens a text has; 0 for an empty one.
  public func count(_ text: String) -> Int {
    var text = text
    return text.withUTF8 { vocabulary.count($0) }
  }

  /// How many tokens the text of these bytes has. Where they are not UTF-8 they are counted as what `String(decoding:)`
  /// makes of them: each part that is wrong as U+FFFD.
  public func count(_ utf8: UnsafeBufferPointer<UInt8>) -> Int {
    guard let base = utf8.baseAddress, !utf8.isEmpty else { return 0 }
    guard cbp_is_utf8(base, utf8.count) else { return count(String(decoding: utf8, as: UTF8.self)) }
    return vocabulary.count(utf8)
  }

  /// The tokens of a text.
  public func encode(_ text: String) -> [Int32] {
    var text = text
    return text.withUTF8 { vocabulary.encode($0) }
  }

  /// The beginning of a text that has at most this many tokens, and how many it has: as much of it as can be had by
  /// cutting after a piece, or between two characters (Unicode scalars) of a piece that does not fit as a whole.
  /// - Parameter maxTokens: Below 1 nothing is left.
  public func prefix(of text: String, maxTokens: Int) -> (text: Substring, tokens: Int) {
    var contiguous = text
    let end = contiguous.withUTF8 { vocabulary.end(of: $0, maxTokens: max(0, maxTokens)) }
    var prefix = contiguous[..<contiguous.utf8.index(contiguous.startIndex, offsetBy: end)]
    var tokens = count(String(prefix))
    // What is cut can be taken apart otherwise at its end than it was within the text.
    while tokens > maxTokens, let last = prefix.unicodeScalars.indices.last {
      prefix = prefix[..<last]
      tokens = count(String(prefix))
    }
    return (prefix, tokens)
  }
}

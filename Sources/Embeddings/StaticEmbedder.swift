internal import CVectorKernels

/// Embeds texts with a `StaticEmbeddingModel`.
///
/// An embedder owns scratch memory, so that embedding a passage allocates nothing: give each thread its own.
public struct StaticEmbedder {
  /// Which of the model's two weights to use.
  public enum Role: Sendable {
    /// A passage of the workspace.
    case document
    /// A question.
    case query
  }

  /// The model.
  public let model: StaticEmbeddingModel
  private var tokens: [UInt32] = []
  private var counts: [UInt32]
  private var distinct: [UInt32] = []
  private var weights: [Float] = []
  private var sums: [Float]
  private var segmenter: Segmenter

  /// The distinct tokens of the text that was embedded last, in the order of their first occurrence.
  public var distinctTokens: [UInt32] { distinct }

  /// Makes an embedder.
  public init(model: StaticEmbeddingModel = .embedded) {
    self.model = model
    counts = [UInt32](repeating: 0, count: model.vocabularySize)
    sums = [Float](repeating: 0, count: model.dimensions)
    segmenter = Segmenter(model: model)
  }

  /// The tokens of a text, in order.
  public mutating func tokenize(_ text: UnsafeBufferPointer<UInt8>) -> [UInt32] {
    tokenizeAnew(text)
    return tokens
  }

  /// Embeds the concatenation of `parts` (a word never spans two of them) as signed bytes.
  ///
  /// - Parameter codes: room for `model.dimensions` values; they are all written, each in -127...127.
  /// - Returns: the factor that turns the codes into the unit vector; 0 when the text has no tokens.
  public mutating func embed(
    _ parts: UnsafeBufferPointer<UInt8>..., as role: Role, codes: UnsafeMutablePointer<Int8>
  ) -> Float {
    tokens.removeAll(keepingCapacity: true)
    var tokens: [UInt32] = []
    swap(&tokens, &self.tokens)
    for part in parts { appendTokens(of: part, to: &tokens) }
    swap(&tokens, &self.tokens)
    accumulate(role)
    return sums.withUnsafeBufferPointer { sums in
      guard let base = sums.baseAddress else { return 0 }
      return cvk_quantise(base, sums.count, codes)
    }
  }

  /// The embedding as floating-point numbers: a unit vector (or zeros), and its length before normalisation.
  public mutating func embedding(of text: UnsafeBufferPointer<UInt8>, as role: Role) -> (unit: [Float], norm: Double) {
    tokenizeAnew(text)
    accumulate(role)
    let norm = sums.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    guard norm > 0 else { return (sums, 0) }
    return (sums.map { Float(Double($0) / norm) }, norm)
  }

  /// The model's binary code of a unit vector: bit d is whether dimension d exceeds its threshold.
  public func binaryCode(of unit: [Float]) -> [UInt8] {
    var code = [UInt8](repeating: 0, count: (unit.count + 7) / 8)
    for (index, value) in unit.enumerated() where value - model.center.pointer[index] > 0 {
      code[index >> 3] |= 1 << UInt8(index & 7)
    }
    return code
  }

  private mutating func tokenizeAnew(_ text: UnsafeBufferPointer<UInt8>) {
    // Out of the embedder while it is filled, which keeps both apart for the rule of exclusive access.
    var tokens: [UInt32] = []
    swap(&tokens, &self.tokens)
    tokens.removeAll(keepingCapacity: true)
    appendTokens(of: text, to: &tokens)
    swap(&tokens, &self.tokens)
  }

  /// Appends the tokens of a text, in order.
  ///
  /// A caller who keeps the tokens of a word need not take it apart each time. The tokens of a text are those of its
  /// pieces, wherever it is cut at ASCII bytes that are neither letters nor digits.
  public mutating func appendTokens(of text: UnsafeBufferPointer<UInt8>, to tokens: inout [UInt32]) {
    guard let base = text.baseAddress else { return }
    let model = self.model
    WordScanner.forEachWord(in: text) { start, end, isDigits in
      let length = end - start
      if length > model.longestWord { return }
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: length) { word in
        guard let lower = word.baseAddress else { return }
        for index in 0..<length {
          let byte = base[start &+ index]
          lower[index] = byte &- 0x41 < 26 ? byte | 0x20 : byte
        }
        if let token = model.vocabulary.token(lower, length) {
          tokens.append(token)
        } else if isDigits {
          tokens.append(model.numberToken)
        } else if length > 1 {
          segmenter.segment(lower, length, into: &tokens)
        }
      }
    }
  }

  /// The words of a text, lower-cased, each with its tokens.
  public mutating func words(of text: UnsafeBufferPointer<UInt8>) -> [(word: [UInt8], tokens: [UInt32])] {
    var words: [[UInt8]] = []
    WordScanner.forEachWord(in: text) { start, end, _ in
      words.append(text[start..<end].map { $0 &- 0x41 < 26 ? $0 | 0x20 : $0 })
    }
    return words.map { word in
      var tokens: [UInt32] = []
      word.withUnsafeBufferPointer { appendTokens(of: $0, to: &tokens) }
      return (word, tokens)
    }
  }

  /// Embeds a text as signed bytes of which the tokens and their weights are given, in the place of the model's own.
  ///
  /// - Parameters:
  ///   - tokens: distinct tokens with the factors of their rows; those in use are `queryWeight(of:)` times something.
  ///   - codes: room for `model.dimensions` values; they are all written, each in -127...127.
  /// - Returns: the factor that turns the codes into the unit vector; 0 when there are no tokens.
  public mutating func embed(
    _ tokens: [(token: UInt32, weight: Float)], codes: UnsafeMutablePointer<Int8>
  ) -> Float {
    sums.withUnsafeMutableBufferPointer { sums in
      guard let base = sums.baseAddress else { return 0 }
      cvk_sum_rows_i8(
        model.rows.pointer, tokens.map(\.token), tokens.map(\.weight), tokens.count, model.dimensions, base)
      return cvk_quantise(base, sums.count, codes)
    }
  }

  /// Tokens that stand next to one another `times` times in a text.
  public struct Run: BitwiseCopyable {
    /// The first of them, as an index.
    public var first: UInt32
    /// How many they are.
    public var count: UInt32
    /// How often they stand there.
    public var times: UInt32

    /// Makes a run.
    public init(first: UInt32, count: UInt32, times: UInt32) {
      self.first = first
      self.count = count
      self.times = times
    }
  }

  /// Embeds a text of which the tokens have been counted.
  ///
  /// The result is that of `embed` for the text itself if the runs are in the order of their first occurrence: the
  /// order decides how sums are rounded.
  ///
  /// - Parameters:
  ///   - runs: what the text consists of.
  ///   - tokens: what the runs refer to; results of `appendTokens` of an embedder with the same model.
  ///   - codes: room for `model.dimensions` values; they are all written, each in -127...127.
  /// - Returns: the factor that turns the codes into the unit vector; 0 when the text has no tokens.
  public mutating func embed(
    _ runs: UnsafeBufferPointer<Run>, of tokens: UnsafePointer<UInt32>, as role: Role,
    codes: UnsafeMutablePointer<Int8>
  ) -> Float {
    var most = 0
    for run in runs { most += Int(run.count) }
    distinct.removeAll(keepingCapacity: true)
    // Written beforehand, so that the loop only stores.
    distinct.append(contentsOf: repeatElement(0, count: most))
    let number = counts.withUnsafeMutableBufferPointer { counts in
      distinct.withUnsafeMutableBufferPointer { distinct in
        StaticEmbedder.count(runs, of: tokens, counts: counts, distinct: distinct)
      }
    }
    distinct.removeLast(most - number)
    sumDistinct(role)
    return sums.withUnsafeBufferPointer { sums in
      guard let base = sums.baseAddress else { return 0 }
      return cvk_quantise(base, sums.count, codes)
    }
  }

  /// Counts the tokens of runs, and returns how many different ones are now in `distinct`.
  private static func count(
    _ runs: UnsafeBufferPointer<Run>, of tokens: UnsafePointer<UInt32>, counts: UnsafeMutableBufferPointer<UInt32>,
    distinct: UnsafeMutableBufferPointer<UInt32>
  ) -> Int {
    guard let counts = counts.baseAddress, let distinct = distinct.baseAddress else { return 0 }
    var number = 0
    for run in runs {
      var token = tokens + Int(run.first)
      let end = token + Int(run.count)
      while token < end {
        let count = counts[Int(token.pointee)]
        // Kept only if the number goes on: whether a token is new is hard to foresee.
        distinct[number] = token.pointee
        number &+= count == 0 ? 1 : 0
        counts[Int(token.pointee)] = count &+ run.times
        token += 1
      }
    }
    return number
  }

  /// Sums the rows of `tokens` into `sums`, each weighted by its role's scale and the root of its frequency.
  private mutating func accumulate(_ role: Role) {
    distinct.removeAll(keepingCapacity: true)
    for token in tokens {
      if counts[Int(token)] == 0 { distinct.append(token) }
      counts[Int(token)] &+= 1
    }
    sumDistinct(role)
  }

  /// Sums the rows of `distinct`, whose frequencies are in `counts`, which are all zero afterwards.
  private mutating func sumDistinct(_ role: Role) {
    let scale = role == .document ? model.documentScale.pointer : model.queryScale.pointer
    let dimensions = model.dimensions
    weights.removeAll(keepingCapacity: true)
    counts.withUnsafeMutableBufferPointer { counts in
      guard let counts = counts.baseAddress else { return }
      for token in distinct {
        let count = counts[Int(token)]
        weights.append((count == 1 ? 1 : Float(count).squareRoot()) * scale[Int(token)])
        counts[Int(token)] = 0
      }
    }
    sums.withUnsafeMutableBufferPointer { sums in
      distinct.withUnsafeBufferPointer { distinct in
        weights.withUnsafeBufferPointer { weights in
          guard let base = sums.baseAddress else { return }
          guard let tokens = distinct.baseAddress, let weights = weights.baseAddress else {
            base.update(repeating: 0, count: dimensions)
            return
          }
          cvk_sum_rows_i8(model.rows.pointer, tokens, weights, distinct.count, dimensions, base)
        }
      }
    }
  }
}

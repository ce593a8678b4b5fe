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
  private var sums: [Float]
  private var segmenter: Segmenter

  /// Makes an embedder.
  public init(model: StaticEmbeddingModel = .embedded) {
    self.model = model
    counts = [UInt32](repeating: 0, count: model.vocabularySize)
    sums = [Float](repeating: 0, count: model.dimensions)
    segmenter = Segmenter(model: model)
  }

  /// The tokens of a text, in order.
  public mutating func tokenize(_ text: UnsafeBufferPointer<UInt8>) -> [UInt32] {
    tokens.removeAll(keepingCapacity: true)
    appendTokens(of: text)
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
    for part in parts { appendTokens(of: part) }
    accumulate(role)
    return sums.withUnsafeBufferPointer { sums in
      guard let base = sums.baseAddress else { return 0 }
      return cvk_quantise(base, sums.count, codes)
    }
  }

  /// The embedding as floating-point numbers: a unit vector (or zeros), and its length before normalisation.
  public mutating func embedding(of text: UnsafeBufferPointer<UInt8>, as role: Role) -> (unit: [Float], norm: Double) {
    tokens.removeAll(keepingCapacity: true)
    appendTokens(of: text)
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

  private mutating func appendTokens(of text: UnsafeBufferPointer<UInt8>) {
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

  /// Sums the rows of `tokens` into `sums`, each weighted by its role's scale and the root of its frequency.
  private mutating func accumulate(_ role: Role) {
    let scale = role == .document ? model.documentScale.pointer : model.queryScale.pointer
    let dimensions = model.dimensions
    distinct.removeAll(keepingCapacity: true)
    for token in tokens {
      if counts[Int(token)] == 0 { distinct.append(token) }
      counts[Int(token)] &+= 1
    }
    sums.withUnsafeMutableBufferPointer { sums in
      guard let base = sums.baseAddress else { return }
      base.update(repeating: 0, count: dimensions)
      for token in distinct {
        let weight = Float(counts[Int(token)]).squareRoot() * scale[Int(token)]
        cvk_accumulate_i8(base, model.rows.pointer + Int(token) * dimensions, weight, dimensions)
      }
    }
    for token in distinct { counts[Int(token)] = 0 }
  }
}

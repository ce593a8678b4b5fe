internal import CVectorKernels

/// Compares the tokens of a query with those of texts one by one: for each token of the query, how close the closest
/// token of the text is. Unlike the cosine of two embeddings it tells a text that has something for every word of a
/// question from one that has much for one of them (Khattab and Zaharia, "ColBERT", 2020, with static vectors).
///
/// A matcher owns scratch memory, and remembers what it compared until the next query: give each thread its own.
public struct TokenMatcher {
  private let model: StaticEmbeddingModel
  /// The rows of the query's tokens, one after another.
  private var rows: [Int8] = []
  /// One over the length of each of them.
  private var factors: [Float] = []
  /// Where the cosines of a token are, in units of the query's tokens, plus one; 0 for tokens not compared yet.
  private var places: [UInt32]
  private var compared: [UInt16] = []
  private var cosines: [Float] = []

  /// Makes a matcher.
  public init(model: StaticEmbeddingModel = .embedded) {
    self.model = model
    places = [UInt32](repeating: 0, count: model.vocabularySize)
  }

  /// The length of a token's row times its weight in queries: how much it counts beside others.
  public func weight(of token: UInt32) -> Float {
    model.queryScale.pointer[Int(token)] * length(of: Int(token))
  }

  /// Takes the tokens of a query, which are distinct.
  public mutating func setQuery(_ tokens: [UInt32]) {
    for token in compared { places[Int(token)] = 0 }
    compared.removeAll(keepingCapacity: true)
    cosines.removeAll(keepingCapacity: true)
    rows.removeAll(keepingCapacity: true)
    factors.removeAll(keepingCapacity: true)
    for token in tokens {
      rows.append(contentsOf: UnsafeBufferPointer(start: row(Int(token)), count: model.dimensions))
      let length = length(of: Int(token))
      factors.append(length > 0 ? 1 / length : 0)
    }
  }

  /// For each token of the query, in its order, the highest cosine with a token of a text, at least 0.
  public mutating func match(_ tokens: UnsafeBufferPointer<UInt16>) -> [Float] {
    let count = factors.count
    var best = [Float](repeating: 0, count: count)
    if count == 0 { return best }
    for token in tokens where Int(token) < model.vocabularySize {
      if places[Int(token)] == 0 { compare(token) }
    }
    best.withUnsafeMutableBufferPointer { best in
      cosines.withUnsafeBufferPointer { cosines in
        for token in tokens where Int(token) < places.count {
          let start = (Int(places[Int(token)]) &- 1) &* count
          for index in 0..<count { best[index] = max(best[index], cosines[start &+ index]) }
        }
      }
    }
    return best
  }

  /// Computes the cosines of a token with those of the query.
  private mutating func compare(_ token: UInt16) {
    let count = factors.count
    let start = cosines.count
    cosines.append(contentsOf: repeatElement(0, count: count))
    compared.append(token)
    places[Int(token)] = UInt32(start / count + 1)
    let length = length(of: Int(token))
    guard length > 0 else { return }
    let (row, dimensions) = (row(Int(token)), model.dimensions)
    cosines.withUnsafeMutableBufferPointer { [rows, factors] cosines in
      guard let base = cosines.baseAddress else { return }
      cvk_scan_i8(row, 1 / length, rows, factors, count, dimensions, base + start)
    }
  }

  private func row(_ token: Int) -> UnsafePointer<Int8> { model.rows.pointer + token * model.dimensions }

  private func length(of token: Int) -> Float {
    var square: Float = 0
    var one: Float = 1
    cvk_scan_i8(row(token), 1, row(token), &one, 1, model.dimensions, &square)
    return square.squareRoot()
  }
}

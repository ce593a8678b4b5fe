/// Reads vectors out of answers, and looks whether they are some.
enum EmbeddingVectors {
  /// More than any model gives.
  static let mostDimensions = 16_384

  /// A list of numbers, or base64 of packed little-endian 32-bit floats. Values that a `Float` does not hold become
  /// infinite, which ``check(_:of:dimensions:provider:)`` finds.
  static func vector(_ tree: JSONTree?) -> [Float]? {
    switch tree {
    case .string(let text): base64(text)
    case .array(let elements): numbers(elements)
    default: nil
    }
  }

  private static func numbers(_ elements: [JSONTree]) -> [Float]? {
    var values: [Float] = []
    values.reserveCapacity(elements.count)
    for element in elements {
      switch element {
      case .number(let value): values.append(Float(value))
      case .integer(let value): values.append(Float(value))
      default: return nil
      }
    }
    return values
  }

  /// Decodes standard base64, with or without its padding; `nil` when it is not well formed or no whole number of
  /// floats.
  static func base64(_ text: String) -> [Float]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count / 4 * 3)
    var bits: UInt32 = 0
    var count = 0
    var padding = 0
    for byte in text.utf8 {
      let value: UInt8
      switch byte {
      case 0x41...0x5A: value = byte - 0x41
      case 0x61...0x7A: value = byte - 0x61 + 26
      case 0x30...0x39: value = byte - 0x30 + 52
      case 0x2B: value = 62
      case 0x2F: value = 63
      case 0x3D:
        padding += 1
        continue
      default: return nil
      }
      guard padding == 0 else { return nil }
      bits = bits << 6 | UInt32(value)
      count += 1
      if count == 4 {
        bytes.append(UInt8(truncatingIfNeeded: bits >> 16))
        bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
        bytes.append(UInt8(truncatingIfNeeded: bits))
        bits = 0
        count = 0
      }
    }
    guard padding <= 2 else { return nil }
    switch count {
    case 0: break
    case 2: bytes.append(UInt8(truncatingIfNeeded: bits >> 4))
    case 3:
      bytes.append(UInt8(truncatingIfNeeded: bits >> 10))
      bytes.append(UInt8(truncatingIfNeeded: bits >> 2))
    default: return nil
    }
    guard bytes.count.isMultiple(of: 4) else { return nil }
    return bytes.withUnsafeBytes { raw in
      (0..<raw.count / 4).map { index in
        Float(bitPattern: UInt32(littleEndian: raw.loadUnaligned(fromByteOffset: 4 * index, as: UInt32.self)))
      }
    }
  }

  /// Vectors that carry the number of their text, in the order of the texts. Where no element has a number, their own
  /// order counts.
  static func ordered(_ elements: [JSONTree], count: Int, provider: String) throws(ProviderError) -> [[Float]] {
    try checkCount(elements.count, of: count, provider: provider)
    let isNumbered = elements.contains { $0["index"] != nil }
    var vectors = [[Float]?](repeating: nil, count: count)
    for (position, element) in elements.enumerated() {
      let index = isNumbered ? element["index"]?.int ?? -1 : position
      guard vectors.indices.contains(index) else {
        throw .invalidAnswer(provider, "a vector has no number, or one that no text has")
      }
      guard vectors[index] == nil else { throw .invalidAnswer(provider, "two vectors have the number \(index)") }
      // Some servers give one row in a list of rows.
      let value = element["embedding"]
      guard let vector = vector(value) ?? value?[0].flatMap(EmbeddingVectors.vector) else {
        throw .invalidAnswer(provider, "a vector is no list of numbers")
      }
      vectors[index] = vector
    }
    // As many as texts, none twice: none is missing.
    return vectors.compactMap(\.self)
  }

  /// Plain rows of numbers, in the order of the texts.
  static func rows(_ tree: JSONTree?, count: Int, provider: String) throws(ProviderError) -> [[Float]] {
    guard let rows = tree?.array else { throw .invalidAnswer(provider, "there are no vectors") }
    try checkCount(rows.count, of: count, provider: provider)
    var vectors: [[Float]] = []
    for row in rows {
      guard let vector = vector(row) else { throw .invalidAnswer(provider, "a vector is no list of numbers") }
      vectors.append(vector)
    }
    return vectors
  }

  private static func checkCount(_ given: Int, of count: Int, provider: String) throws(ProviderError) {
    guard given == count else { throw .invalidAnswer(provider, "it holds \(given) vectors for \(count) texts") }
  }

  /// Throws unless there is one vector for each text, all of equal length, and of the length that is expected; their
  /// values numbers, and not all of them zero.
  static func check(
    _ vectors: [[Float]], of count: Int, dimensions: Int?, provider: String
  ) throws(ProviderError) {
    try checkCount(vectors.count, of: count, provider: provider)
    let length = dimensions ?? vectors.first?.count ?? 0
    guard (1...mostDimensions).contains(length) else {
      throw .invalidAnswer(provider, "its vectors have \(length) dimensions")
    }
    for vector in vectors {
      guard vector.count == length else {
        throw .invalidAnswer(provider, "a vector has \(vector.count) dimensions instead of \(length)")
      }
      var squares = 0.0
      for value in vector { squares += Double(value) * Double(value) }
      // One value that is infinite or no number makes the sum so.
      guard squares.isFinite else { throw .invalidAnswer(provider, "a vector holds a value that is no number") }
      guard squares > 0 else { throw .invalidAnswer(provider, "a vector is all zeros") }
    }
  }

  /// The vector with a norm of 1; one without a direction stays as it is.
  static func normalized(_ vector: [Float]) -> [Float] {
    let norm = vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    guard norm > 0, norm.isFinite else { return vector }
    return vector.map { Float(Double($0) / norm) }
  }
}

extension ProviderError {
  /// The code of answers that are not what they should be.
  public static let invalidResponse = "invalid_response"

  /// A success that holds no answer. It was worked for, and is charged.
  static func invalidAnswer(_ provider: String, _ what: String) -> ProviderError {
    ProviderError(
      .server, provider: provider, message: "the answer is not usable: \(what)", code: invalidResponse,
      mayBeCharged: true)
  }
}

import CEmbeddedData

/// A static embedding model in the `CODEEMB1` format: a vocabulary of lower-case words, each with a row of signed
/// bytes and one weight for documents and one for queries.
///
/// The text of a passage becomes the weighted sum of its tokens' rows. The model is a view of constant memory: copies
/// are free.
public struct StaticEmbeddingModel: Sendable {
  /// Why bytes are not a model.
  public enum FormatError: Error, Equatable {
    /// The magic number or the version is another one.
    case notAModel
    /// A section lies outside the file or is not aligned.
    case damaged
  }

  /// Dimensions of an embedding.
  public let dimensions: Int
  /// Number of tokens.
  public let vocabularySize: Int
  /// The token of digit runs that are not in the vocabulary.
  let numberToken: UInt32
  /// Words of more bytes give no tokens.
  let longestWord: Int
  /// Cost of skipping a byte in the segmentation of unknown words.
  let skipCost: UInt32
  /// Bytes of the longest vocabulary string.
  let longestPiece: Int
  /// Token weights of documents.
  let documentScale: Constant<Float>
  /// Token weights of queries.
  let queryScale: Constant<Float>
  /// Token costs in the segmentation.
  let cost: Constant<UInt16>
  /// Thresholds of the binary code, a value for each dimension.
  let center: Constant<Float>
  /// The rows, `vocabularySize × dimensions`.
  let rows: Constant<Int8>
  /// Finds tokens by their text.
  let vocabulary: Vocabulary

  /// The model inside this binary. It was checked when it was built in, so it cannot fail to load.
  public static let embedded: StaticEmbeddingModel = {
    let blob = cicerone_embedding_model()
    do {
      return try StaticEmbeddingModel(constant: UnsafeRawBufferPointer(start: blob.bytes, count: blob.count))
    } catch {
      preconditionFailure("The embedded model is damaged: this binary was not built correctly.")
    }
  }()

  /// The factor of a token's row in queries.
  public func queryWeight(of token: UInt32) -> Float { queryScale.pointer[Int(token)] }

  /// Reads a model from memory that stays valid and unchanged for the life of the process.
  ///
  /// - Throws: `FormatError` when the bytes are no model.
  public init(constant bytes: UnsafeRawBufferPointer) throws(FormatError) {
    guard bytes.count >= 96, bytes.prefix(8).elementsEqual("CODEEMB1".utf8) else { throw .notAModel }
    func header(_ index: Int) -> Int {
      Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 + 4 * index, as: UInt32.self)))
    }
    guard header(0) == 1 else { throw .notAModel }
    let vocabularySize = header(1)
    let dimensions = header(2)
    guard vocabularySize > 0, vocabularySize < 1 << 24, dimensions > 0, dimensions % 64 == 0, dimensions <= 4096,
      header(3) < vocabularySize, header(4) <= 1024, header(6) <= 1024
    else { throw .damaged }
    self.vocabularySize = vocabularySize
    self.dimensions = dimensions
    numberToken = UInt32(header(3))
    longestWord = header(4)
    skipCost = UInt32(header(5))
    longestPiece = header(6)
    documentScale = try Constant(bytes, offset: header(8), count: vocabularySize)
    queryScale = try Constant(bytes, offset: header(9), count: vocabularySize)
    cost = try Constant(bytes, offset: header(10), count: vocabularySize)
    let offsets: Constant<UInt32> = try Constant(bytes, offset: header(11), count: vocabularySize + 1)
    let strings: Constant<UInt8> = try Constant(
      bytes, offset: header(12), count: Int(offsets.pointer[vocabularySize]))
    center = try Constant(bytes, offset: header(13), count: dimensions)
    rows = try Constant(bytes, offset: header(14), count: vocabularySize * dimensions)
    for token in 0..<vocabularySize where offsets.pointer[token] > offsets.pointer[token + 1] { throw .damaged }
    vocabulary = Vocabulary(offsets: offsets, strings: strings, count: vocabularySize)
  }
}

/// A typed view of constant memory.
///
/// It is `@unchecked Sendable` because the memory is never written or freed: `StaticEmbeddingModel.init(constant:)`
/// demands that of its caller, and the embedded model lies in the binary's read-only section.
struct Constant<Element: BitwiseCopyable>: @unchecked Sendable {
  let pointer: UnsafePointer<Element>
  let count: Int

  /// A view of `count` elements at `offset`; all numbers in the file are little endian, as is every machine we run on.
  init(_ bytes: UnsafeRawBufferPointer, offset: Int, count: Int) throws(StaticEmbeddingModel.FormatError) {
    guard let base = bytes.baseAddress, count >= 0, offset >= 0, offset <= bytes.count,
      count <= (bytes.count - offset) / MemoryLayout<Element>.stride,
      Int(bitPattern: base + offset) % MemoryLayout<Element>.alignment == 0
    else { throw .damaged }
    pointer = (base + offset).assumingMemoryBound(to: Element.self)
    self.count = count
  }
}

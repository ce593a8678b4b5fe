/// What an embedder takes at a time. All numbers are at least 1.
public struct EmbeddingLimits: Sendable, Hashable {
  /// Texts of one request at most.
  public var textsPerRequest: Int
  /// Bytes of UTF-8 of all texts of one request at most; a single longer text is a request of its own.
  public var bytesPerRequest: Int
  /// Bytes of UTF-8 of one text at most: longer ones are cut, at a character, before they are given to the embedder.
  /// Choose it such that no text of so many bytes exceeds the model's tokens.
  public var bytesPerText: Int
  /// Requests under way at once.
  public var concurrentRequests: Int

  /// Makes limits. The defaults fit most providers: few enough texts for all of them, and texts of 8 KiB, which are far
  /// longer than passages are.
  public init(
    textsPerRequest: Int = 64, bytesPerRequest: Int = 200_000, bytesPerText: Int = 8_192, concurrentRequests: Int = 2
  ) {
    self.textsPerRequest = max(1, textsPerRequest)
    self.bytesPerRequest = max(1, bytesPerRequest)
    self.bytesPerText = max(1, bytesPerText)
    self.concurrentRequests = max(1, concurrentRequests)
  }
}

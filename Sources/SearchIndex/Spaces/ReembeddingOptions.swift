public import Embeddings

/// How passages are embedded in the background.
public struct ReembeddingOptions: Sendable {
  /// Whether this process embeds; otherwise it reads what is stored.
  public var embeds = true
  /// The share of passages with a vector from which on the vectors serve. A passage without one takes part by an estimate
  /// that knows less of it than its vector would: one of a hundred among the candidates of a query changes little. All of
  /// them would be too much to ask, since someone always edits.
  public var servingShare = 0.99
  /// The share below which they no longer serve, as after another branch was checked out. Estimates among vectors are
  /// better than no vectors at all as long as they are the fewer.
  public var leavingShare = 0.5
  /// Bytes that the vectors of a folder may take in memory; the passages of a larger folder are not embedded. A search
  /// compares all of them: 200,000 passages of 1,024 dimensions in 10 ms.
  public var mostMemory = 2 << 30
  /// How long a text must have stood before it is embedded: who types changes it with every key.
  public var settling = Duration.milliseconds(300)
  /// Vectors of texts that are no longer there which are kept at least, and as a share of those that are: who undoes an
  /// edit, or goes back to a branch, pays no second time.
  public var sparedVectors = 4096
  /// The same as a share.
  public var sparedShare = 0.25
  /// Spaces that are kept: going back to an embedder that was used lately costs nothing.
  public var keptSpaces = 3
  /// How requests are repeated.
  public var requests = EmbeddingBatcher.Policy()
  /// How long nothing is embedded after requests have failed for good; twice as long after each further time.
  public var firstPause = Duration.seconds(5)
  /// The longest of these times; also how long after a refusal that does not end by itself.
  public var longestPause = Duration.seconds(600)
  /// How long nothing is embedded when it was not allowed.
  public var allowancePause = Duration.seconds(60)
  /// How long requests under way may still take when another embedder is set.
  public var grace = Duration.seconds(2)

  /// The defaults.
  public init() {}
}

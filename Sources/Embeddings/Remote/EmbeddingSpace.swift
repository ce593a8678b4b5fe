/// What tells the vectors of one embedder from those of all others: vectors of different spaces are never compared, and
/// each space's are stored by themselves.
public struct EmbeddingSpace: Sendable, Hashable {
  /// Whatever decides the vectors, in one string: provider, model, the dimensions that were asked for, and the version of
  /// the prefixes or task types that the embedder puts to texts. Two embedders with one id must give comparable vectors;
  /// another id means that everything is embedded anew. It holds no key and no address with one in it.
  public var id: String
  /// The name for people, such as `voyage/voyage-code-3`.
  public var name: String
  /// The length of the vectors, where it is known before the first answer; 1...8,192.
  public var dimensions: Int?

  /// Makes a space; without a name for people its id is that.
  public init(id: String, name: String? = nil, dimensions: Int? = nil) {
    self.id = id
    self.name = name ?? id
    self.dimensions = dimensions
  }
}

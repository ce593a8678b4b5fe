public import Ledger

/// What a format must know of a model to write a request that it accepts.
public struct ModelTraits: Sendable, Hashable {
  /// The most tokens in and out together, if known.
  public var contextTokens: Int?
  /// The most tokens out, if known.
  public var maxOutputTokens: Int?
  /// The smallest prefix, in tokens, that the provider's prompt cache keeps.
  public var minimumCachedTokens: Int?
  /// Abilities and limits by the catalogue's short names: `think`, `adaptive`, `noSampling`.
  public var flags: Set<String>
  /// What the model is for, if known: some models answer at another interface of their provider.
  public var mode: CatalogueModel.Mode?
  /// Whether anything is known: without it, abilities that are not flagged are unknown, not missing.
  public var isKnown: Bool

  /// Makes traits; without arguments those of a model of which nothing is known.
  public init(
    contextTokens: Int? = nil, maxOutputTokens: Int? = nil, minimumCachedTokens: Int? = nil, flags: Set<String> = [],
    mode: CatalogueModel.Mode? = nil, isKnown: Bool = false
  ) {
    self.contextTokens = contextTokens
    self.maxOutputTokens = maxOutputTokens
    self.minimumCachedTokens = minimumCachedTokens
    self.flags = flags
    self.mode = mode
    self.isKnown = isKnown
  }

  /// What the catalogue says.
  public init(_ model: CatalogueModel?) {
    self.init(
      contextTokens: model?.contextTokens, maxOutputTokens: model?.maxOutputTokens,
      minimumCachedTokens: model?.minimumCachedTokens, flags: model?.flags ?? [], mode: model?.mode,
      isKnown: model != nil)
  }

  /// Whether the catalogue flags the model so.
  func has(_ flag: String) -> Bool { flags.contains(flag) }
}

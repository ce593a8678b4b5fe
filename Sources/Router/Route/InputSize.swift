/// How many tokens the input of a request has for one deployment: models count the same text differently.
public struct InputSize: Sendable, Hashable {
  /// What it is expected to be, with some room: windows and limits of tokens go by it.
  public var likely: Int
  /// What it is at most: money is reserved for it. Never below ``likely``.
  public var most: Int

  /// Makes a size.
  public init(likely: Int, most: Int) {
    self.likely = likely
    self.most = max(likely, most)
  }

  /// Both with `tokens` more.
  func adding(_ tokens: Int) -> InputSize { InputSize(likely: likely + tokens, most: most + tokens) }
}

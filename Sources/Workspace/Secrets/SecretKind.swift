/// What a secret found in a text is.
public enum SecretKind: String, Sendable, Codable, CaseIterable, Hashable {
  /// An armoured private key.
  case privateKey = "private-key"
  /// A key of a cloud or service whose format is known by its beginning.
  case serviceKey = "service-key"
  /// A signed JSON web token.
  case webToken = "jwt"
  /// The password in a URL such as `postgres://user:password@host`.
  case urlPassword = "url-password"
  /// A value that is assigned to a name such as `password` or `api_key` and looks random.
  case assignment = "assignment"
}

/// A secret in a text.
public struct SecretFinding: Sendable, Hashable {
  /// The secret's bytes, without quotes or the name that it is assigned to.
  public let range: Range<Int>
  /// What it is.
  public let kind: SecretKind
}

/// A secret that was taken out of a text.
public struct Redaction: Sendable, Hashable {
  /// The secret's bytes in the text before redaction.
  public let range: Range<Int>
  /// What it was.
  public let kind: SecretKind
  /// What stands in its place: the same for the same secret, so that a reader can still tell equal ones.
  public let placeholder: String
}

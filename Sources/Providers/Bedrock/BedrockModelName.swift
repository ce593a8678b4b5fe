/// A model's name as LiteLLM writes it after `bedrock/`, taken apart: a route, a region, and what Bedrock itself calls
/// the model.
struct BedrockModelName: Equatable, Sendable {
  /// `converse`, `invoke`: ways to the same models.
  private(set) var route: String?
  /// `us-east-1`, when the name says where.
  private(set) var region: String?
  /// Bedrock's own name: an identifier, possibly with a geography (`us.`), or an ARN.
  let id: String

  /// Ways that are not Converse's.
  private static let otherRoutes: Set = ["agent", "agentcore", "async_invoke", "claude_platform", "openai", "mantle"]
  private static let converseRoutes: Set = ["converse", "converse_like", "invoke"]

  init(_ name: String) {
    var rest = name[...]
    while !rest.hasPrefix("arn:"), let slash = rest.firstIndex(of: "/") {
      let word = String(rest[..<slash])
      if Self.converseRoutes.contains(word) || Self.otherRoutes.contains(word) {
        route = route ?? word
      } else if Self.isRegion(word) {
        region = region ?? word
      } else {
        break
      }
      rest = rest[rest.index(after: slash)...]
    }
    id = String(rest)
  }

  /// Whether Converse answers it.
  var isConverse: Bool { !id.isEmpty && route.map { !Self.otherRoutes.contains($0) } ?? true }

  /// The region that an ARN names.
  var regionOfARN: String? {
    guard id.hasPrefix("arn:") else { return nil }
    let parts = id.split(separator: ":", omittingEmptySubsequences: false)
    return parts.count > 3 && Self.isRegion(String(parts[3])) ? String(parts[3]) : nil
  }

  /// The name without an ARN's account and without a geography, when these are known.
  var geography: String? { Self.geographies.first { bare.hasPrefix($0 + ".") } }
  /// The name at the end of an ARN, else the whole.
  var bare: String {
    guard id.hasPrefix("arn:"), let slash = id.lastIndex(of: "/") else { return id }
    return String(id[id.index(after: slash)...])
  }
  /// ``bare`` without its geography.
  var base: String { geography.map { String(bare.dropFirst($0.utf8.count + 1)) } ?? bare }

  /// Whether it is one of Anthropic's models, as far as the name tells.
  var isClaude: Bool { base.hasPrefix("anthropic.") || base.hasPrefix("claude-") }

  private static let geographies = ["us-gov", "us", "eu", "apac", "au", "jp", "in", "ca", "sa", "me", "af", "global"]
  /// Geographies that cost the same, where the catalogue lists but some of them.
  private static let likeGeographies = ["us", "eu", "jp", "au", "apac"]

  /// The names under which the catalogue may have the model in `region`, best first. A geography that is not listed costs
  /// what others do, which is more than the model without one.
  func catalogueNames(region: String?) -> [String] {
    var names: [String] = []
    for form in Self.forms(bare) {
      if let region = self.region ?? region { names.append(region + "/" + form) }
      names.append(form)
    }
    if let geography {
      for form in Self.forms(base) {
        if geography != "global" { names += Self.likeGeographies.map { $0 + "." + form } }
        names.append(form)
      }
    }
    return names
  }

  /// With and without the version at the end, which newer models no longer have.
  private static func forms(_ name: String) -> [String] {
    guard let dash = name.range(of: "-v", last: true) else { return [name] }
    let version = name[dash.upperBound...]
    let isVersion = !version.isEmpty && version.utf8.allSatisfy { (0x30...0x3A).contains($0) }
    return isVersion ? [name, String(name[..<dash.lowerBound])] : [name]
  }

  // MARK: Names without a prefix

  private static let makers: Set = [
    "ai21", "amazon", "anthropic", "cohere", "deepseek", "google", "meta", "minimax", "mistral", "moonshot",
    "moonshotai", "nvidia", "openai", "qwen", "stability", "twelvelabs", "writer", "xai", "zai",
  ]

  /// Whether a name without `bedrock/` can only be Bedrock's: an ARN, `us.anthropic.claude-…`, or a maker's model with
  /// a version such as `-v1:0`.
  static func claims(_ name: String) -> Bool {
    if name.hasPrefix("arn:aws") { return name.contains(":bedrock:") }
    guard !name.contains("/") else { return false }
    let parsed = BedrockModelName(name)
    guard let dot = parsed.base.firstIndex(of: "."), makers.contains(String(parsed.base[..<dot])) else { return false }
    if parsed.geography != nil { return true }
    let afterColon = name.lastIndex(of: ":").map { name[name.index(after: $0)...] }
    return afterColon.map { !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } } ?? false
  }

  /// Whether `text` looks like `us-east-1`: nothing else may become part of a host's name.
  static func isRegion(_ text: String) -> Bool {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard (3...5).contains(parts.count), let number = parts.last, let first = parts.first else { return false }
    return number.utf8.count == 1 && number.utf8.allSatisfy { (0x30...0x39).contains($0) }
      && (2...3).contains(first.utf8.count)
      && parts.dropLast().allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (0x61...0x7A).contains($0) } }
  }
}

extension String {
  /// Where `part` stands for the last time.
  fileprivate func range(of part: String, last: Bool) -> Range<Index>? {
    var found: Range<Index>?
    var start = startIndex
    while let range = self[start...].firstRange(of: part) {
      found = range
      start = range.upperBound
    }
    return found
  }
}

import HTTPTransport

extension ProviderDefinition {
  /// Ollama on this machine, on another, or its cloud.
  public static let ollama = ProviderDefinition(
    id: "ollama", title: "Ollama", prefixes: ["ollama", "ollama_chat"], defaultBase: "http://127.0.0.1:11434",
    baseVariables: ["OLLAMA_API_BASE", "OLLAMA_HOST"], keyVariables: ["OLLAMA_API_KEY"],
    modelVariables: ["OLLAMA_MODEL"], ownHosts: ["ollama.com"], setsOwnPrices: true,
    endpoint: { (settings, definition) throws(ProviderSetupError) in
      var settings = settings
      settings.apiBase = settings.apiBase.map(OllamaAddress.normalised)
      for name in definition.baseVariables {
        settings.environment[name] = settings.variable([name]).map(OllamaAddress.normalised)
      }
      return try settings.endpoint(of: definition)
    },
    chat: { _, _ in OllamaChatFormat() }, listing: OllamaModelListing(), embeddings: .ollama)
}

/// Addresses as Ollama's own programs write them.
enum OllamaAddress {
  /// A URL of `host`, `host:port`, `[::]`, or a URL; where a server listens on every address, this machine's. Without
  /// `/v1` or `/api/…` at the end, which other programs want.
  static func normalised(_ text: String) -> String {
    let trimmed = text.filter { !$0.isWhitespace && $0 != "\"" && $0 != "'" }
    var scheme = trimmed == "ollama.com" ? "https" : "http"
    var rest = trimmed[...]
    let hasScheme = trimmed.firstRange(of: "://")
    if let mark = hasScheme {
      scheme = String(trimmed[..<mark.lowerBound])
      rest = trimmed[mark.upperBound...]
    }
    var path = rest.firstIndex(of: "/").map { String(rest[$0...]) } ?? ""
    var host = String(rest.prefix { $0 != "/" })
    var port = ""
    if host.hasPrefix("["), let end = host.firstIndex(of: "]") {
      port = String(host[host.index(after: end)...])
      host = String(host[...end])
    } else if host.filter({ $0 == ":" }).count > 1 {
      host = "[\(host)]"
    } else if let colon = host.firstIndex(of: ":") {
      port = String(host[colon...])
      host = String(host[..<colon])
    }
    switch host {
    case "", "0.0.0.0": host = "127.0.0.1"
    case "[::]", "[::0]": host = "[::1]"
    default: break
    }
    if port.isEmpty || port == ":" { port = hasScheme == nil && scheme == "http" ? ":11434" : "" }
    while path.hasSuffix("/") { path.removeLast() }
    for suffix in ["/v1/chat/completions", "/v1", "/api/chat", "/api/generate", "/api/embed", "/api"]
    where path.hasSuffix(suffix) {
      path.removeLast(suffix.count)
      break
    }
    return "\(scheme)://\(host)\(port)\(path)"
  }
}

/// Which encoding a model uses, as far as that is published: by its name, which says nothing about a model that only
/// carries the name.
enum PublishedEncoding {
  /// The encoding of a model of OpenAI's, or nil if it is another one's or is not published.
  ///
  /// - Parameter model: As configurations and providers write it: with or without provider (`azure/`, `groq/openai/`),
  ///   region (`global.openai.`), `ft:` before and organisation after it, version or tag.
  static func of(model: String) -> BytePairEncoding.Name? {
    let name = baseName(model)
    if let number = number(in: name, after: "gpt-") {
      // GPT-5 and 6 have the encoding of GPT-4o, and so have 4.1 and 4.5. Of later ones nothing is known yet.
      switch number.value {
      case "3.5", "35": return isEndOrDash(number.rest) ? .cl100k : nil
      case "4": return number.rest.first == "o" ? .o200k : isEndOrDash(number.rest) ? .cl100k : nil
      case "4.1", "4.5": return isEndOrDash(number.rest) ? .o200k : nil
      default: return ["5", "6"].contains(number.value.prefix { $0 != "." }) && isEndOrDash(number.rest) ? .o200k : nil
      }
    }
    for series in ["o1", "o3", "o4"] where name.hasPrefix(series) {
      return isEndOrDash(name.dropFirst(series.count)) ? .o200k : nil
    }
    if ["chatgpt-4o", "gpt-oss"].contains(where: { isModel(name, $0) }) { return .o200k }
    if ["text-embedding-3", "text-embedding-ada-002", "davinci-002", "babbage-002"].contains(where: {
      isModel(name, $0)
    }) {
      return .cl100k
    }
    return nil
  }

  /// Whether the model is one of those whose providers put a text of their own before the messages.
  static func isOpenWeights(_ model: String) -> Bool { isModel(baseName(model), "gpt-oss") }

  private static func baseName(_ model: String) -> Substring {
    var name = Substring(model.lowercased())
    if let slash = name.lastIndex(of: "/") { name = name[name.index(after: slash)...] }
    if name.hasPrefix("ft:") { name = name.dropFirst(3) }
    // Bedrock writes the vendor between dots.
    if let vendor = name.firstRange(ofText: "openai.") { name = name[vendor...] }
    return name.prefix { $0 != ":" }
  }

  private static func number(in name: Substring, after prefix: String) -> (value: Substring, rest: Substring)? {
    guard name.hasPrefix(prefix) else { return nil }
    let tail = name.dropFirst(prefix.count)
    let value = tail.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    return value.isEmpty ? nil : (value, tail[value.endIndex...])
  }

  private static func isModel(_ name: Substring, _ model: String) -> Bool {
    name.hasPrefix(model) && isEndOrDash(name.dropFirst(model.count))
  }

  private static func isEndOrDash(_ rest: Substring) -> Bool { rest.isEmpty || rest.first == "-" }
}

extension Substring {
  /// Where the text after the first occurrence of another one begins.
  fileprivate func firstRange(ofText text: String) -> Index? {
    var start = startIndex
    while start < endIndex {
      if self[start...].hasPrefix(text) { return index(start, offsetBy: text.count) }
      start = index(after: start)
    }
    return nil
  }
}

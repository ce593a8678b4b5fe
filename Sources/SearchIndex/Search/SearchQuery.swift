/// A question, taken apart for the index.
struct SearchQuery {
  /// What a query looks like, which decides what it is compared with most.
  enum Kind: Sendable {
    /// A sentence or some words.
    case words
    /// One identifier, or little else.
    case symbol
    /// A file name or path.
    case path
  }

  /// A term with its weight; the weight of a whole identifier's parts is shared between it and them.
  struct WeightedTerm {
    var term: Term
    var weight: Float
    var isWhole: Bool
  }

  /// The text as it was asked, without what is beyond the longest query.
  let text: String
  let kind: Kind
  /// Distinct terms.
  let terms: [WeightedTerm]
  /// The terms of identifiers in the query as single terms: what a definition's whole name is compared with.
  let identifiers: Set<Term>
  /// The file names and paths in it, lower-cased.
  let paths: [String]
  /// Whether it asks for tests, so that they are not ranked down.
  let wantsTests: Bool
  /// Whether it asks for examples, documentation or the like.
  let wantsDocuments: Bool

  /// Characters that are looked at: a pasted log of megabytes says no more than its beginning.
  private static let longest = 8192

  init(_ text: String) {
    let text = String(text.prefix(SearchQuery.longest))
    self.text = text
    let words = SearchQuery.words(of: text)
    let content = words.filter { !StopWords.contains(SearchQuery.trimmed($0).lowercased()) }
    let kept = content.isEmpty ? words : content
    var weights: [Term: WeightedTerm] = [:]
    var identifiers: Set<Term> = []
    var identifierLike = 0
    for word in kept {
      let terms = TermScanner.terms(of: word)
      let looksLikeIdentifier = SearchQuery.looksLikeIdentifier(SearchQuery.trimmed(word))
      if looksLikeIdentifier { identifierLike += 1 }
      for (term, isWhole) in terms {
        weights[term, default: WeightedTerm(term: term, weight: 0, isWhole: isWhole)].weight += 1
        if isWhole { identifiers.insert(term) }
      }
      if terms.count == 1, looksLikeIdentifier || kept.count == 1 { identifiers.insert(terms[0].term) }
    }
    terms = weights.values.sorted { $0.term < $1.term }
    self.identifiers = identifiers
    paths = words.map { SearchQuery.trimmed($0) }.filter(SearchQuery.looksLikePath).map(SearchQuery.plainPath)
    let plain = Set(words.map { SearchQuery.trimmed($0).lowercased() })
    wantsTests = !plain.isDisjoint(with: ["test", "tests", "testing", "spec", "specs"])
    wantsDocuments = !plain.isDisjoint(with: SearchQuery.documents)
    if kept.count <= 2, kept.contains(where: SearchQuery.looksLikePath) {
      kind = .path
    } else if identifierLike > 0, kept.count <= 3 {
      kind = .symbol
    } else if words.count == 1 {
      kind = .symbol
    } else {
      kind = .words
    }
  }

  /// Words that ask for examples or prose.
  private static let documents: Set<String> = [
    "example", "examples", "sample", "samples", "tutorial", "tutorials", "readme", "readme.md", "documentation", "docs",
    "changelog",
  ]

  /// The query's words, separated by white space.
  private static func words(of text: String) -> [String] {
    text.split(whereSeparator: { $0.isWhitespace }).map(String.init)
  }

  private static func trimmed(_ word: String) -> String {
    let edges: Set<Character> = ["?", ".", ",", ";", ":", "!", "(", ")", "[", "]", "\"", "'", "`", "{", "}", "<", ">"]
    var slice = word[...]
    while let first = slice.first, edges.contains(first) { slice.removeFirst() }
    while let last = slice.last, edges.contains(last) { slice.removeLast() }
    return String(slice)
  }

  /// `fooBar`, `foo_bar`, `FooBar`, `Foo::bar`, `foo.bar`, `foo()`: nothing that prose contains.
  private static func looksLikeIdentifier(_ word: String) -> Bool {
    var previous: Character = " "
    for (index, character) in word.enumerated() {
      if character == "_", index > 0 || word.count > 1 { return true }
      if index > 0, character.isUppercase, previous.isLowercase { return true }
      if index > 0, character == ":", previous == ":" { return true }
      if index > 0, character == ".", previous.isLetter, word.count > index + 1 { return true }
      if character == "(", previous.isLetter { return true }
      previous = character
    }
    return false
  }

  /// A path without what people put around it: `./`, and the line of `file.c:12:3`.
  private static func plainPath(_ word: String) -> String {
    var path = word[...]
    while path.first == "." || path.first == "/" { path = path.dropFirst() }
    while let colon = path.lastIndex(of: ":"), path[path.index(after: colon)...].allSatisfy(\.isNumber) {
      path = path[..<colon]
    }
    return path.lowercased()
  }

  private static func looksLikePath(_ word: String) -> Bool {
    guard word.contains("/") else {
      guard let dot = word.lastIndex(of: "."), dot != word.startIndex else { return false }
      let suffix = word[word.index(after: dot)...].prefix { $0 != ":" }
      return [
        "swift", "py", "js", "ts", "tsx", "jsx", "go", "rs", "java", "kt", "c", "h", "cpp", "cc", "hpp", "cs", "rb",
        "php", "lua", "sh", "md", "json", "yaml", "yml", "toml", "ex", "exs", "hs", "ml", "scala", "sql", "css", "html",
      ].contains(suffix.lowercased())
    }
    return word.split(separator: "/").count >= 2
  }
}

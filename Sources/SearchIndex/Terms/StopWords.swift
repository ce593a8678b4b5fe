/// Words that say nothing about what a question is after. They are left out of queries, not of the index.
enum StopWords {
  private static let words: Set<String> = [
    "a", "about", "after", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be", "been", "before", "being",
    "but", "by", "can", "could", "did", "do", "does", "doing", "done", "each", "for", "from", "get", "gets", "had",
    "has", "have", "having", "how", "i", "if", "in", "into", "is", "it", "its", "just", "like", "make", "makes", "may",
    "me", "might", "must", "my", "no", "not", "of", "off", "on", "one", "only", "or", "other", "our", "out", "over",
    "shall", "she", "should", "so", "some", "such", "than", "that", "the", "their", "them", "then", "there", "these",
    "they", "this", "those", "to", "too", "under", "until", "up", "us", "use", "used", "uses", "using", "very", "via",
    "was", "we", "were", "what", "when", "where", "whether", "which", "while", "who", "whose", "why", "will", "with",
    "would", "you", "your",
  ]

  /// Whether a lower-case word is one.
  static func contains(_ word: some StringProtocol) -> Bool { words.contains(String(word)) }
}

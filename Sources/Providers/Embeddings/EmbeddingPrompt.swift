/// What open models want before a text: they were trained with it, and find markedly less without.
///
/// Providers that tell questions from passages by a parameter put it there themselves. Servers that run any model do
/// not, so it is done here, by the model's name.
struct EmbeddingPrompt: Sendable, Hashable {
  /// Before a passage.
  var passage = ""
  /// Before a question.
  var query = ""
  /// Names the row in stored indexes; changed when the row is.
  var version = ""

  /// By a part of the name, lower case; the first that fits counts.
  private static let table: [(name: String, prompt: EmbeddingPrompt)] = [
    ("nomic-embed-code", EmbeddingPrompt(query: "Represent this query for searching relevant code: ", version: "nc1")),
    ("coderankembed", EmbeddingPrompt(query: "Represent this query for searching relevant code: ", version: "nc1")),
    ("nomic-embed", EmbeddingPrompt(passage: "search_document: ", query: "search_query: ", version: "n1")),
    ("e5-mistral", instruct),
    ("multilingual-e5-large-instruct", instruct),
    ("qwen3-embedding", instruct),
    ("e5-", EmbeddingPrompt(passage: "passage: ", query: "query: ", version: "e1")),
    ("embeddinggemma", gemma),
    ("embedding-gemma", gemma),
    ("mxbai-embed", retrieval),
    ("snowflake-arctic-embed2", EmbeddingPrompt(query: "query: ", version: "a2")),
    ("arctic-embed", retrieval),
    ("bge-m3", EmbeddingPrompt()),
    ("bge-", retrieval),
  ]

  private static let retrieval = EmbeddingPrompt(
    query: "Represent this sentence for searching relevant passages: ", version: "r1")
  private static let gemma = EmbeddingPrompt(
    passage: "title: none | text: ", query: "task: code retrieval | query: ", version: "g1")
  private static let instruct = EmbeddingPrompt(
    query: "Instruct: Given a question about a code base, retrieve the code and documentation that answer it\nQuery: ",
    version: "i1")

  /// The row of a model; an empty one for models that need nothing, or are not known.
  init(model: String) {
    let name = model.lowercased()
    self = Self.table.first { name.contains($0.name) }?.prompt ?? EmbeddingPrompt()
  }

  private init(passage: String = "", query: String = "", version: String = "") {
    self.passage = passage
    self.query = query
    self.version = version
  }

  /// The texts as they are sent.
  func applied(to request: EmbeddingRequest) -> [String] {
    let prefix = request.purpose == .query ? query : passage
    return prefix.isEmpty ? request.texts : request.texts.map { prefix + $0 }
  }
}

import Foundation
import HTTPTransport
import Ledger
import Testing

@testable import Providers

/// What each provider is sent, and how its own words are read.
struct EmbeddingFormatTests {
  let texts = ["def f(): pass", "class A: pass"]

  func response(_ format: any EmbeddingFormat, _ name: String, _ count: Int = 2) throws -> EmbeddingResponse {
    try format.response(
      try JSONTree(parsing: fixture(name)), headers: HTTPHeaders(),
      to: embedding(Array(repeating: "x", count: count)), provider: "p")
  }

  @Test func openAIPacksVectors() throws {
    let format = OpenAIEmbeddingFormat.openAI
    let request = try format.httpRequest(
      embedding(texts, model: "text-embedding-3-small", dimensions: 512), at: endpoint(credential: key()))
    #expect(request.url.path == "/v1/embeddings")
    #expect(request.header("authorization") == "Authorization: Bearer sk-test-key")
    #expect(
      try sameJSON(request.text, String(decoding: fixture("openai.embed.request.json"), as: UTF8.self)))
    let answer = try response(format, "openai.embed.response.json")
    #expect(answer.vectors == [[1, 0], [0, 1]])
    #expect(answer.usage == TokenUsage(input: 11, provenance: .provider))
    #expect(format.limits("m") == EmbeddingRequestLimits(texts: 2048, tokens: 300_000))
  }

  @Test func compatibleServersAreAskedForNothingTheyMayNotKnow() throws {
    let request = try OpenAIEmbeddingFormat.openAICompatible.httpRequest(embedding(texts), at: endpoint())
    #expect(try sameJSON(request.text, #"{"model":"m","input":["def f(): pass","class A: pass"]}"#))
    #expect(request.header("authorization") == nil)
  }

  @Test func vectorsAreOrderedByTheirNumbers() throws {
    let answer = try json(
      #"{"data":[{"index":1,"embedding":[0,1]},{"index":0,"embedding":[1,0.5]}],"usage":{"prompt_tokens":3,"total_tokens":3}}"#
    )
    let read = try OpenAIEmbeddingFormat.openAI.response(
      answer, headers: HTTPHeaders(), to: embedding(texts), provider: "p")
    #expect(read.vectors == [[1, 0.5], [0, 1]])
    // Without numbers their own order counts; a list alone, and rows of one row, are llama.cpp's.
    let bare = try json(#"[{"embedding":[[0.5,1]]},{"embedding":[[1,0]]}]"#)
    #expect(
      try OpenAIEmbeddingFormat.openAICompatible.response(
        bare, headers: HTTPHeaders(), to: embedding(texts), provider: "p"
      ).vectors == [[0.5, 1], [1, 0]])
  }

  @Test(arguments: [
    #"{"data":[{"index":0,"embedding":[1]}]}"#,
    #"{"data":[{"index":0,"embedding":[1]},{"index":0,"embedding":[1]}]}"#,
    #"{"data":[{"index":0,"embedding":[1]},{"index":2,"embedding":[1]}]}"#,
    #"{"data":[{"index":0,"embedding":[1]},{"embedding":[1]}]}"#,
    #"{"data":[{"index":0,"embedding":[1]},{"index":-1,"embedding":[1]}]}"#,
    #"{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":["x"]}]}"#,
    #"{"data":[{"index":0,"embedding":[1]},{"index":1,"embedding":null}]}"#,
    #"{"data":[{"index":0,"embedding":"AACAPw=="},{"index":1,"embedding":"AACAP"}]}"#,
    #"{"data":[{"index":0,"embedding":"AACAPw=="},{"index":1,"embedding":"!!!!"}]}"#,
    #"{"data":[]}"#, #"{"data":{}}"#, #"{}"#, "[]", "3",
  ])
  func answersWithoutAVectorForEachTextAreErrors(_ text: String) throws {
    let error = #expect(throws: ProviderError.self) {
      try OpenAIEmbeddingFormat.openAI.response(
        try json(text), headers: HTTPHeaders(), to: embedding(texts), provider: "p")
    }
    #expect(error?.code == ProviderError.invalidResponse)
    #expect(error?.kind == .server)
    #expect(error?.mayBeCharged == true)
  }

  @Test func voyageIsToldWhatTheTextsAre() throws {
    let format = OpenAIEmbeddingFormat.voyage
    let passages = try format.httpRequest(embedding(["a"], model: "voyage-code-4", dimensions: 512), at: endpoint())
    #expect(
      try sameJSON(
        passages.text,
        #"{"model":"voyage-code-4","input":["a"],"input_type":"document","output_dimension":512,"truncation":true,"encoding_format":"base64"}"#
      ))
    #expect(try format.httpRequest(embedding(["a"], .query), at: endpoint()).text.contains(#""input_type":"query""#))
    let answer = try response(format, "voyage.embed.json", 1)
    #expect(answer.vectors == [[0.6, 0.8]])
    #expect(answer.usage == TokenUsage(input: 3, provenance: .provider))
  }

  @Test func jinasTasksDependOnTheModel() throws {
    let expected = [
      ("jina-embeddings-v4", "code.query", "code.passage"),
      ("jina-embeddings-v3", "retrieval.query", "retrieval.passage"),
      ("jina-code-embeddings-1.5b", "nl2code.query", "nl2code.passage"),
    ]
    for (model, query, passage) in expected {
      let format = OpenAIEmbeddingFormat.jina
      #expect(
        try format.httpRequest(embedding(["a"], .query, model: model), at: endpoint()).text.contains(
          #""task":"\#(query)""#))
      #expect(
        try format.httpRequest(embedding(["a"], model: model), at: endpoint()).text.contains(#""task":"\#(passage)""#))
    }
    let old = embedding(["a"], model: "jina-embeddings-v2-base-code")
    #expect(try !OpenAIEmbeddingFormat.jina.httpRequest(old, at: endpoint()).text.contains("task"))
  }

  @Test func mistralAndTogetherHaveTheirOwnWordForDimensions() throws {
    let request = embedding(["a"], dimensions: 256)
    #expect(
      try OpenAIEmbeddingFormat.mistral.httpRequest(request, at: endpoint()).text.contains(#""output_dimension":256"#))
    #expect(try !OpenAIEmbeddingFormat.fixedLength.httpRequest(request, at: endpoint()).text.contains("256"))
  }

  @Test func azureIsReachedOnEitherSurface() throws {
    let format = OpenAIEmbeddingFormat.azure(.azure)
    var place = try endpoint("azure", "https://r.openai.azure.com", credential: key("a"))
    place.values["api_version"] = "2024-10-21"
    let classic = try format.httpRequest(embedding(["a"], model: "deployed"), at: place)
    #expect(
      classic.url.description
        == "https://r.openai.azure.com/openai/deployments/deployed/embeddings?api-version=2024-10-21")
    #expect(classic.header("api-key") == "api-key: a")
    let newer = try endpoint("azure", "https://r.openai.azure.com/openai/v1", credential: key("a"))
    #expect(
      try format.httpRequest(embedding(["a"]), at: newer).url.description
        == "https://r.openai.azure.com/openai/v1/embeddings")
  }

  @Test func fireworksNamesItsOwnModelsInFull() throws {
    let format = try #require(ProviderRegistry.standard["fireworks_ai"]?.embeddings)
    let request = try format.httpRequest(embedding(["a"], model: "qwen3-embedding-8b"), at: endpoint())
    #expect(request.text.contains(#""model":"accounts/fireworks/models/qwen3-embedding-8b""#))
  }

  @Test func llamaCppsWordsForATextThatIsTooLong() throws {
    let body =
      #"{"error":{"code":500,"message":"input (901 tokens) is too large to process. increase the physical batch size (current batch size: 512)","type":"server_error"}}"#
    func kind(_ body: String) throws -> ProviderError.Kind {
      OpenAIEmbeddingFormat.openAICompatible.error(
        status: 500, headers: HTTPHeaders(), body: Array(body.utf8), at: try endpoint(), now: 0
      ).kind
    }
    #expect(try kind(body) == .context)
    #expect(try kind(#"{"error":{"message":"about input (9 tokens) is too large to process. "}}"#) == .server)
  }

  @Test func ollamaIsReachedWhicheverOfItsInterfacesTheBaseNames() throws {
    for base in ["http://127.0.0.1:11434", "http://127.0.0.1:11434/v1", "http://127.0.0.1:11434/api/"] {
      let request = try OllamaEmbeddingFormat.ollama.httpRequest(
        embedding(["a"], model: "all-minilm", dimensions: 128), at: endpoint("ollama", base))
      #expect(request.url.description == "http://127.0.0.1:11434/api/embed")
      #expect(try sameJSON(request.text, #"{"model":"all-minilm","input":["a"],"truncate":true,"dimensions":128}"#))
    }
    let answer = try response(OllamaEmbeddingFormat.ollama, "ollama.embed.response.json")
    #expect(answer.vectors == [[0.6, 0.8], [0.8, 0.6]])
    #expect(answer.usage?.input == 8)
  }

  @Test func openModelsGetThePrefixesTheyWereTrainedWith() throws {
    let question = try OllamaEmbeddingFormat.ollama.httpRequest(
      embedding(["what?"], .query, model: "nomic-embed-text"), at: endpoint())
    #expect(question.text.contains(#"["search_query: what?"]"#))
    let passage = try OpenAIEmbeddingFormat.openAICompatible.httpRequest(
      embedding(["text"], model: "intfloat/multilingual-e5-large"), at: endpoint())
    #expect(passage.text.contains(#"["passage: text"]"#))
    // What is put to texts tells stored vectors apart; where nothing is, nothing does.
    #expect(
      OllamaEmbeddingFormat.ollama.dialect("nomic-embed-text") != OllamaEmbeddingFormat.ollama.dialect("e5-small"))
    #expect(OllamaEmbeddingFormat.ollama.dialect("bge-m3") == "")
    #expect(OpenAIEmbeddingFormat.openAI.dialect("nomic-embed-text") == "")
  }

  @Test func geminiGetsAContentForEachText() throws {
    let request = try GeminiEmbeddingFormat.gemini.httpRequest(
      embedding(texts, model: "gemini-embedding-001", dimensions: 768),
      at: endpoint("gemini", "https://generativelanguage.googleapis.com/v1beta", credential: key("g")))
    #expect(request.url.path == "/v1beta/models/gemini-embedding-001:batchEmbedContents")
    #expect(request.url.query == nil)
    #expect(request.header("x-goog-api-key") == "x-goog-api-key: g")
    #expect(try sameJSON(request.text, String(decoding: fixture("gemini.embed.request.json"), as: UTF8.self)))
    let question = try GeminiEmbeddingFormat.gemini.httpRequest(embedding(["q"], .query), at: endpoint("gemini"))
    #expect(question.text.contains("CODE_RETRIEVAL_QUERY"))
    #expect(try response(GeminiEmbeddingFormat.gemini, "gemini.embed.response.json").vectors.count == 2)
    let long = try json(#"{"embeddings":[{"values":[3,4]}]}"#)
    let read = try GeminiEmbeddingFormat.gemini.response(
      long, headers: HTTPHeaders(), to: embedding(["a"]), provider: "p")
    #expect(read.vectors == [[0.6, 0.8]])
    #expect(read.usage == nil)
  }

  @Test func cohereIsReachedAtItsOwnInterface() throws {
    for base in ["https://api.cohere.com", "https://api.cohere.com/v2", "https://api.cohere.com/compatibility/v1"] {
      let request = try CohereEmbeddingFormat.cohere.httpRequest(
        embedding(["a"], model: "embed-v4.0", dimensions: 1024), at: endpoint("cohere", base))
      #expect(request.url.description == "https://api.cohere.com/v2/embed")
      #expect(
        try sameJSON(
          request.text,
          #"{"model":"embed-v4.0","texts":["a"],"input_type":"search_document","embedding_types":["float"],"output_dimension":1024,"truncate":"END"}"#
        ))
    }
    let answer = try response(CohereEmbeddingFormat.cohere, "cohere.embed.json", 1)
    #expect(answer.vectors == [[0.6, 0.8]])
    #expect(answer.usage?.input == 1)
    #expect(CohereEmbeddingFormat.cohere.limits("m").texts == 96)
  }

  @Test func base64IsReadAsItIsWritten() throws {
    var generator = SystemRandomNumberGenerator()
    for count in [1, 2, 3, 4, 1536] {
      let values = (0..<count).map { _ in Float.random(in: -1...1, using: &generator) }
      let data = values.withUnsafeBytes { Data($0) }
      #expect(EmbeddingVectors.base64(data.base64EncodedString()) == values)
      let bare = data.base64EncodedString().replacingOccurrences(of: "=", with: "")
      #expect(EmbeddingVectors.base64(bare) == values)
    }
    for text in ["A", "AA", "AAAAA", "===", "====", "AACA=Pw=", "AACAPw===", "AACAPw\n=", "Ⅲ"] {
      #expect(EmbeddingVectors.base64(text) == nil, "\(text)")
    }
    #expect(EmbeddingVectors.base64("") == [])
  }
}

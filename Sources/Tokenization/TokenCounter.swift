/// Counts tokens as a model does, or as nearly as can be known.
///
/// OpenAI published the encodings of its models: for these counts are exact. For all others o200k_base counts, which is
/// near enough to be corrected by a factor that `TokenCalibration` learns for each model.
public struct TokenCounter: Sendable {
  /// How a model's tokens are counted.
  public enum Method: Sendable, Hashable {
    /// By the model's own encoding.
    case exact(BytePairEncoding.Name)
    /// By o200k_base times a factor that is learned.
    case calibrated
  }

  /// The model, as what is learned about it is filed under.
  public let model: String
  /// How it is counted.
  public let method: Method
  /// What stands around the texts of messages, as it is expected.
  public let framing: MessageFraming

  private let encoding: BytePairEncoding

  /// A counter for a model.
  ///
  /// - Parameters:
  ///   - model: The model's name as configurations and providers write it, such as `gpt-4o`, `azure/gpt-4.1`,
  ///     `groq/openai/gpt-oss-120b`, `claude-…`. A deployment with a name of its own is known by the name of the model
  ///     behind it, so give that one.
  ///   - isGenuine: Whether the name is trusted to say which model it is. Without that nothing is exact: a server may
  ///     give any model any name.
  public init(model: String, isGenuine: Bool = true) {
    self.model = model
    if isGenuine, let name = PublishedEncoding.of(model: model) {
      method = .exact(name)
      encoding = .named(name)
      framing = PublishedEncoding.isOpenWeights(model) ? .generous : .openAI
    } else {
      method = .calibrated
      encoding = .o200k
      framing = .openAI
    }
  }

  /// The count of a text by the encoding at hand, without anything around it: exact if `method` is.
  public func count(_ text: String) -> Int { encoding.count(text) }

  /// The count of messages' texts and what stands around them.
  public func count(messages texts: [String]) -> Int {
    texts.reduce(framing.tokens(messages: texts.count)) { $0 + encoding.count($1) }
  }

  /// How many tokens a text has at most, whatever it is: its count if that is exact, otherwise `upperBound(_:)`.
  public func bound(_ text: String) -> Int {
    if case .exact = method { return encoding.count(text) }
    return Self.upperBound(text)
  }

  /// How many tokens a text has at most for any model whose tokenizer keeps the text as it is.
  ///
  /// A token of a byte-level encoding (OpenAI's, Llama 3, Qwen, DeepSeek, Mistral's newer ones) has at least one byte.
  /// Where tokens are made of characters (SentencePiece: Llama 2, Gemma, Mistral's older ones) a character that is no
  /// token falls back to a token for each of its bytes, and a blank may be put before the text, which can be one token.
  /// As nothing more is known of a vocabulary that is not public, nothing less holds for every text. It does not hold
  /// for tokenizers that first rewrite text into something longer (compatibility normalisation); no chat model in use
  /// is known to do so.
  public static func upperBound(_ text: String) -> Int {
    let bytes = text.utf8.count
    return bytes == 0 ? 0 : bytes + 1
  }

  /// Measures the input of a request.
  ///
  /// - Parameters:
  ///   - texts: The text of each message.
  ///   - calibration: What was learned about models; it is not asked for models that are counted exactly.
  public func measure(messages texts: [String], calibration: TokenCalibration = TokenCalibration()) -> TokenMeasure {
    let counted = count(messages: texts)
    if case .exact = method {
      return TokenMeasure(basis: .exact, counted: counted, expected: counted, reserved: counted)
    }
    let around = MessageFraming.generous.tokens(messages: texts.count)
    let bound = texts.reduce(around) { $0 + Self.upperBound($1) }
    let estimate = calibration.estimate(counted, model: model)
    return TokenMeasure(
      basis: estimate.isReliable ? .calibrated : .bound, counted: counted, expected: min(estimate.expected, bound),
      reserved: estimate.isReliable ? min(estimate.high, bound) : bound)
  }
}

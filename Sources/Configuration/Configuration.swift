/// What a configuration file says: LiteLLM's `model_list`, and our own section `cicerone`.
///
/// ```yaml
/// model_list:
///   - model_name: fast
///     litellm_params:
///       model: openai/gpt-4o-mini
///       api_key: os.environ/OPENAI_API_KEY
/// cicerone:
///   token_budget: 6000
///   max_usd_per_request: 0.05
///   model: fast
/// ```
public struct Configuration: Sendable {
  /// The models, in order.
  public var models: [ModelEntry] = []
  /// `cicerone.token_budget`: tokens of context to send with a question.
  public var tokenBudget: Int?
  /// `cicerone.max_usd_per_request`, as decimal text so that it stays exact.
  public var maxUSDPerRequest: String?
  /// `cicerone.model`: the model asked when a request names none.
  public var model: String?
  /// What is not used as it stands: nothing is dropped silently.
  public var warnings: [ConfigurationWarning] = []

  /// Says nothing.
  public init() {}

  /// Reads a file in YAML, or JSON, which is YAML too. `os.environ/NAME` stands for the variable of that name in
  /// `environment`.
  public init(yaml bytes: [UInt8], environment: [String: String]) throws(ConfigurationError) {
    let (root, warnings) = try YAMLReader.read(bytes)
    self.warnings = warnings
    guard let root, !root.isNull else { return }
    var reader = ConfigurationReader(environment: environment)
    try reader.read(root)
    let own = self.warnings + reader.configuration.warnings
    self = reader.configuration
    self.warnings = own
  }
}

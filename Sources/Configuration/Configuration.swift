public import HTTPTransport

/// What a configuration file says: LiteLLM's sections, and our own, `cicerone`.
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
  /// `model_list`, in order.
  public var models: [ModelEntry] = []
  /// `router_settings`, with what `litellm_settings` says of the same.
  public var router = RouterSettings()
  /// The rest of `litellm_settings`.
  public var litellm = LiteLLMSettings()
  /// `cicerone`.
  public var settings = CiceroneSettings()
  /// `environment_variables`: they stand before those of the process.
  public var environmentVariables: [String: Secret] = [:]
  /// What is wrong, is not used as it stands, or is worth knowing: nothing is dropped silently.
  public var problems: [ConfigurationProblem] = []

  /// Says nothing.
  public init() {}

  /// `cicerone.token_budget`: tokens of context to send with a question.
  public var tokenBudget: Int? { settings.tokenBudget }
  /// `cicerone.max_usd_per_request`, as decimal text so that it stays exact.
  public var maxUSDPerRequest: String? { settings.maxUSDPerRequest }
  /// `cicerone.model`: the model asked when a request names none.
  public var model: String? { settings.model?.value }
  /// The warnings among the problems.
  public var warnings: [ConfigurationProblem] { problems.filter { $0.severity == .warning } }
  /// The first error, if the file cannot be used as it is.
  public var firstError: ConfigurationError? {
    problems.first { $0.severity == .error }.map {
      ConfigurationError(
        message: $0.message, position: $0.position ?? SourcePosition(line: 1, column: 1), hint: $0.hint)
    }
  }

  /// The variables of the process with those that the file sets.
  public func environment(over environment: [String: String]) -> [String: String] {
    environmentVariables.reduce(into: environment) { result, variable in
      result[variable.key] = variable.value.withExposedText { $0 }
    }
  }

  /// Reads a file in YAML, or JSON, which is YAML too. `os.environ/NAME` stands for the variable of that name in
  /// `environment`.
  ///
  /// - Throws: the first error, when there is one.
  public init(yaml bytes: [UInt8], environment: [String: String]) throws(ConfigurationError) {
    self = Configuration.read(yaml: bytes, environment: environment)
    if let error = firstError { throw error }
  }

  /// Reads as much of a file as can be read; ``problems`` has all that is wrong with the rest.
  ///
  /// - Parameters:
  ///   - path: where the file lies: positions name it, and paths under `include` are meant from there.
  ///   - include: reads a file that `include` names; without it, including is an error.
  public static func read(
    yaml bytes: [UInt8], environment: [String: String], path: String? = nil,
    include: ((_ path: String) -> [UInt8]?)? = nil
  ) -> Configuration {
    var reader = ConfigurationReader(environment: environment)
    reader.read(bytes, path: path, include: include)
    return reader.finished()
  }
}

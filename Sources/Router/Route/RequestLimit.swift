public import Ledger

/// What one request may use, over all its attempts.
public struct RequestLimit: Sendable, Hashable {
  /// The most money.
  public var maxUSD: Money?
  /// The most tokens, in and out together.
  public var maxTokens: Int?

  /// Makes a limit; `nil` for none.
  public init(maxUSD: Money? = nil, maxTokens: Int? = nil) {
    self.maxUSD = maxUSD
    self.maxTokens = maxTokens
  }
}

/// Whether a request may go to a deployment, decided before anything is sent.
public enum Admission: Sendable, Hashable {
  /// It may, asking for at most so many tokens and costing at most `reserved`.
  case admitted(maxOutputTokens: Int, reserved: Money)
  /// It may not.
  case refused(Refusal)

  /// Why not.
  public enum Refusal: Sendable, Hashable {
    /// Nobody knows what it costs.
    case unknownPrice
    /// Even the shortest answer costs more than is left; it would cost `needed`.
    case tooExpensive(needed: Money, left: Money)
    /// The input leaves no room under the limit of tokens.
    case tooManyTokens(input: Int, left: Int)
    /// The input leaves no room in the model's context.
    case contextTooSmall(input: Int, context: Int)
  }

  /// Decides for `input` and at most `wanted` tokens of answer, cut down to what the limits
  /// and the deployment allow. An answer of fewer than `minimum` tokens is not worth asking for. `left` is what remains
  /// of the request's limit after earlier attempts.
  public static func decide(
    _ deployment: Deployment, input size: InputSize, wanted: Int, minimum: Int, left: RequestLimit
  ) -> Admission {
    let input = size.likely
    var output = min(wanted, deployment.maxOutputTokens ?? wanted)
    let minimum = max(1, min(minimum, output))
    if let context = deployment.contextTokens {
      output = min(output, context - min(input, context))
      guard output >= minimum else { return .refused(.contextTooSmall(input: input, context: context)) }
    }
    if let tokens = left.maxTokens {
      output = min(output, max(0, tokens) - min(input, max(0, tokens)))
      guard output >= minimum else { return .refused(.tooManyTokens(input: input, left: max(0, tokens))) }
    }
    switch deployment.price {
    case .free: return .admitted(maxOutputTokens: output, reserved: .zero)
    case .unknown: return .refused(.unknownPrice)
    case .known(let price):
      let input = size.most
      let rates = price.dearestRates(upToInput: input)
      let most = Money(picoUSD: .max)
      let left = left.maxUSD ?? most
      do {
        let fixed = try rates.input.multiplied(by: input)
        let needed = try fixed.adding(rates.output.multiplied(by: minimum))
        guard needed <= left else { return .refused(.tooExpensive(needed: needed, left: left)) }
        if rates.output.picoUSD > 0 {
          output = min(output, Int((left.picoUSD - fixed.picoUSD) / rates.output.picoUSD))
        }
        return .admitted(
          maxOutputTokens: output, reserved: try fixed.adding(rates.output.multiplied(by: output)))
      } catch {
        return .refused(.tooExpensive(needed: most, left: left))
      }
    }
  }
}

import Ledger
import Providers

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A guess at how capable a model is, 0 to 1, from what is known without asking it.
///
/// Providers price models by what they can do, so the price of output is the best public proxy for hosted ones: 0.45 at
/// 1 USD a million tokens, 0.3 more for ten times the price. Models that run here are judged by the number of parameters
/// in their names: 0.25 at a billion, 0.19 more for ten times as many. The guess only decides between models that the
/// user gave to choose from.
public struct ModelCapability: Sendable, Hashable {
  /// 0 to 1.
  public let value: Double

  /// The guess for a deployment.
  public init(_ deployment: Deployment) {
    self.init(model: deployment.model, price: deployment.price, isReasoning: deployment.traits.flags.contains("think"))
  }

  init(model: String, price: Price, isReasoning: Bool) {
    var value: Double
    if let billions = Self.parameters(in: model) {
      value = 0.25 + 0.19 * log10(billions)
    } else if case .known(let price) = price, price.base.output > .zero {
      value = 0.45 + 0.3 * log10(price.base.output.usd * 1e6)
    } else {
      value = 0.35
    }
    if isReasoning { value += 0.05 }
    self.value = min(0.95, max(0.05, value))
  }

  /// The number of parameters that a name states, in billions: `qwen3-coder:30b` has 30, `SmolLM2-135M` 0.135. Of
  /// `30b-a3b` (a mixture of experts) the first counts.
  static func parameters(in name: String) -> Double? {
    var number = ""
    for character in name.lowercased() + "-" {
      if character.isASCII, character.isNumber || (character == "." && !number.isEmpty) {
        number.append(character)
        continue
      }
      if character == "b" || character == "m", let value = Double(number), value > 0 {
        // What follows must not go on as a word: `4mini` is no number of parameters.
        let end = name.lowercased().firstRange(of: number + String(character))
        let rest = end.map { name.lowercased()[$0.upperBound...].first }
        if let next = rest ?? nil, next.isLetter {
          number = ""
          continue
        }
        return character == "b" ? value : value / 1000
      }
      number = ""
    }
    return nil
  }
}

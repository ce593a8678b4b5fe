import CEmbeddedData
import FoundationEssentials

/// Prices and limits of models, from the JSON inside the binary.
///
/// Rates for service tiers, off-peak hours and regions are left out: the base rates are the dearest of those that can
/// apply to the requests made here.
public struct PriceCatalogue: Sendable {
  /// The catalogue in the binary, read when first asked for; empty should it be unreadable, so that every price is
  /// unknown and nothing is spent.
  public static let embedded: PriceCatalogue = {
    let blob = cicerone_model_catalogue()
    return (try? PriceCatalogue(json: Data(bytes: blob.bytes, count: blob.count))) ?? PriceCatalogue()
  }()

  private var providers: [String: [String: Entry]] = [:]

  private init() {}

  /// Reads a catalogue in the format of the embedded one.
  public init(json: [UInt8]) throws { try self.init(json: Data(json)) }

  private init(json: Data) throws {
    providers = try JSONDecoder().decode(File.self, from: json).providers
  }

  /// How many models it holds.
  public var count: Int { providers.values.reduce(0) { $0 + $1.count } }

  /// The model of that name at that provider. Names may carry the provider's prefix (`xai/…`), the suffix of a
  /// fine-tuning, or the date of a snapshot that the catalogue does not list by itself.
  public func model(provider: String, name: String) -> CatalogueModel? {
    guard let models = providers[provider] else { return nil }
    for candidate in Self.spellings(name) {
      for spelling in [candidate, provider + "/" + candidate] {
        if let entry = models[spelling] { return entry.model(provider: provider, name: spelling) }
      }
    }
    return nil
  }

  /// The models of a provider, by name.
  public func models(provider: String) -> [CatalogueModel] {
    (providers[provider] ?? [:]).map { $1.model(provider: provider, name: $0) }.sorted { $0.name < $1.name }
  }

  /// The name itself, then shorter forms under which the same price may stand.
  private static func spellings(_ name: String) -> [String] {
    var all = [name]
    if name.hasPrefix("ft:") {
      // ft:BASE:organisation:name:id
      let parts = name.split(separator: ":", omittingEmptySubsequences: false)
      if parts.count > 2 { all.append("ft:" + parts[1]) }
      return all
    }
    let parts = name.split(separator: "-")
    if parts.count > 3, zip(parts.suffix(3), [4, 2, 2]).allSatisfy({ $0.utf8.count == $1 && Int($0) != nil }) {
      all.append(parts.dropLast(3).joined(separator: "-"))
    }
    return all
  }
}

/// The file as it is written; keys are explained in its `meta`.
private struct File: Decodable {
  var providers: [String: [String: Entry]]
}

/// One model as it is written.
private struct Entry: Decodable {
  struct Tier: Decodable {
    var gt: Int
    var `in`: Int64?
    var out: Int64?
    var cr: Int64?
    var cw: Int64?
    var cw1h: Int64?
    var think: Int64?
  }

  var mode: String?
  var ctx: Int?
  var maxOut: Int?
  var `in`: Int64?
  var out: Int64?
  var cr: Int64?
  var cw: Int64?
  var cw1h: Int64?
  var think: Int64?
  var tiers: [Tier]?
  var f: [String]?
  var dep: String?
  var respOnly: Int?
  var cacheMin: Int?
  var perQuery: Int64?
  var dims: Int?

  func model(provider: String, name: String) -> CatalogueModel {
    var mode = mode.map { CatalogueModel.Mode(rawValue: $0) ?? .priceClass } ?? .chat
    if respOnly == 1, mode == .chat { mode = .responses }
    return CatalogueModel(
      provider: provider, name: name, mode: mode, contextTokens: ctx, maxOutputTokens: maxOut,
      minimumCachedTokens: cacheMin, price: price(provider: provider, mode: mode),
      pricePerQuery: perQuery.map(Money.init(picoUSD:)), dimensions: dims, flags: Set(f ?? []), deprecationDate: dep)
  }

  private func price(provider: String, mode: CatalogueModel.Mode) -> Price {
    guard let input = self.in, let output = out ?? (mode == .embedding ? 0 : nil) else { return .unknown }
    if input == 0, output == 0 {
      // Upstream writes zero both for what is free and for what nobody has priced. Only what runs locally is certain.
      return provider == "ollama" ? .free : .unknown
    }
    let base = ModelPrice.Rates(
      input: Money(picoUSD: input), output: Money(picoUSD: output), cacheRead: cr.map(Money.init(picoUSD:)),
      cacheWrite5m: cw.map(Money.init(picoUSD:)), cacheWrite1h: cw1h.map(Money.init(picoUSD:)),
      reasoning: think.map(Money.init(picoUSD:)))
    let tiers = (self.tiers ?? []).map { tier in
      ModelPrice.Tier(
        above: tier.gt, includesBound: provider == "xai",
        rates: ModelPrice.Rates(
          input: Money(picoUSD: tier.in ?? input), output: Money(picoUSD: tier.out ?? output),
          cacheRead: (tier.cr ?? cr).map(Money.init(picoUSD:)), cacheWrite5m: (tier.cw ?? cw).map(Money.init(picoUSD:)),
          cacheWrite1h: (tier.cw1h ?? cw1h).map(Money.init(picoUSD:)),
          reasoning: (tier.think ?? think).map(Money.init(picoUSD:))))
    }
    return .known(ModelPrice(base: base, tiers: tiers))
  }
}

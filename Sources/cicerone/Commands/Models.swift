import ArgumentParser
import Assistant

/// `cicerone models`
struct Models: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "List the models, or check their configuration.",
    subcommands: [List.self, Check.self], defaultSubcommand: List.self)

  /// `cicerone models list`
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "List the models that can be asked, with prices, limits and health.",
      discussion: """
        Without a configuration they are looked for: by the keys in the environment, and on this machine's ports. \
        Prices are US dollars for a million tokens. Credentials are never shown. Servers on this machine are asked \
        whether they are there, others with --probe; both cost nothing.
        """)

    @OptionGroup var shared: SharedOptions

    @Flag(name: .long, help: "Print the result object of rag/models instead.")
    var json = false

    @Flag(name: .long, help: "Ask hosted servers, too, whether they can be reached with the key at hand.")
    var probe = false

    func run() async throws {
      let models = try await ModelSetup.open(shared, roots: [try shared.root()])
      let result = await models.model.probed(hosted: probe)
      models.close()
      if json {
        var whole = result
        whole.addOfflineAnswerer()
        return Terminal.print(try Output.json(whole))
      }
      guard !result.models.isEmpty else {
        Terminal.print("There is no model that can be asked; answers quote the workspace.")
        Terminal.printError("  cicerone init writes a configuration, cicerone models check explains the one there is.")
        return
      }
      Terminal.print(ModelTable.text(result))
    }
  }
}

/// Models as a table for people.
enum ModelTable {
  static func text(_ result: ModelsResult) -> String {
    let head = ["NAME", "MODEL", "ENDPOINT", "KEY", "CONTEXT", "$ IN/OUT", "RPM", "TPM", "HEALTH"]
    let rows = result.models.map { model in
      [
        model.name + (model.name == result.defaultModel ? " *" : ""), "\(model.provider)/\(model.model)",
        model.endpoint ?? "in process", model.hasCredential ? "yes" : model.isLocal ? "-" : "no",
        model.contextTokens.map(tokens) ?? "?", price(model), model.limits.rpm.map { String($0) } ?? "-",
        model.limits.tpm.map(tokens) ?? "-",
        model.health.state + (model.health.reason.map { " (\($0))" } ?? ""),
      ].map(Terminal.line)
    }
    let table = [head] + rows
    let widths = head.indices.map { column in table.map { $0[column].count }.max() ?? 0 }
    return table.map { row in
      let cells = zip(row, widths).map { text, width in text + String(repeating: " ", count: width - text.count) }
      return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed())
    }.joined(separator: "\n")
  }

  /// `128k`, `1M`, `950`.
  static func tokens(_ count: Int) -> String {
    if count >= 1_000_000, count % 100_000 == 0 { return decimal(Double(count) / 1_000_000) + "M" }
    return count >= 10_000 ? "\(count / 1000)k" : String(count)
  }

  private static func price(_ model: ModelDescription) -> String {
    guard let price = model.price else { return "unknown" }
    if price.inputPerMillion == 0, price.outputPerMillion == 0 { return "free" }
    return "\(decimal(price.inputPerMillion))/\(decimal(price.outputPerMillion))"
  }

  /// At most four digits after the point, without zeros at the end.
  static func decimal(_ value: Double) -> String {
    let scaled = (value * 10_000).rounded()
    guard scaled.isFinite, scaled < 1e15 else { return String(value) }
    let whole = Int(scaled)
    var fraction = String(whole % 10_000)
    fraction = String(repeating: "0", count: 4 - fraction.count) + fraction
    while fraction.hasSuffix("0") { fraction.removeLast() }
    return "\(whole / 10_000)" + (fraction.isEmpty ? "" : "." + fraction)
  }
}

import Configuration
import Foundation
import Ledger
import Testing
import Workspace

@testable import Assistant

/// Settings from files, environment and editor, as they change.
@Suite struct LiveConfigurationTests {
  /// A home with a configuration, and a repository.
  final class Place {
    let root: URL

    init() throws {
      root = FileManager.default.temporaryDirectory.appending(path: "live-\(UUID().uuidString)")
      for folder in ["home/cicerone", "work"] {
        try FileManager.default.createDirectory(
          at: root.appending(path: folder), withIntermediateDirectories: true)
      }
    }

    deinit { try? FileManager.default.removeItem(at: root) }

    func write(_ text: String, to path: String) throws {
      try Data(text.utf8).write(to: root.appending(path: path))
    }

    func path(_ path: String) -> String { root.appending(path: path).path(percentEncoded: false) }
    var work: FileURI { FileURI(path: path("work")) }

    func live(_ environment: [String: String] = [:], path: String? = nil) -> LiveConfiguration {
      LiveConfiguration(
        environment: environment.merging(["XDG_CONFIG_HOME": self.path("home"), "HOME": self.path("home")]) { $1 },
        path: path)
    }
  }

  static func client(_ members: [(String, SettingValue.Kind)]) -> SettingValue {
    let place = SourcePosition(line: 1, column: 1)
    return SettingValue(
      .mapping(members.map { SettingValue.Member(key: $0.0, value: SettingValue($0.1, at: place)) }), at: place)
  }

  @Test func withoutAnythingTheDefaultsHold() async throws {
    let place = try Place()
    let effective = try await place.live().effective(for: [place.work])
    #expect(effective.configuration.tokenBudget == 4000)
    #expect(effective.limit.amount.description == "$0.25")
    #expect(effective.limit.isDefault)
    #expect(effective.problems.isEmpty)
  }

  @Test func followsTheFileAsItChanges() async throws {
    let place = try Place()
    let live = place.live()
    #expect(try await live.effective(for: []).configuration.models.isEmpty)
    try place.write(
      "include: [more.yaml]\ncicerone: {token_budget: 10, max_usd_per_request: 0.1}", to: "home/cicerone/config.yaml")
    try place.write("model_list: [{model_name: a, litellm_params: {model: openai/a}}]", to: "home/cicerone/more.yaml")
    let first = try await live.effective(for: [])
    #expect(first.configuration.models.map(\.name) == ["a"])
    #expect(first.configuration.tokenBudget == 10)
    #expect(!first.limit.isDefault)
    #expect(try await live.effective(for: []).revision == first.revision)
    try place.write("model_list: [{model_name: b, litellm_params: {model: openai/a}}]", to: "home/cicerone/more.yaml")
    let second = try await live.effective(for: [])
    #expect(second.configuration.models.map(\.name) == ["b"])
    #expect(second.revision > first.revision)

    // What has errors is not used, and said once it is asked for.
    try place.write("cicerone: {token_budget: lots}", to: "home/cicerone/config.yaml")
    let broken = try await live.effective(for: [])
    #expect(broken.configuration.tokenBudget == 10)
    #expect(broken.configuration.models.map(\.name) == ["b"])
    #expect(broken.problems.map(\.severity) == [.error])
    try place.write("cicerone: {token_budget: 12}", to: "home/cicerone/config.yaml")
    let mended = try await live.effective(for: [])
    #expect(mended.configuration.tokenBudget == 12)
    #expect(mended.configuration.models.isEmpty)
    #expect(mended.problems.isEmpty)
    try FileManager.default.removeItem(atPath: place.path("home/cicerone/config.yaml"))
    #expect(try await live.effective(for: []).configuration.tokenBudget == 4000)
  }

  @Test func theFirstErrorIsToldWithItsPlace() async throws {
    let place = try Place()
    try place.write("cicerone:\n  token_budget: lots\n  max_usd_per_request: -1\n", to: "home/cicerone/config.yaml")
    let path = place.path("home/cicerone/config.yaml")
    do {
      _ = try await place.live().effective(for: [])
      Issue.record("no error")
    } catch {
      #expect(error.message.hasPrefix("\(path):2:17: cicerone.token_budget must be"))
      #expect(error.hint?.contains("2 errors") == true)
    }
    await #expect(throws: ConfigurationFile.Failure.self) {
      try await place.live(path: place.path("none.yaml")).effective(for: [])
    }
  }

  @Test func aLinkToTheUsersFileIsFollowed() async throws {
    let place = try Place()
    try place.write("cicerone: {token_budget: 77}", to: "real.yaml")
    try FileManager.default.createSymbolicLink(
      atPath: place.path("home/cicerone/config.yaml"), withDestinationPath: place.path("real.yaml"))
    #expect(try await place.live().effective(for: []).configuration.tokenBudget == 77)
  }

  @Test func aRepositoryNarrowsAsItChanges() async throws {
    let place = try Place()
    let live = place.live(["CICERONE_MODEL": ""])
    try place.write(
      "cicerone: {token_budget: 100, max_usd_per_request: 5, model: evil}\nmodel_list: []", to: "work/.cicerone.yaml")
    try place.write(
      "model_list: [{model_name: own, litellm_params: {model: openai/a}}]", to: "home/cicerone/config.yaml")
    let effective = try await live.effective(for: [place.work])
    #expect(effective.configuration.tokenBudget == 100)
    #expect(effective.configuration.model == nil)
    #expect(effective.limit.amount.description == "$0.25")
    #expect(effective.origins["token_budget"]?.layer == .workspaceFile)
    #expect(effective.problems.count == 2)
    #expect(effective.problems.allSatisfy { $0.position?.file == place.path("work/.cicerone.yaml") })
    // Another folder has nothing to do with it.
    #expect(try await live.effective(for: []).configuration.tokenBudget == 4000)
    try FileManager.default.removeItem(atPath: place.path("work/.cicerone.yaml"))
    #expect(try await live.effective(for: [place.work]).configuration.tokenBudget == 4000)
    // A link is not followed.
    try place.write("cicerone: {token_budget: 3}", to: "elsewhere.yaml")
    try FileManager.default.createSymbolicLink(
      atPath: place.path("work/.cicerone.yaml"), withDestinationPath: place.path("elsewhere.yaml"))
    #expect(try await live.effective(for: [place.work]).configuration.tokenBudget == 4000)
  }

  @Test func whatAnEditorSaysHoldsAtOnce() async throws {
    let place = try Place()
    let live = place.live(["CICERONE_MAX_USD": "0.5"])
    await live.set(
      .initializationOptions, client: Self.client([("tokenBudget", .integer(50)), ("model", .string("x"))]))
    await live.set(.clientSettings, client: Self.client([("maxUsdPerRequest", .number(0.75))]))
    let first = try await live.effective(for: [])
    #expect(first.configuration.tokenBudget == 50)
    #expect(first.configuration.model == "x")
    #expect(first.limit.amount.description == "$0.75")
    await live.set(.clientSettings, client: Self.client([("tokenBudget", .integer(60)), ("odd", .bool(true))]))
    let second = try await live.effective(for: [])
    #expect(second.configuration.tokenBudget == 60)
    #expect(second.limit.amount.description == "$0.50")
    #expect(second.problems.map(\.message).contains { $0.contains("the editor's settings: cicerone.odd is not known") })
  }

  @Test func anEditorMayNameAFileOutsideOfTheRepository() async throws {
    let place = try Place()
    try place.write("cicerone: {token_budget: 5}", to: "own.yaml")
    try place.write("cicerone: {token_budget: 6}", to: "work/theirs.yaml")
    let live = place.live()
    await live.set(.clientSettings, client: Self.client([("config", .string(place.path("own.yaml")))]))
    #expect(try await live.effective(for: [place.work]).configuration.tokenBudget == 5)
    for path in [place.path("work/theirs.yaml"), "work/theirs.yaml"] {
      await live.set(.clientSettings, client: Self.client([("config", .string(path))]))
      let effective = try await live.effective(for: [place.work])
      #expect(effective.configuration.tokenBudget == 4000)
      #expect(effective.problems.map(\.message).contains { $0.contains("it is not used") })
    }
  }

  @Test func theReportHasEverything() async throws {
    let place = try Place()
    try place.write(
      "model_list: [{model_name: a, litellm_params: {model: openai/gpt-4o, rmp: 1}}]\nrouter_settings: {fallbacks: [{a: [b]}]}",
      to: "home/cicerone/config.yaml")
    try place.write("general_settings: {}", to: "work/.cicerone.yaml")
    let environment = [
      "HOME": "/nowhere", "XDG_CONFIG_HOME": place.path("home"), "OPENAI_API_KEY": "k", "CICERONE_TOKEN_BUDGET": "x",
    ]
    let report = try await ConfigurationReport.make(path: nil, environment: environment, root: place.work)
    #expect(report.path == place.path("home/cicerone/config.yaml"))
    #expect(report.problems.count == 4, "\(report.problems)")
    let named = try await ConfigurationReport.make(
      path: place.path("home/cicerone/config.yaml"), environment: environment, root: place.work)
    #expect(named.problems.count == 2)
    await #expect(throws: ConfigurationFile.Failure.self) {
      try await ConfigurationReport.make(path: place.path("none"), environment: environment, root: nil)
    }
    let nothing = try await ConfigurationReport.make(
      path: nil, environment: ["HOME": "/nowhere", "XDG_CONFIG_HOME": place.path("nowhere")], root: nil)
    #expect(nothing.path == nil)
    #expect(nothing.problems.isEmpty)
  }
}

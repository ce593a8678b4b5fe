import Foundation
import Testing

@testable import Configuration

/// The documentation lists every key that is known, and no other, with what it does.
@Suite struct ConfigurationDocumentTests {
  private static func documented() throws -> [String: [String: String]] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let text = try String(contentsOf: root.appending(path: "docs/configuration.md"), encoding: .utf8)
    var sections: [String: [String: String]] = [:]
    var section: String?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("#") {
        section = line.hasPrefix("### `") ? String(line.dropFirst("### `".count).prefix { $0 != "`" }) : nil
      }
      guard let section, line.hasPrefix("| `") else { continue }
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      for key in cells[0].split(separator: ",") {
        let name = key.trimmingCharacters(in: CharacterSet(charactersIn: " `"))
        #expect(sections[section]?[name] == nil, "\(section).\(name) is documented twice")
        sections[section, default: [:]][name] = cells[1]
      }
    }
    return sections
  }

  @Test func everyKeyIsDocumentedAndNoOther() throws {
    let documented = try Self.documented()
    var known: [String: [String: String]] = [:]
    for section in SettingCatalogue.sections {
      let name = section.name == "model_list[]" ? "model_list" : section.name
      for key in section.keys {
        for one in key.names { known[name, default: [:]][one] = key.effect.rawValue }
      }
    }
    #expect(Set(documented.keys) == Set(known.keys))
    for (section, keys) in known {
      let missing = Set(keys.keys).subtracting(documented[section, default: [:]].keys)
      let invented = Set(documented[section, default: [:]].keys).subtracting(keys.keys)
      #expect(missing.isEmpty, "\(section): not documented")
      #expect(invented.isEmpty, "\(section): not known")
      for (key, effect) in keys {
        #expect(documented[section]?[key] == effect, "\(section).\(key)")
      }
    }
  }

  @Test func noNameStandsTwiceInASection() {
    for section in SettingCatalogue.sections {
      let names = section.keys.flatMap(\.names)
      #expect(names.count == Set(names).count, "\(section.name): \(names.filter { n in names.count { $0 == n } > 1 })")
    }
  }
}

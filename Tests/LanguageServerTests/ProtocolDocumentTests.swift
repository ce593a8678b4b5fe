import Foundation
import Testing

@testable import LanguageServer

@Suite struct ProtocolDocumentTests {
  @Test func everyMethodIsDocumentedAndNoOther() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let text = try String(contentsOf: root.appending(path: "docs/protocol.md"), encoding: .utf8)
    let headings = text.split(separator: "\n").filter { $0.hasPrefix("### `") }
    let documented = headings.map { $0.dropFirst("### `".count).prefix { $0 != "`" } }.map(String.init)
    #expect(Set(documented) == MethodRegistry.allMethods)
    #expect(documented.count == Set(documented).count)
    for command in ExecuteCommand.commands { #expect(text.contains("`\(command.name)`"), "\(command.name)") }
  }
}

import SeededInput
import Testing

@testable import Workspace

/// The ledger against a dictionary.
@Suite struct SkipLedgerTests {
  @Test(arguments: 0..<60) func agreesWithModel(_ seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let names = ["a", "b", "a-b", "a.c", "é", "\u{10FE80}", "ab"]
    func path() -> String {
      (0...Int.random(in: 0...2, using: &generator)).map { _ in names.randomElement(using: &generator) ?? "a" }
        .joined(separator: "/")
    }
    let reasons: [SkipReason] = [.binary, .ignored, .secretFile]
    var model: [String: SkipReason] = [:]
    var ledger = SkipLedger()
    for _ in 0..<Int.random(in: 0...40, using: &generator) {
      let path = path()
      guard model[path] == nil, let reason = reasons.randomElement(using: &generator) else { continue }
      model[path] = reason
      ledger.append(PathText.bytes(path), reason)
    }
    ledger.finish()
    for _ in 0..<60 {
      let path = path()
      switch Int.random(in: 0..<4, using: &generator) {
      case 0:
        ledger.set(path, nil)
        model[path] = nil
      case 1:
        ledger.removeContents(of: path)
        model = model.filter { !$0.key.hasPrefix(path + "/") }
      default:
        let reason = reasons.randomElement(using: &generator)
        ledger.set(path, reason)
        model[path] = reason
      }
      #expect(ledger.counts == Dictionary(grouping: model.values, by: \.self).mapValues(\.count), "seed \(seed)")
    }
    #expect(Dictionary(ledger.all.map { ($0.path, $0.reason) }, uniquingKeysWith: { $1 }) == model)
  }

  @Test(arguments: 0..<200) func everyPathHasASpelling(_ seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let pieces: [[UInt8]] = [
      [0x61], [0xFF], [0x80], Array("é".utf8), Array("😀".utf8), [0xF4, 0x8F, 0xBA, 0x80], [0xF4, 0x8F, 0xBB, 0xBF],
      [0xF4, 0x8F, 0xBC, 0x80], [0xF4, 0x8F], [0xF0, 0x9F, 0x98], [0xED, 0xA0, 0x80], [0x2F], [0xF4], [0xC3],
    ]
    var spelled: [String: [UInt8]] = [:]
    for _ in 0..<20 {
      let path = (0..<Int.random(in: 0...6, using: &generator)).flatMap { _ in
        pieces[Int.random(in: 0..<pieces.count, using: &generator)]
      }
      let text = PathText.string(path)
      #expect(PathText.bytes(text) == path, "seed \(seed)")
      #expect(spelled[text] == nil || spelled[text] == path)
      spelled[text] = path
    }
    #expect(PathText.string(Array("a/é.swift".utf8)) == "a/é.swift")
    #expect(PathText.display(PathText.string([0x61, 0xFF])) == "a\u{FFFD}")
  }
}

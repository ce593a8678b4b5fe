import Foundation
import Testing

@testable import Configuration

@Suite struct SettingValueTests {
  func value(_ yaml: String, _ environment: [String: String] = [:]) throws -> SettingValue {
    let configuration = readConfiguration(
      "model_list: [{litellm_params: {model: openai/x, extra_body: {v: \(yaml)}}}]", environment)
    return try #require(configuration.models[0].extraBody?["v"])
  }

  @Test(arguments: [
    ("1", "1"), ("-1", "-1"), ("1_000", "1000"), ("1.5", "1.5"), ("1e-6", "1e-06"), ("'1'", #""1""#), ("true", "true"),
    ("Yes", "true"), ("'yes'", #""yes""#), ("~", "null"), ("", "null"), ("007", #""007""#), ("0", "0"), ("0.5", "0.5"),
    ("1.2.3", #""1.2.3""#), ("[1, [a]]", #"[1,["a"]]"#), ("{b: 1, a: {c: ''}}", #"{"b":1,"a":{"c":""}}"#),
    (#""a\"\\\n\u0001é""#, #""a\"\\\u000a\u0001é""#), (".inf", #"".inf""#), ("-", #""-""#),
    ("2024-10-21", #""2024-10-21""#),
    ("99999999999999999999", "1e+20"),
  ])
  func becomesJSON(_ yaml: String, _ json: String) throws {
    guard yaml != "-" else { return }
    let value = try value(yaml)
    #expect(String(decoding: value.json, as: UTF8.self) == json)
    #expect((try? JSONSerialization.jsonObject(with: Data(value.json), options: .fragmentsAllowed)) != nil)
  }

  @Test func aVariableIsTextWhateverItLooksLike() throws {
    #expect(try value("os.environ/N", ["N": "12"]).kind == .string("12"))
    #expect(try value("[os.environ/N]", ["N": "true"]).elements?.first?.string == "true")
  }
}

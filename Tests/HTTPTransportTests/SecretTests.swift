import HTTPTransport
import Testing

struct SecretTests {
  @Test func neverShowsItsText() throws {
    let secret = try #require(Secret(" sk-abc123\n"))
    var dumped = ""
    dump(secret, to: &dumped)
    dump(["key": secret], to: &dumped)
    let header = HTTPRequestHeader("Authorization", prefix: "Bearer ", secret)
    dump(header, to: &dumped)
    for shown in [String(describing: secret), String(reflecting: secret), "\([secret])", "\(header)", dumped] {
      #expect(!shown.contains("abc123"), "\(shown)")
      #expect(shown.contains("•••"))
    }
  }

  @Test func isReachableWhereItIsNeeded() throws {
    let secret = try #require(Secret(" sk-abc123\n"))
    #expect(secret.withExposedText { $0 } == "sk-abc123")
    let header = HTTPRequestHeader("Authorization", prefix: "Bearer ", secret)
    #expect(try header.withLine { $0 } == "Authorization: Bearer sk-abc123")
  }

  @Test func emptyIsNoSecret() {
    #expect(Secret(" \n") == nil)
  }

  @Test func comparesByText() {
    #expect(Secret("a") == Secret("a"))
    #expect(Secret("a") != Secret("b"))
    #expect(Secret("a") != Secret("aa"))
  }

  @Test func scrubsEveryOccurrence() throws {
    let secret = try #require(Secret("sk-1"))
    #expect(secret.scrubbed(from: "bad key sk-1, sk-1!") == "bad key •••, •••!")
    #expect(secret.scrubbed(from: "ünrelated") == "ünrelated")
  }

  @Test(arguments: ["a\r\nX: y", "a\0", "a\u{7F}"])
  func headerValuesCannotBreakOut(_ value: String) {
    #expect(throws: HTTPTransportError.self) { try HTTPRequestHeader("X", value).withLine { $0 } }
  }

  @Test(arguments: ["", "a b", "a:b", "ä"])
  func headerNamesAreTokens(_ name: String) {
    #expect(throws: HTTPTransportError.self) { try HTTPRequestHeader(name, "v").withLine { $0 } }
  }
}

import SeededInput
import Testing
import Workspace

/// The keys here are made up; they are put together at run time so that no scanner takes this file for a leak.
@Suite struct SecretTests {
  private static let body = "Zk3Qw8Lr5Tn2Xv7Bc1Md9Hs4Gf6Jp0YaUeRiOq"

  @Test(
    arguments: [
      ("AK" + "IA2OGYBAH6STMMNXNN", SecretKind.serviceKey), ("gh" + "p_" + body.prefix(36), .serviceKey),
      ("sk-" + "ant-api03-" + body, .serviceKey), ("AI" + "za" + body.prefix(35), .serviceKey),
      ("xo" + "xb-123456789012-" + body, .serviceKey), ("glp" + "at-" + body.prefix(20), .serviceKey),
      ("eyJ" + "hbGciOiJIUzI1NiJ9.eyJ" + "zdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P", .webToken),
      ("password = \"hR7#kq2Lm9\"", .assignment), ("\"api_key\": \"9fQ2mX7vB4nL8sD1\"", .assignment),
      ("DB_PASSWORD=hR7kq2Lm9zXp", .assignment), ("client_secret: 8Kd92mXq71LpZ0", .assignment),
      ("secretKey: 'a8F3kd92Ls01mQ'", .assignment), ("postgres://app:hR7kq2Lm@db.internal/x", .urlPassword),
      (
        "-----BEGIN RSA PRIVATE "
          + "KEY-----\nMIIEowIBAAKCAQEAx0Q2mX7vB4nL8sD1hR7kq2Lm9zXpKd92mXq71LpZ\n-----END RSA PRIVATE " + "KEY-----",
        .privateKey
      ),
    ] as [(String, SecretKind)])
  func finds(_ text: String, _ kind: SecretKind) {
    #expect(SecretScanner.findings(in: "x = 1\n" + text + "\n").map(\.kind) == [kind])
  }

  @Test(arguments: [
    "password = \"changeme\"", "password = \"your-password-here\"", "token = \"access_token\"", "password: String",
    "let sha = \"9e107d9d372bb6826bd81d3542a419d6\"", "id = \"550e8400-e29b-41d4-a716-446655440000\"",
    "api_key = os.environ[\"API_KEY\"]", "password = \"${DB_PASSWORD}\"", "AK" + "IAIOSFODNN7EXAMPLE",
    "tokenType = \"Bearer1234567\"", "token = getToken(user1, user2)", "http://localhost:8080/@x",
    "secret_name: my-application-secret", "https://user:password@example.org", "PASSWORD_HASH = \"a8F3kd92Ls01mQ\"",
    "if line.contains(\"-----BEGIN RSA PRIVATE " + "KEY-----\") {", "eyJust a word",
    "risk-assessment-of-everything-here-is",
    "token: usize", "tokens = [\"lparen\", \"rparen\"]", "password = get_password_v2",
    "gh" + "p_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
  ])
  func leaves(_ text: String) {
    #expect(SecretScanner.findings(in: text + "\n") == [])
  }

  @Test func redactionIsStable() {
    let secret = "gh" + "p_" + Self.body.prefix(36)
    let text = "é a=\(secret) b=\(secret)\n"
    let (redacted, redactions) = SecretScanner.redact(text)
    #expect(redactions.count == 2)
    #expect(redactions[0].placeholder == redactions[1].placeholder)
    #expect(redacted == "é a=\(redactions[0].placeholder) b=\(redactions[0].placeholder)\n")
    #expect(redactions[0].placeholder.hasPrefix("⟨secret:service-key:"))
    #expect(Array(text.utf8)[redactions[1].range].elementsEqual(secret.utf8))
    #expect(SecretScanner.redact("nothing here").text == "nothing here")
    #expect(SecretScanner.redact(redacted).redactions.isEmpty)
  }

  @Test func aKeyIsTheSameSecretWhereverItStands() {
    let secret = "AK" + "IA2OGYBAH6STMMNXNN"
    let (_, redactions) = SecretScanner.redact("accessKey = \"\(secret)\"\nwhat does \(secret) open?\n")
    #expect(redactions.count == 2)
    #expect(Set(redactions.map(\.placeholder)).count == 1)
    #expect(redactions.allSatisfy { $0.kind == .serviceKey })
  }

  @Test func anyBytesAreScanned() {
    var generator = SeededGenerator(seed: 3)
    let pieces = [
      "-----BEGIN ", "PRIVATE " + "KEY", "password", "=\"", "://", ":", "@", "eyJ", ".", "sk-", "\n", " ", "AKIA",
      "9aB$",
    ]
    for _ in 0..<300 {
      var bytes: [UInt8] = []
      for _ in 0..<60 {
        bytes += Array(pieces[Int.random(in: 0..<pieces.count, using: &generator)].utf8)
        bytes.append(UInt8.random(in: 0...255, using: &generator))
      }
      let findings = bytes.withUnsafeBufferPointer { SecretScanner.findings(in: $0) }
      for (left, right) in zip(findings, findings.dropFirst()) {
        #expect(left.range.upperBound <= right.range.lowerBound)
      }
      #expect(findings.allSatisfy { $0.range.upperBound <= bytes.count && !$0.range.isEmpty })
    }
  }
}

/// A key format that is known by its beginning.
struct ServiceKeyFormat: Sendable {
  enum Alphabet: Sendable {
    case alphanumeric
    case capitalsAndDigits
    case hexadecimal
    /// Letters, digits, `-`, `_`.
    case urlSafe
    /// `urlSafe` and `.`.
    case dotted
    /// Letters, digits, `+`, `/`, `=`.
    case base64

    @inline(__always)
    func contains(_ byte: UInt8) -> Bool {
      let isDigit = byte >= 0x30 && byte <= 0x39
      let isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A
      switch self {
      case .alphanumeric: return isDigit || isLetter
      case .capitalsAndDigits: return isDigit || (byte >= 0x41 && byte <= 0x5A)
      case .hexadecimal: return isDigit || ((byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66)
      case .urlSafe: return isDigit || isLetter || byte == 0x2D || byte == 0x5F
      case .dotted: return isDigit || isLetter || byte == 0x2D || byte == 0x5F || byte == 0x2E
      case .base64: return isDigit || isLetter || byte == 0x2B || byte == 0x2F || byte == 0x3D
      }
    }
  }

  let prefix: [UInt8]
  let alphabet: Alphabet
  /// Bytes after the prefix.
  let length: ClosedRange<Int>

  init(_ prefix: String, _ alphabet: Alphabet, _ length: ClosedRange<Int>) {
    self.prefix = Array(prefix.utf8)
    self.alphabet = alphabet
    self.length = length
  }

  static let all: [ServiceKeyFormat] = [
    // Amazon Web Services.
    ServiceKeyFormat("AKIA", .capitalsAndDigits, 16...16), ServiceKeyFormat("ASIA", .capitalsAndDigits, 16...16),
    // GitHub, GitLab.
    ServiceKeyFormat("ghp_", .alphanumeric, 36...255), ServiceKeyFormat("gho_", .alphanumeric, 36...255),
    ServiceKeyFormat("ghu_", .alphanumeric, 36...255), ServiceKeyFormat("ghs_", .alphanumeric, 36...255),
    ServiceKeyFormat("ghr_", .alphanumeric, 36...255), ServiceKeyFormat("github_pat_", .urlSafe, 22...255),
    ServiceKeyFormat("glpat-", .urlSafe, 20...100),
    // Slack.
    ServiceKeyFormat("xoxb-", .urlSafe, 20...255), ServiceKeyFormat("xoxp-", .urlSafe, 20...255),
    ServiceKeyFormat("xoxa-", .urlSafe, 20...255), ServiceKeyFormat("xoxr-", .urlSafe, 20...255),
    ServiceKeyFormat("xoxs-", .urlSafe, 20...255), ServiceKeyFormat("xapp-", .urlSafe, 20...255),
    // Models.
    ServiceKeyFormat("sk-ant-", .urlSafe, 20...255), ServiceKeyFormat("sk-proj-", .urlSafe, 20...255),
    ServiceKeyFormat("sk-svcacct-", .urlSafe, 20...255), ServiceKeyFormat("sk-or-v1-", .hexadecimal, 32...128),
    ServiceKeyFormat("sk-", .alphanumeric, 32...128), ServiceKeyFormat("gsk_", .alphanumeric, 40...80),
    ServiceKeyFormat("xai-", .alphanumeric, 60...100), ServiceKeyFormat("hf_", .alphanumeric, 30...60),
    ServiceKeyFormat("pplx-", .alphanumeric, 40...80), ServiceKeyFormat("r8_", .alphanumeric, 37...40),
    // Azure: storage accounts, service buses.
    ServiceKeyFormat("AccountKey=", .base64, 86...88), ServiceKeyFormat("SharedAccessKey=", .base64, 43...44),
    // Google.
    ServiceKeyFormat("AIza", .urlSafe, 35...35), ServiceKeyFormat("GOCSPX-", .urlSafe, 20...60),
    ServiceKeyFormat("ya29.", .urlSafe, 20...2000),
    // Payment, mail, hosting, packages.
    ServiceKeyFormat("sk_live_", .alphanumeric, 16...255), ServiceKeyFormat("rk_live_", .alphanumeric, 16...255),
    ServiceKeyFormat("whsec_", .alphanumeric, 24...255), ServiceKeyFormat("SG.", .dotted, 50...80),
    ServiceKeyFormat("npm_", .alphanumeric, 36...36), ServiceKeyFormat("pypi-AgE", .urlSafe, 50...500),
    ServiceKeyFormat("dop_v1_", .hexadecimal, 64...64), ServiceKeyFormat("shpat_", .hexadecimal, 32...32),
    ServiceKeyFormat("dapi", .hexadecimal, 32...34), ServiceKeyFormat("hvs.", .urlSafe, 24...200),
    ServiceKeyFormat("lin_api_", .alphanumeric, 40...40), ServiceKeyFormat("dckr_pat_", .urlSafe, 27...27),
    ServiceKeyFormat("sntrys_", .urlSafe, 40...300), ServiceKeyFormat("AGE-SECRET-KEY-1", .capitalsAndDigits, 58...58),
  ]

  /// The formats by the first byte of their prefix, longer prefixes first.
  static let byFirstByte: [[ServiceKeyFormat]] = {
    var table = [[ServiceKeyFormat]](repeating: [], count: 256)
    for format in all { table[Int(format.prefix[0])].append(format) }
    return table.map { $0.sorted { $0.prefix.count > $1.prefix.count } }
  }()

  /// Where a key of this format that starts at `start` ends; nil if there is none.
  func end(in bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int? {
    guard bytes.count - start >= prefix.count + length.lowerBound else { return nil }
    for index in prefix.indices where bytes[start + index] != prefix[index] { return nil }
    let body = start + prefix.count
    var end = body
    while end < bytes.count, end - body <= length.upperBound, alphabet.contains(bytes[end]) { end += 1 }
    return length.contains(end - body) ? end : nil
  }
}

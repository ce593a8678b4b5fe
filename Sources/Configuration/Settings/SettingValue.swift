/// A value whose meaning is a provider's: a tree as in JSON, with places. References to variables are resolved.
public struct SettingValue: Sendable, Hashable {
  /// What it is.
  public indirect enum Kind: Sendable, Hashable {
    /// Nothing.
    case null
    /// True or false.
    case bool(Bool)
    /// A whole number.
    case integer(Int)
    /// Any other number; finite.
    case number(Double)
    /// Text.
    case string(String)
    /// A list.
    case list([SettingValue])
    /// A mapping, in the order in which it is written, without duplicates.
    case mapping([Member])
  }

  /// A member of a mapping.
  public struct Member: Sendable, Hashable {
    /// The key.
    public var key: String
    /// The value.
    public var value: SettingValue

    /// Makes a member.
    public init(key: String, value: SettingValue) {
      self.key = key
      self.value = value
    }
  }

  /// What it is.
  public var kind: Kind
  /// Where it is written.
  public var position: SourcePosition

  /// Makes a value.
  public init(_ kind: Kind, at position: SourcePosition) {
    self.kind = kind
    self.position = position
  }

  /// The text, if it is one.
  public var string: String? { if case .string(let text) = kind { text } else { nil } }
  /// The whole number, if it is one.
  public var integer: Int? { if case .integer(let value) = kind { value } else { nil } }
  /// The number, if it is one, whole or not.
  public var number: Double? {
    switch kind {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }
  /// True or false, if it is one of them.
  public var bool: Bool? { if case .bool(let value) = kind { value } else { nil } }
  /// The members, if it is a mapping.
  public var members: [Member]? { if case .mapping(let members) = kind { members } else { nil } }
  /// The elements, if it is a list.
  public var elements: [SettingValue]? { if case .list(let elements) = kind { elements } else { nil } }

  /// The value of a key, if it is a mapping that has it.
  public subscript(key: String) -> SettingValue? { members?.first { $0.key == key }?.value }

  /// The value as JSON in UTF-8, keys in the order in which they are written.
  public var json: [UInt8] {
    var bytes: [UInt8] = []
    write(to: &bytes)
    return bytes
  }

  private func write(to bytes: inout [UInt8]) {
    switch kind {
    case .null: bytes += "null".utf8
    case .bool(let value): bytes += (value ? "true" : "false").utf8
    case .integer(let value): bytes += String(value).utf8
    case .number(let value): bytes += (value.isFinite ? String(value) : "null").utf8
    case .string(let text): SettingValue.write(text, to: &bytes)
    case .list(let elements):
      bytes.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        element.write(to: &bytes)
      }
      bytes.append(UInt8(ascii: "]"))
    case .mapping(let members):
      bytes.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        SettingValue.write(member.key, to: &bytes)
        bytes.append(UInt8(ascii: ":"))
        member.value.write(to: &bytes)
      }
      bytes.append(UInt8(ascii: "}"))
    }
  }

  private static func write(_ text: String, to bytes: inout [UInt8]) {
    let digits = Array("0123456789abcdef".utf8)
    bytes.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes += [UInt8(ascii: "\\"), byte]
      case 0..<0x20: bytes += Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      default: bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }
}

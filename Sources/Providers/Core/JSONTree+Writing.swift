extension JSONTree {
  /// Compact JSON with sorted keys: the same request gives the same bytes, which caches and logs rely on.
  var bytes: [UInt8] {
    var output: [UInt8] = []
    // Prompts are most of what is written; a little more than they have leaves room for escapes.
    output.reserveCapacity(textBytes + textBytes / 16 + 256)
    write(to: &output)
    return output
  }

  /// The bytes of all strings in it that are values.
  private var textBytes: Int {
    switch self {
    case .string(let text): text.utf8.count
    case .array(let elements): elements.reduce(0) { $0 + $1.textBytes }
    case .object(let members): members.values.reduce(0) { $0 + $1.textBytes }
    default: 0
    }
  }

  private func write(to output: inout [UInt8]) {
    switch self {
    case .null: output += "null".utf8
    case .bool(let value): output += (value ? "true" : "false").utf8
    case .integer(let value): output += String(value).utf8
    case .number(let value): output += value.description.utf8
    case .string(let text): JSONTree.write(text, to: &output)
    case .array(let elements):
      output.append(0x5B)
      for (index, element) in elements.enumerated() {
        if index > 0 { output.append(0x2C) }
        element.write(to: &output)
      }
      output.append(0x5D)
    case .object(let members):
      output.append(0x7B)
      for (index, member) in members.sorted(by: { $0.key < $1.key }).enumerated() {
        if index > 0 { output.append(0x2C) }
        JSONTree.write(member.key, to: &output)
        output.append(0x3A)
        member.value.write(to: &output)
      }
      output.append(0x7D)
    }
  }

  private static func write(_ text: String, to output: inout [UInt8]) {
    var text = text
    output.append(0x22)
    text.withUTF8 { bytes in
      // Whole runs between the bytes that need an escape are copied at once.
      var start = 0
      for index in bytes.indices {
        let byte = bytes[index]
        guard byte < 0x20 || byte == 0x22 || byte == 0x5C else { continue }
        output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start..<index]))
        start = index + 1
        output.append(0x5C)
        switch byte {
        case 0x22, 0x5C: output.append(byte)
        case 0x0A: output.append(0x6E)
        default:
          output.append(contentsOf: "u00".utf8)
          output.append(JSONTree.digit(byte >> 4))
          output.append(JSONTree.digit(byte & 15))
        }
      }
      output.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[start...]))
    }
    output.append(0x22)
  }

  /// The hexadecimal digit of 0 to 15.
  private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x61 + value - 10 }
}

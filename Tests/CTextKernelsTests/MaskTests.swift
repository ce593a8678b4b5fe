import CTextKernels
import SeededInput
import Testing

/// The kernels say of each byte what a plain reading says of it, whatever the length.
struct MaskTests {
  private static func text(_ generator: inout SeededGenerator) -> [UInt8] {
    let alphabets: [[UInt8]] = [
      Array(0...255), Array("aZ_09 \n\r\t".utf8), [0x0D, 0x0A], Array("@[`{/:".utf8), Array(0x7E...0xC2),
    ]
    let alphabet = alphabets.randomElement(using: &generator) ?? []
    return (0..<Int.random(in: 1...300, using: &generator)).map { _ in
      alphabet.randomElement(using: &generator) ?? 0
    }
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...0xFF:
      true
    default: false
    }
  }

  @Test(arguments: UInt64(1)...8)
  func wordMasksAgree(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<200 {
      let text = Self.text(&generator)
      var mask = [UInt64](repeating: .max, count: (text.count + 63) / 64)
      var portable = mask
      ctk_word_mask(text, text.count, &mask)
      ctk_word_mask_portable(text, text.count, &portable)
      #expect(mask == portable)
      for index in 0..<mask.count * 64 {
        let expected = index < text.count && Self.isWord(text[index])
        #expect((mask[index / 64] >> UInt64(index % 64) & 1 != 0) == expected)
      }
    }
  }

  @Test(arguments: UInt64(1)...8)
  func lineMasksAgree(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    for _ in 0..<200 {
      let text = Self.text(&generator)
      let none = ctk_lines(endings: .max, blanks: .max, continuations: .max)
      var masks = [ctk_lines](repeating: none, count: (text.count + 63) / 64)
      var portable = masks
      ctk_line_masks(text, text.count, &masks)
      ctk_line_masks_portable(text, text.count, &portable)
      for index in 0..<masks.count * 64 {
        let byte = index < text.count ? text[index] : UInt8(ascii: "x")
        for lines in [masks[index / 64], portable[index / 64]] {
          let bit = UInt64(1) << UInt64(index % 64)
          #expect((lines.endings & bit != 0) == (byte == 0x0A || byte == 0x0D))
          #expect((lines.blanks & bit != 0) == [0x20, 0x09, 0x0B, 0x0C].contains(byte))
          #expect((lines.continuations & bit != 0) == (byte & 0xC0 == 0x80))
        }
      }
    }
  }
}

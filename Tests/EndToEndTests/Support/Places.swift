import Foundation

/// A passage or citation: where it says that it stands.
struct Place: Hashable, Sendable {
  var path: String
  /// Zero-based.
  var firstLine: Int
  var firstCharacter: Int
  var lastLine: Int
  var lastCharacter: Int

  /// Reads a value with `path` and `range`.
  init?(_ value: JSON) {
    guard let path = value["path"]?.text, let range = value["range"], let start = range["start"],
      let end = range["end"], let firstLine = start["line"]?.int, let firstCharacter = start["character"]?.int,
      let lastLine = end["line"]?.int, let lastCharacter = end["character"]?.int
    else { return nil }
    self.path = path
    self.firstLine = firstLine
    self.firstCharacter = firstCharacter
    self.lastLine = lastLine
    self.lastCharacter = lastCharacter
  }

  /// The text there: nil when the file or the lines do not exist.
  ///
  /// - Parameter encoding: `utf-8`, `utf-16` or `utf-32`: in what characters are counted.
  func text(in workspace: String, encoding: String = "utf-16") -> String? {
    guard let data = FileManager.default.contents(atPath: "\(workspace)/\(path)") else { return nil }
    return text(of: Place.decoded(Array(data)), encoding: encoding)
  }

  /// A file's bytes as UTF-8: bytes that are none count as Latin-1 where they outnumber the characters that are.
  static func decoded(_ bytes: [UInt8]) -> [UInt8] {
    let lossy = String(decoding: bytes, as: UTF8.self).unicodeScalars
    let bad = lossy.count { $0 == "\u{FFFD}" }
    guard bad > lossy.count(where: { !$0.isASCII && $0 != "\u{FFFD}" }) else { return bytes }
    var result: [UInt8] = []
    var rest = bytes[...]
    while let byte = rest.first {
      let length = byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4
      if String(validating: rest.prefix(length), as: UTF8.self) != nil {
        result += rest.prefix(length)
        rest = rest.dropFirst(length)
      } else {
        result += Array(String(Unicode.Scalar(byte)).utf8)
        rest = rest.dropFirst()
      }
    }
    return result
  }

  /// The text there in a file of these bytes.
  func text(of bytes: [UInt8], encoding: String = "utf-16") -> String? {
    let lines = Place.lines(bytes)
    guard firstLine >= 0, lastLine < lines.count, (firstLine, firstCharacter) < (lastLine, lastCharacter) else {
      return nil
    }
    guard let start = Place.offset(firstCharacter, in: bytes[lines[firstLine]], encoding),
      let end = Place.offset(lastCharacter, in: bytes[lines[lastLine]], encoding)
    else { return nil }
    return String(decoding: bytes[start..<end], as: UTF8.self)
  }

  /// The lines without their ends. A line ends with `\n`, `\r\n` or `\r`.
  static func lines(_ bytes: [UInt8]) -> [Range<Int>] {
    var result: [Range<Int>] = []
    var start = 0
    var position = 0
    while position < bytes.count {
      let byte = bytes[position]
      guard byte == 10 || byte == 13 else {
        position += 1
        continue
      }
      result.append(start..<position)
      position += byte == 13 && position + 1 < bytes.count && bytes[position + 1] == 10 ? 2 : 1
      start = position
    }
    return result + [start..<bytes.count]
  }

  private static func offset(_ character: Int, in line: ArraySlice<UInt8>, _ encoding: String) -> Int? {
    if encoding == "utf-8" { return character <= line.count ? line.startIndex + character : nil }
    var units = 0
    var offset = line.startIndex
    for scalar in String(decoding: line, as: UTF8.self).unicodeScalars {
      if units >= character { break }
      units += encoding == "utf-16" ? UTF16.width(scalar) : 1
      offset += UTF8.width(scalar)
    }
    return units == character ? offset : nil
  }
}

extension JSON {
  /// The passages of a search result.
  var places: [Place] { (self["passages"]?.items ?? []).compactMap { Place($0) } }
}

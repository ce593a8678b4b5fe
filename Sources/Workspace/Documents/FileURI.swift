/// A `file:` URI and the path behind it, in one spelling for each document.
///
/// Editors percent-encode differently (`+`, `@`, `(`, `:`, the case of the digits), and paths may hold bytes that are
/// not UTF-8. The value is the decoded path, so the same document compares equal however it was written.
public struct FileURI: Hashable, Sendable, CustomStringConvertible {
  /// The absolute path: starts with `/`, holds no NUL, no empty, `.` or `..` component and no final `/` (save the root).
  public let pathBytes: [UInt8]

  /// Reads a URI; nil unless it is `file:` with an empty or `localhost` authority and an absolute path.
  ///
  /// A query or fragment is dropped. A `%` that no two hexadecimal digits follow stands for itself.
  public init?(_ uri: String) {
    var bytes = ArraySlice(Array(uri.utf8))
    guard bytes.count > 5, Self.lowercased(bytes.prefix(5)) == Array("file:".utf8) else { return nil }
    bytes = bytes.dropFirst(5)
    if bytes.starts(with: "//".utf8) {
      bytes = bytes.dropFirst(2)
      let slash = bytes.firstIndex(of: 0x2F) ?? bytes.endIndex
      let authority = Self.lowercased(bytes[..<slash])
      guard authority.isEmpty || authority == Array("localhost".utf8) else { return nil }
      bytes = bytes[slash...]
    }
    if let stop = bytes.firstIndex(where: { $0 == 0x3F || $0 == 0x23 }) { bytes = bytes[..<stop] }
    guard bytes.first == 0x2F else { return nil }
    let decoded = Self.decoded(bytes)
    guard !decoded.contains(0) else { return nil }
    pathBytes = Self.normalised(decoded)
  }

  /// Names the file at an absolute path; a relative one is taken to start at the root.
  public init(path: String) {
    self.init(pathBytes: Array(path.utf8))
  }

  /// Names the file at an absolute path that need not be UTF-8.
  public init(pathBytes: [UInt8]) {
    self.pathBytes = Self.normalised(pathBytes.filter { $0 != 0 })
  }

  /// Wraps a path that is known to be in normal form.
  init(normalisedBytes: [UInt8]) {
    pathBytes = normalisedBytes
  }

  /// The path; bytes that are not UTF-8 become U+FFFD, so use `pathBytes` to open files.
  public var path: String { String(decoding: pathBytes, as: UTF8.self) }

  /// The URI in its canonical spelling: all but letters, digits, `-._~/` percent-encoded, upper-case digits.
  public var description: String {
    var result: [UInt8] = Array("file://".utf8)
    result.reserveCapacity(pathBytes.count + 16)
    let digits = Array("0123456789ABCDEF".utf8)
    for byte in pathBytes {
      if Self.isUnreserved(byte) {
        result.append(byte)
      } else {
        result.append(0x25)
        result.append(digits[Int(byte >> 4)])
        result.append(digits[Int(byte & 15)])
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// One spelling for any document URI: canonical for `file:`, unchanged for other schemes (`untitled:`).
  public static func canonical(_ uri: String) -> String {
    FileURI(uri)?.description ?? uri
  }

  /// The file at a `/`-separated path below this one, as `PathText` spells it.
  public func appending(_ relativePath: String) -> FileURI {
    FileURI(pathBytes: pathBytes + [0x2F] + PathText.bytes(relativePath))
  }

  /// The entry of that name in this directory.
  func appending(name: ArraySlice<UInt8>) -> FileURI {
    FileURI(normalisedBytes: pathBytes == [0x2F] ? [0x2F] + name : pathBytes + [0x2F] + name)
  }

  /// The path of `self` relative to `folder`, as `PathText` spells it; nil if it is not below it. Empty for the folder
  /// itself.
  public func relativePath(in folder: FileURI) -> String? {
    relativeBytes(in: folder).map { PathText.string($0) }
  }

  /// The same, exact for paths that are not UTF-8.
  public func relativeBytes(in folder: FileURI) -> [UInt8]? {
    if self == folder { return [] }
    let prefix = folder.pathBytes == [0x2F] ? [0x2F] : folder.pathBytes + [0x2F]
    guard pathBytes.starts(with: prefix) else { return nil }
    return Array(pathBytes[prefix.count...])
  }

  private static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x41...0x5A, 0x61...0x7A, 0x30...0x39, 0x2D, 0x2E, 0x5F, 0x7E, 0x2F: true
    default: false
    }
  }

  private static func lowercased(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    bytes.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
  }

  private static func decoded(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var index = bytes.startIndex
    while index < bytes.endIndex {
      if bytes[index] == 0x25, index + 2 < bytes.endIndex, let high = hexValue(bytes[index + 1]),
        let low = hexValue(bytes[index + 2])
      {
        result.append(high << 4 | low)
        index += 3
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return result
  }

  private static func hexValue(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x37
    case 0x61...0x66: byte - 0x57
    default: nil
    }
  }

  /// Resolves empty, `.` and `..` components by their text alone (no symbolic link is followed).
  private static func normalised(_ path: [UInt8]) -> [UInt8] {
    var parts: [ArraySlice<UInt8>] = []
    for part in path.split(separator: 0x2F) {
      if part.elementsEqual(".".utf8) { continue }
      if part.elementsEqual("..".utf8) {
        _ = parts.popLast()
      } else {
        parts.append(part)
      }
    }
    if parts.isEmpty { return [0x2F] }
    var result: [UInt8] = []
    result.reserveCapacity(path.count + 1)
    for part in parts {
      result.append(0x2F)
      result.append(contentsOf: part)
    }
    return result
  }
}

extension FileURI: Codable {
  /// Decodes a URI string.
  /// - Throws: `DecodingError.dataCorrupted` when it is not a `file:` URI.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let uri = FileURI(try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a file: URI")
    }
    self = uri
  }

  /// Encodes the canonical spelling.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}

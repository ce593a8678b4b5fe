/// A term of the lexical index: the hash of its normalised bytes. At 64 bits two terms of one workspace share a hash
/// about once in ten million workspaces, and then cost one wrong match, so no strings are kept.
typealias Term = UInt64

/// Turns bytes into terms: each identifier gives its parts, stemmed (`readAheadBytes` → read, ahead, byt), and, if it
/// has several, the whole of it as one more term (`readaheadbytes`), which is also what `read_ahead_bytes` gives.
enum TermScanner {
  /// Longer parts and identifiers (base64, minified code) give no term.
  static let longest = 64

  private enum Class {
    static let separator: UInt8 = 0
    static let lower: UInt8 = 1
    static let upper: UInt8 = 2
    static let digit: UInt8 = 3
    static let underscore: UInt8 = 4
  }

  private static let classes: [UInt8] = (0...255).map { (byte: Int) -> UInt8 in
    switch byte {
    case 0x61...0x7A: Class.lower
    case 0x41...0x5A: Class.upper
    case 0x30...0x39: Class.digit
    case 0x5F: Class.underscore
    // Letters outside ASCII have no case here: they are the same in a query and in a text.
    case 0x80...0xFF: Class.lower
    default: Class.separator
    }
  }

  /// Calls `body` with each term; `isWhole` tells an identifier of several parts from a part or a simple word.
  @inline(__always)
  static func forEachTerm(
    in bytes: UnsafeBufferPointer<UInt8>, _ body: (_ term: Term, _ isWhole: Bool) -> Void
  ) {
    guard let base = bytes.baseAddress else { return }
    let count = bytes.count
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 2 * longest) { scratch in
      guard let part = scratch.baseAddress else { return }
      let whole = part + longest
      classes.withUnsafeBufferPointer { classes in
        var index = 0
        while index < count {
          if classes[Int(base[index])] == Class.separator {
            index &+= 1
            continue
          }
          // One identifier: base[index..<end].
          var parts = 0
          var wholeLength = 0
          var partStart = index
          var previous = classes[Int(base[index])]
          var upperRun = previous == Class.upper ? 1 : 0
          var position = index &+ 1

          @inline(__always)
          func endPart(_ end: Int) {
            let length = end &- partStart
            if length == 0 { return }
            parts &+= 1
            if length <= longest {
              var offset = 0
              while offset < length {
                let byte = base[partStart &+ offset]
                part[offset] = byte &- 0x41 < 26 ? byte | 0x20 : byte
                offset &+= 1
              }
              if wholeLength &+ length <= longest {
                (whole + wholeLength).update(from: part, count: length)
                wholeLength &+= length
              } else {
                wholeLength = longest &+ 1
              }
              if length > 1 || part[0] &- 0x30 < 10 {
                body(hash(part, Stemmer.stem(part, length)), false)
              }
            } else {
              wholeLength = longest &+ 1
            }
          }

          if previous == Class.underscore { partStart = position }
          while position < count {
            let current = classes[Int(base[position])]
            if current == Class.separator { break }
            if current == Class.underscore {
              endPart(position)
              partStart = position &+ 1
              upperRun = 0
            } else if previous == Class.underscore {
              partStart = position
              upperRun = current == Class.upper ? 1 : 0
            } else if (current == Class.digit) != (previous == Class.digit) {
              endPart(position)
              partStart = position
              upperRun = current == Class.upper ? 1 : 0
            } else if current == Class.upper {
              if previous != Class.upper {
                endPart(position)
                partStart = position
                upperRun = 1
              } else {
                upperRun &+= 1
              }
            } else if previous == Class.upper {
              // `HTTPServer`: the last capital begins the next part; the plural `URLs` stays whole.
              if upperRun >= 2 {
                let next = position &+ 1 < count ? classes[Int(base[position &+ 1])] : Class.separator
                if !(base[position] == 0x73 && next != Class.lower) {
                  endPart(position &- 1)
                  partStart = position &- 1
                }
              }
              upperRun = 0
            }
            previous = current
            position &+= 1
          }
          endPart(position)
          if parts > 1, wholeLength <= longest, wholeLength > 2 {
            body(hash(whole, wholeLength), true)
          }
          index = position
        }
      }
    }
  }

  /// The terms of a short text, such as a query or a path.
  static func terms(of text: String) -> [(term: Term, isWhole: Bool)] {
    var text = text
    return text.withUTF8 { bytes in
      var terms: [(term: Term, isWhole: Bool)] = []
      forEachTerm(in: bytes) { terms.append(($0, $1)) }
      return terms
    }
  }

  /// The term of one lower-case word without its inflection.
  static func term(of word: [UInt8]) -> Term {
    var word = word
    return word.withUnsafeMutableBufferPointer { word in
      word.baseAddress.map { hash($0, Stemmer.stem($0, word.count)) } ?? 0
    }
  }

  /// FNV-1a with the finaliser of MurmurHash3, since terms are found by their top and bottom bits.
  @inline(__always)
  static func hash(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Term {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    var index = 0
    while index < count {
      hash = (hash ^ UInt64(bytes[index])) &* 0x0000_0100_0000_01b3
      index &+= 1
    }
    hash ^= hash >> 33
    hash = hash &* 0xff51_afd7_ed55_8ccd
    hash ^= hash >> 33
    return hash
  }
}

import Foundation
import Tokenization

/// Counts and encodes texts for `Benchmarks/tokens/compare.py`, which tells it what to do: a line of words between tabs
/// on its input, a line of numbers as the answer.
///
/// A file of texts holds each after its length (8 bytes, little-endian).
/// - `encode NAME TEXTS IDS` writes the ids of each text after their number (32 bits each), and answers with their sum;
/// - `counts NAME TEXTS` answers with the count of each text;
/// - `time NAME TEXTS` and `time-encode NAME TEXTS` answer with the processor's time for all of them in nanoseconds.
@main
struct TokenRun {
  static func main() throws {
    while let line = readLine() {
      let words = line.split(separator: "\t").map(String.init)
      guard words.count >= 3, let encoding = encoding(words[1]) else {
        throw Failure(description: "no command: \(line)")
      }
      let texts = try texts(words[2])
      switch words[0] {
      case "encode" where words.count == 4:
        var ids: [Int32] = []
        for text in texts {
          let encoded = encoding.encode(text)
          ids.append(Int32(encoded.count))
          ids += encoded
        }
        try ids.withUnsafeBytes { Data($0) }.write(to: URL(fileURLWithPath: words[3]))
        answer([ids.count - texts.count])
      case "counts": answer(texts.map { encoding.count($0) })
      case "time":
        let start = processorTime()
        var sum = 0
        for text in texts { sum += encoding.count(text) }
        answer([processorTime() - start, sum])
      case "time-encode":
        let start = processorTime()
        var sum = 0
        for text in texts { sum += encoding.encode(text).count }
        answer([processorTime() - start, sum])
      default: throw Failure(description: "no command: \(line)")
      }
    }
  }

  private static func encoding(_ name: String) -> BytePairEncoding? {
    switch name {
    case "o200k_base": .o200k
    case "cl100k_base": .cl100k
    default: nil
    }
  }

  private static func texts(_ path: String) throws -> [String] {
    let data = try Data(contentsOf: URL(fileURLWithPath: path))
    var texts: [String] = []
    var index = data.startIndex
    while index < data.endIndex {
      let length = Int(data[index..<index + 8].withUnsafeBytes { $0.loadUnaligned(as: UInt64.self) })
      guard let text = String(validating: data[index + 8..<index + 8 + length], as: UTF8.self) else {
        throw Failure(description: "\(path) is not UTF-8")
      }
      texts.append(text)
      index += 8 + length
    }
    return texts
  }

  /// Of this process, in nanoseconds.
  private static func processorTime() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return time.tv_sec * 1_000_000_000 + time.tv_nsec
  }

  private static func answer(_ numbers: [Int]) {
    FileHandle.standardOutput.write(Data((numbers.map(String.init).joined(separator: " ") + "\n").utf8))
  }

  struct Failure: Error, CustomStringConvertible {
    var description: String
  }
}

/// Splits words that are not in the vocabulary into the cheapest sequence of vocabulary pieces.
///
/// The same unknown words occur again and again in a code base, so the last results are remembered.
struct Segmenter {
  private let model: StaticEmbeddingModel
  private var best: [UInt32]
  private var back: [Int]
  private var piece: [UInt32?]
  /// Results by hash of the word, one a slot; a later word takes the slot of an earlier one.
  private var memory: [Entry]

  private struct Entry {
    var word: [UInt8] = []
    var tokens: [UInt32] = []
  }

  init(model: StaticEmbeddingModel) {
    self.model = model
    let size = model.longestWord + 1
    best = [UInt32](repeating: 0, count: size)
    back = [Int](repeating: 0, count: size)
    piece = [UInt32?](repeating: nil, count: size)
    memory = [Entry](repeating: Entry(), count: 4096)
  }

  /// Appends the tokens of `word`, a lower-case word of 2...`longestWord` bytes.
  mutating func segment(_ word: UnsafePointer<UInt8>, _ length: Int, into tokens: inout [UInt32]) {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for index in 0..<length { hash = (hash ^ UInt64(word[index])) &* 0x0000_0100_0000_01b3 }
    let slot = Int((hash ^ (hash >> 32)) & 4095)
    let bytes = UnsafeBufferPointer(start: word, count: length)
    if memory[slot].word.count == length, memory[slot].word.elementsEqual(bytes) {
      tokens.append(contentsOf: memory[slot].tokens)
      return
    }
    let result = cheapestPieces(word, length)
    tokens.append(contentsOf: result)
    memory[slot] = Entry(word: Array(bytes), tokens: result)
  }

  private mutating func cheapestPieces(_ word: UnsafePointer<UInt8>, _ length: Int) -> [UInt32] {
    let model = self.model
    best.withUnsafeMutableBufferPointer { best in
      back.withUnsafeMutableBufferPointer { back in
        piece.withUnsafeMutableBufferPointer { piece in
          best[0] = 0
          for end in 1...length {
            best[end] = .max
            piece[end] = nil
          }
          // Forwards, so that the hash of each piece goes on from that of a shorter one.
          for start in 0..<length {
            // What ends here is known by now: pieces, of which the first of equal cost counts, or a byte that is skipped.
            if start > 0, best[start] >= best[start &- 1] &+ model.skipCost {
              best[start] = best[start &- 1] &+ model.skipCost
              back[start] = start &- 1
              piece[start] = nil
            }
            var hash = Vocabulary.start
            var end = start &+ 1
            let last = min(length, start &+ model.longestPiece)
            while end <= last {
              hash = Vocabulary.step(hash, word[end &- 1])
              if let token = model.vocabulary.token(word + start, end &- start, hash: hash) {
                let cost = best[start] &+ UInt32(model.cost.pointer[Int(token)])
                if cost < best[end] {
                  best[end] = cost
                  back[end] = start
                  piece[end] = token
                }
              }
              end &+= 1
            }
          }
          if best[length] >= best[length &- 1] &+ model.skipCost {
            back[length] = length &- 1
            piece[length] = nil
          }
        }
      }
    }
    var result: [UInt32] = []
    var end = length
    while end > 0 {
      if let token = piece[end] { result.append(token) }
      end = back[end]
    }
    // Many pieces for few bytes: a hash or base64, which means nothing.
    return 2 * result.count <= length ? result.reversed() : []
  }
}

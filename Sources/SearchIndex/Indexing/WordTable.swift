internal import CTextKernels
internal import Embeddings

/// Counts the words of a passage, and remembers of every word its terms and its tokens.
///
/// A word is what stands between separators: an identifier with its underscores and case changes. Code says the same
/// words over and over, so they are taken apart once, for both the lexical index and the embedder, and a passage is
/// counted by whole words. That gives exactly what counting the terms and tokens of its text one by one gives, because
/// neither ever depends on what stands outside a word.
struct WordTable: ~Copyable {
  /// A word of the passage under way.
  struct Count: BitwiseCopyable {
    var word: UInt32
    /// How often it stands in the text to embed.
    var embedded: UInt32
    /// How often it stands in the passage's own text.
    var body: UInt32
    /// The sum of its weights as a term.
    var weight: Float
  }

  /// What text a word stands in.
  struct Field {
    var embedded: UInt32 = 0
    var body: UInt32 = 0
    var weight: Float = 0
  }

  /// What is known of a word. Ranges refer to `terms`, `tokens` and `spellings`.
  struct Word: BitwiseCopyable {
    var spelling: UInt32
    var length: UInt32
    var firstTerm: UInt32
    /// Terms that count as one of the passage's length, and all: the whole identifier is one more term.
    var parts: UInt32
    var termCount: UInt32
    var firstToken: UInt32
    var tokenCount: UInt32
  }

  /// A place of the hash table. Words of up to eight bytes are told apart by it alone.
  struct Slot: BitwiseCopyable {
    /// The first eight bytes of the word, zeros behind it.
    var key: UInt64
    /// Part of the hash over the length (255 for all longer words); 0 for an empty slot, since no word is empty.
    var tag: UInt32
    var word: UInt32
  }

  private var slots: Pile<Slot>
  private var mask: Int
  private(set) var words = Pile<Word>(capacity: 512)
  private(set) var tokens = Pile<UInt32>(capacity: 1024)
  private(set) var terms = Pile<UInt32>(capacity: 1024)
  private var spellings = Pile<UInt8>(capacity: 4096)
  /// For each word `stamp` + its number in `counts`; smaller for words that are not in the passage.
  private var marks = Pile<UInt32>(capacity: 512)
  private var stamp: UInt32 = 1
  /// The words of the passage under way in the order of their first occurrence.
  private(set) var counts = Pile<Count>(capacity: 512)
  private var bits = Pile<UInt64>(capacity: 64)
  private var tokenScratch: [UInt32] = []
  private var sights = Pile<Sight>(capacity: together)
  private var found = Pile<UInt32>(capacity: together)
  /// Eight zeros, which a short word's hash takes for its end.
  private var padding = Pile<UInt8>(capacity: 8)
  /// Keeps words that are made to collide from being known beforehand.
  private let seed = UInt64.random(in: 0 ... .max)

  init() {
    slots = Pile(capacity: 1024)
    slots.resize(1024, filledWith: Slot(key: 0, tag: 0, word: 0))
    mask = 1023
    padding.resize(8, filledWith: 0)
  }

  /// Whether so much is remembered that it is time for `removeAll`.
  var isFull: Bool { words.count > 1 << 17 || spellings.count > 8 << 20 || stamp > 1 << 30 }

  /// Forgets all words; `Count.word` from before means nothing any more.
  mutating func removeAll() {
    slots.removeAll()
    slots.resize(mask + 1, filledWith: Slot(key: 0, tag: 0, word: 0))
    words.removeAll()
    tokens.removeAll()
    terms.removeAll()
    spellings.removeAll()
    marks.removeAll()
    stamp = 1
    counts.removeAll()
  }

  /// Begins another passage.
  mutating func beginPassage() {
    stamp += UInt32(counts.count)
    counts.removeAll()
  }

  /// Counts the words of a text.
  mutating func add(
    _ text: UnsafeBufferPointer<UInt8>, _ field: Field, postings: inout PostingsBuilder,
    embedder: inout StaticEmbedder
  ) {
    guard let base = text.baseAddress else { return }
    let count = text.count
    let blocks = (count + 63) / 64
    bits.removeAll()
    bits.resize(blocks, filledWith: 0)
    ctk_word_mask(base, count, bits.base)
    var carry: UInt64 = 0
    var start = -1
    var number = 0
    for block in 0..<blocks {
      let inside = bits[block]
      // A bit for each byte that is of another kind than the one before it: where words begin and end.
      var edges = inside ^ (inside &<< 1 | carry)
      carry = inside &>> 63
      while edges != 0 {
        let position = block &* 64 &+ edges.trailingZeroBitCount
        edges &= edges &- 1
        if start < 0 {
          start = position
        } else {
          see(base, start, position, count, number)
          start = -1
          number &+= 1
          if number == WordTable.together {
            lookUp(base, number, field, &postings, &embedder)
            number = 0
          }
        }
      }
    }
    if start >= 0 {
      see(base, start, count, count, number)
      number &+= 1
    }
    lookUp(base, number, field, &postings, &embedder)
  }

  /// Words that are looked up together. The table is larger than the caches near the core, so all of them are asked for
  /// before the first is needed.
  private static let together = 64

  /// A word that is yet to be looked up.
  struct Sight: BitwiseCopyable {
    var start: Int
    var length: Int
    var key: UInt64
    var hash: UInt64
  }

  /// Notes the word `text[start..<end]` as the one with this number; `limit` is the end of the text.
  @inline(__always)
  private mutating func see(_ text: UnsafePointer<UInt8>, _ start: Int, _ end: Int, _ limit: Int, _ number: Int) {
    let length = end &- start
    let key = WordTable.key(text + start, length, room: limit &- start)
    let hash = hash(key, text + start, length)
    sights[number] = Sight(start: start, length: length, key: key, hash: hash)
    ctk_prefetch(slots.base + (Int(truncatingIfNeeded: hash) & mask))
  }

  /// Looks up and counts the words that were seen.
  private mutating func lookUp(
    _ text: UnsafePointer<UInt8>, _ number: Int, _ field: Field, _ postings: inout PostingsBuilder,
    _ embedder: inout StaticEmbedder
  ) {
    for index in 0..<number {
      let word = find(text, sights[index], &postings, &embedder)
      found[index] = word
      ctk_prefetch(marks.base + Int(word))
    }
    for index in 0..<number { mark(found[index], field) }
  }

  /// Counts a word by its number.
  @inline(__always)
  mutating func mark(_ word: UInt32, _ field: Field) {
    let mark = marks[Int(word)]
    if mark >= stamp {
      let entry = counts.base + Int(mark &- stamp)
      entry.pointee.embedded &+= field.embedded
      entry.pointee.body &+= field.body
      entry.pointee.weight += field.weight
    } else {
      marks[Int(word)] = stamp &+ UInt32(truncatingIfNeeded: counts.count)
      // Read when the passage ends.
      ctk_prefetch(words.base + Int(word))
      counts.append(Count(word: word, embedded: field.embedded, body: field.body, weight: field.weight))
    }
  }

  // MARK: Finding

  /// The number of a word of `text`.
  @inline(__always)
  private mutating func find(
    _ text: UnsafePointer<UInt8>, _ sight: Sight, _ postings: inout PostingsBuilder, _ embedder: inout StaticEmbedder
  ) -> UInt32 {
    let bytes = text + sight.start
    let length = sight.length
    let tag =
      UInt32(truncatingIfNeeded: sight.hash &>> 40) &<< 8 | UInt32(truncatingIfNeeded: min(length, 255))
    var slot = Int(truncatingIfNeeded: sight.hash) & mask
    while true {
      let entry = slots[slot]
      if entry.tag == tag, entry.key == sight.key, length <= 8 || isSpelt(entry.word, bytes, length) {
        return entry.word
      }
      if entry.tag == 0 { break }
      slot = (slot &+ 1) & mask
    }
    return insert(bytes, length, Slot(key: sight.key, tag: tag, word: 0), sight.hash, slot, &postings, &embedder)
  }

  private func isSpelt(_ word: UInt32, _ bytes: UnsafePointer<UInt8>, _ length: Int) -> Bool {
    let known = words[Int(word)]
    guard Int(known.length) == length else { return false }
    let spelling = UnsafePointer(spellings.base) + Int(known.spelling)
    var offset = 8
    while offset &+ 8 < length {
      if WordTable.eight(spelling + offset) != WordTable.eight(bytes + offset) { return false }
      offset &+= 8
    }
    return WordTable.eight(spelling + (length &- 8)) == WordTable.eight(bytes + (length &- 8))
  }

  @inline(never)
  private mutating func insert(
    _ bytes: UnsafePointer<UInt8>, _ length: Int, _ entry: Slot, _ hash: UInt64, _ slot: Int,
    _ postings: inout PostingsBuilder, _ embedder: inout StaticEmbedder
  ) -> UInt32 {
    let text = UnsafeBufferPointer(start: bytes, count: length)
    let number = UInt32(words.count)
    var word = Word(
      spelling: UInt32(spellings.count), length: UInt32(length), firstTerm: UInt32(terms.count), parts: 0, termCount: 0,
      firstToken: UInt32(tokens.count), tokenCount: 0)
    if length > 8 { spellings.append(text) }
    TermScanner.forEachTerm(in: text) { term, isWhole in
      terms.append(postings.ordinal(of: term))
      word.termCount += 1
      if !isWhole { word.parts += 1 }
    }
    tokenScratch.removeAll(keepingCapacity: true)
    embedder.appendTokens(of: text, to: &tokenScratch)
    for token in tokenScratch { tokens.append(token) }
    word.tokenCount = UInt32(tokenScratch.count)
    words.append(word)
    marks.append(0)
    var place = slot
    if words.count * 4 > (mask + 1) * 3 {
      grow()
      place = Int(truncatingIfNeeded: hash) & mask
      while slots[place].tag != 0 { place = (place &+ 1) & mask }
    }
    slots[place] = Slot(key: entry.key, tag: entry.tag, word: number)
    return number
  }

  private mutating func grow() {
    let size = 2 * (mask + 1)
    var old = Pile<Slot>(capacity: size)
    old.resize(size, filledWith: Slot(key: 0, tag: 0, word: 0))
    swap(&old, &slots)
    mask = size - 1
    for index in 0..<old.count where old[index].tag != 0 {
      let entry = old[index]
      var slot = Int(truncatingIfNeeded: hash(of: entry)) & mask
      while slots[slot].tag != 0 { slot = (slot &+ 1) & mask }
      slots[slot] = entry
    }
  }

  /// The hash of a word that is in the table.
  private func hash(of entry: Slot) -> UInt64 {
    let word = words[Int(entry.word)]
    return hash(entry.key, UnsafePointer(spellings.base) + Int(word.spelling), Int(word.length))
  }

  /// The hash of a word; only those of more than eight bytes are read again.
  @inline(__always)
  private func hash(_ key: UInt64, _ bytes: UnsafePointer<UInt8>, _ length: Int) -> UInt64 {
    let size = UInt64(truncatingIfNeeded: length) &* 0x9E37_79B9_7F4A_7C15
    // Whether there are more than eight is hard to foresee, so both are computed alike.
    let isLong = length > 8
    let tail = isLong ? bytes + (length &- 8) : UnsafePointer(padding.base)
    var hash = WordTable.fold(key ^ seed, WordTable.eight(tail) ^ size)
    var offset = 8
    while offset &+ 8 < length {
      hash = WordTable.fold(hash ^ WordTable.eight(bytes + offset), 0xC2B2_AE3D_27D4_EB4F)
      offset &+= 8
    }
    return hash
  }

  /// The first eight bytes of a word as a number, zeros behind a shorter one; `room` bytes may be read.
  @inline(__always)
  private static func key(_ bytes: UnsafePointer<UInt8>, _ length: Int, room: Int) -> UInt64 {
    if length >= 8 { return eight(bytes) }
    if room >= 8 { return eight(bytes) & (UInt64.max &>> UInt64(truncatingIfNeeded: 64 &- 8 &* length)) }
    var key: UInt64 = 0
    var index = 0
    while index < length {
      key |= UInt64(bytes[index]) &<< UInt64(truncatingIfNeeded: 8 &* index)
      index &+= 1
    }
    return key
  }

  @inline(__always)
  private static func eight(_ bytes: UnsafePointer<UInt8>) -> UInt64 {
    UInt64(littleEndian: UnsafeRawPointer(bytes).loadUnaligned(as: UInt64.self))
  }

  @inline(__always)
  private static func fold(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.high ^ product.low
  }
}

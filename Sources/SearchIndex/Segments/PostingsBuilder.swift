internal import CTextKernels

/// Collects the postings of documents that are added one after another.
///
/// It knows its terms by ordinals, which stay the same until `removeTerms`, also from one segment to the next: so a
/// caller may remember the ordinals of a word.
struct PostingsBuilder: ~Copyable {
  /// Open addressing: the term's upper half over its ordinal + 1, or 0.
  private var slots = Pile<UInt64>(capacity: 1 << 10)
  private var mask = (1 << 10) - 1
  private var terms = Pile<Term>(capacity: 256)
  /// For each term `stamp` + its number among the terms of the document under way; smaller for all other terms.
  private var latest = Pile<UInt32>(capacity: 256)
  private var stamp: UInt32 = 1
  /// The document under way: its terms and how much each of them counts.
  private var open = Pile<UInt32>(capacity: 256)
  private var frequencies = Pile<Float>(capacity: 256)
  /// The postings of all documents that have ended, and where each document's end.
  private var ordinals = Pile<UInt32>(capacity: 256)
  private var impacts = Pile<UInt16>(capacity: 256)
  private var documentEnds = Pile<UInt32>()

  init() {
    slots.resize(1 << 10, filledWith: 0)
  }

  /// Terms that are known.
  var termCount: Int { terms.count }

  /// Makes room for documents and their postings, those there are among them.
  mutating func reserve(documents: Int, postings: Int) {
    documentEnds.reserve(documents)
    ordinals.reserve(postings)
    impacts.reserve(postings)
  }

  /// Counts a term in the document under way.
  @inline(__always)
  mutating func add(_ term: Term, weight: Float) {
    add(ordinal: ordinal(of: term), weight: weight)
  }

  /// The same by the term's ordinal.
  @inline(__always)
  mutating func add(ordinal: UInt32, weight: Float) {
    let mark = latest[Int(ordinal)]
    if mark >= stamp {
      frequencies[Int(mark &- stamp)] += weight
    } else {
      latest[Int(ordinal)] = stamp &+ UInt32(truncatingIfNeeded: open.count)
      open.append(ordinal)
      frequencies.append(weight)
    }
  }

  /// Ends the document under way, whose impacts `impact` computes from the weighted frequencies.
  @inline(__always)
  mutating func endDocument(_ impact: (Float) -> UInt16) {
    let count = open.count
    ordinals.append(open.elements)
    for index in 0..<count { impacts.append(impact(frequencies[index])) }
    documentEnds.append(UInt32(ordinals.count))
    stamp &+= UInt32(truncatingIfNeeded: count)
    open.removeAll()
    frequencies.removeAll()
    if stamp > 1 << 31 { restamp() }
  }

  /// The postings of the documents that have ended. Afterwards there are none; the terms are still known.
  mutating func build() -> Postings {
    let count = ordinals.count
    // How many postings a term has, and then where its next one goes.
    var places = Pile<UInt32>(capacity: terms.count)
    places.resize(terms.count, filledWith: 0)
    for index in 0..<count { places[Int(ordinals[index])] &+= 1 }
    var used = Pile<TermOrder.Entry>(capacity: min(terms.count, count))
    for ordinal in 0..<terms.count where places[ordinal] > 0 {
      used.append(TermOrder.Entry(term: terms[ordinal], ordinal: UInt32(ordinal)))
    }
    TermOrder.sort(UnsafeMutableBufferPointer(start: used.base, count: used.count))
    var postings = Postings()
    postings.terms = used.elements.map(\.term)
    postings.offsets = [UInt32](unsafeUninitializedCapacity: used.count + 1) { offsets, initialized in
      var offset: UInt32 = 0
      for (position, entry) in used.elements.enumerated() {
        offsets[position] = offset
        let number = places[Int(entry.ordinal)]
        places[Int(entry.ordinal)] = offset
        offset += number
      }
      offsets[used.count] = offset
      initialized = used.count + 1
    }
    // Documents are taken in their order, so each term's postings come out ascending.
    var newImpacts = [UInt16](repeating: 0, count: count)
    postings.documents = newImpacts.withUnsafeMutableBufferPointer { newImpacts in
      [UInt32](unsafeUninitializedCapacity: count) { documents, initialized in
        guard let newImpacts = newImpacts.baseAddress, let documents = documents.baseAddress else { return }
        var index = 0
        for document in 0..<documentEnds.count {
          let end = Int(documentEnds[document])
          while index < end {
            let ordinal = Int(ordinals[index])
            let place = Int(places[ordinal])
            places[ordinal] &+= 1
            documents[place] = UInt32(truncatingIfNeeded: document)
            newImpacts[place] = impacts[index]
            index &+= 1
          }
        }
        initialized = count
      }
    }
    postings.impacts = newImpacts
    ordinals.removeAll()
    impacts.removeAll()
    documentEnds.removeAll()
    stamp &+= UInt32(truncatingIfNeeded: open.count)
    open.removeAll()
    frequencies.removeAll()
    return postings
  }

  /// Asks for the memory that `add` of a term needs.
  @inline(__always)
  func prefetch(ordinal: UInt32) { ctk_prefetch(latest.base + Int(ordinal)) }

  /// Forgets the terms; to be called right after `build`.
  mutating func removeTerms() {
    slots.base.update(repeating: 0, count: slots.count)
    terms.removeAll()
    latest.removeAll()
    stamp = 1
  }

  /// The ordinal of a term, which is the next one if the term is new.
  mutating func ordinal(of term: Term) -> UInt32 {
    let tag = term & 0xFFFF_FFFF_0000_0000
    var slot = Int(truncatingIfNeeded: term) & mask
    while true {
      let entry = slots[slot]
      if entry == 0 { break }
      if entry & 0xFFFF_FFFF_0000_0000 == tag {
        let ordinal = UInt32(truncatingIfNeeded: entry) &- 1
        if terms[Int(ordinal)] == term { return ordinal }
      }
      slot = (slot &+ 1) & mask
    }
    terms.append(term)
    latest.append(0)
    slots[slot] = tag | UInt64(truncatingIfNeeded: terms.count)
    if terms.count * 2 > slots.count { grow() }
    return UInt32(terms.count - 1)
  }

  private mutating func grow() {
    let size = slots.count * 2
    slots = Pile(capacity: size)
    slots.resize(size, filledWith: 0)
    mask = size - 1
    for ordinal in 0..<terms.count {
      var slot = Int(truncatingIfNeeded: terms[ordinal]) & mask
      while slots[slot] != 0 { slot = (slot &+ 1) & mask }
      slots[slot] = terms[ordinal] & 0xFFFF_FFFF_0000_0000 | UInt64(ordinal + 1)
    }
  }

  /// Begins the stamps from the start before they overflow.
  private mutating func restamp() {
    latest.base.update(repeating: 0, count: latest.count)
    stamp = 1
  }
}

/// Sorts terms. They are hashes, so their top bits spread them evenly: each goes near its place at once, and what
/// shares a place is few.
enum TermOrder {
  struct Entry: BitwiseCopyable {
    var term: Term
    var ordinal: UInt32
  }

  static func sort(_ entries: UnsafeMutableBufferPointer<Entry>) {
    let count = entries.count
    guard count > 1, let base = entries.baseAddress else { return }
    // About two entries a bucket.
    let bits = Int.bitWidth - (count / 2).leadingZeroBitCount
    let shift = UInt64(64 - bits)
    var starts = Pile<UInt32>(capacity: (1 << bits) + 1)
    starts.resize((1 << bits) + 1, filledWith: 0)
    for index in 0..<count { starts[Int(truncatingIfNeeded: base[index].term &>> shift) &+ 1] &+= 1 }
    for bucket in 0..<1 << bits { starts[bucket &+ 1] &+= starts[bucket] }
    var sorted = Pile<Entry>(capacity: count)
    sorted.resize(count, filledWith: Entry(term: 0, ordinal: 0))
    for index in 0..<count {
      let bucket = Int(truncatingIfNeeded: base[index].term &>> shift)
      sorted[Int(starts[bucket])] = base[index]
      starts[bucket] &+= 1
    }
    base.update(from: sorted.base, count: count)
    // `starts` now has the end of each bucket.
    var start = 0
    for bucket in 0..<1 << bits {
      let end = Int(starts[bucket])
      if end - start > 16 {
        var crowd = UnsafeMutableBufferPointer(rebasing: entries[start..<end])
        crowd.sort { $0.term < $1.term }
      } else if end - start > 1 {
        for index in start + 1..<end {
          let entry = base[index]
          var place = index
          while place > start, base[place - 1].term > entry.term {
            base[place] = base[place - 1]
            place -= 1
          }
          base[place] = entry
        }
      }
      start = end
    }
  }
}

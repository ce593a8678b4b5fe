/// Collects the postings of documents that are added one after another.
struct PostingsBuilder {
  private struct Entry {
    var ordinal: UInt32
    var document: UInt32
    var frequency: Float
  }

  /// Open addressing: slot → ordinal + 1 of a term.
  private var slots: [UInt32]
  private var mask: Int
  private var terms: [Term] = []
  /// For each term its entry in the document under way, as index + 1; stale values are below `documentStart`.
  private var latest: [UInt32] = []
  private var entries: [Entry] = []
  private var impacts: [UInt16] = []
  private var documentStart = 0

  init() {
    slots = [UInt32](repeating: 0, count: 1 << 14)
    mask = slots.count - 1
  }

  /// Counts a term in the document under way.
  @inline(__always)
  mutating func add(_ term: Term, document: UInt32, weight: Float) {
    let ordinal = ordinal(of: term)
    let index = Int(latest[ordinal]) - 1
    if index >= documentStart {
      entries[index].frequency += weight
    } else {
      entries.append(Entry(ordinal: UInt32(ordinal), document: document, frequency: weight))
      latest[ordinal] = UInt32(entries.count)
    }
  }

  /// Ends the document under way, whose impacts `impact` computes from the weighted frequencies.
  mutating func endDocument(_ impact: (Float) -> UInt16) {
    for index in documentStart..<entries.count { impacts.append(impact(entries[index].frequency)) }
    documentStart = entries.count
  }

  /// The postings of all documents so far.
  func build() -> Postings {
    let order = terms.indices.sorted { terms[$0] < terms[$1] }
    var rank = [Int](repeating: 0, count: terms.count)
    for (position, ordinal) in order.enumerated() { rank[ordinal] = position }
    var counts = [UInt32](repeating: 0, count: terms.count + 1)
    for index in 0..<documentStart { counts[rank[Int(entries[index].ordinal)] + 1] += 1 }
    for position in 0..<terms.count { counts[position + 1] += counts[position] }
    var postings = Postings()
    postings.terms = order.map { terms[$0] }
    postings.offsets = counts
    postings.documents = [UInt32](repeating: 0, count: documentStart)
    postings.impacts = [UInt16](repeating: 0, count: documentStart)
    // Entries are in the order of their documents, so each term's postings come out ascending.
    for index in 0..<documentStart {
      let position = rank[Int(entries[index].ordinal)]
      let place = Int(counts[position])
      counts[position] += 1
      postings.documents[place] = entries[index].document
      postings.impacts[place] = impacts[index]
    }
    return postings
  }

  @inline(__always)
  private mutating func ordinal(of term: Term) -> Int {
    var slot = Int(truncatingIfNeeded: term) & mask
    while true {
      let entry = slots[slot]
      if entry == 0 { break }
      if terms[Int(entry) - 1] == term { return Int(entry) - 1 }
      slot = (slot &+ 1) & mask
    }
    terms.append(term)
    latest.append(0)
    slots[slot] = UInt32(terms.count)
    if terms.count * 2 > slots.count { grow() }
    return terms.count - 1
  }

  private mutating func grow() {
    slots = [UInt32](repeating: 0, count: slots.count * 2)
    mask = slots.count - 1
    for (ordinal, term) in terms.enumerated() {
      var slot = Int(truncatingIfNeeded: term) & mask
      while slots[slot] != 0 { slot = (slot &+ 1) & mask }
      slots[slot] = UInt32(ordinal + 1)
    }
  }
}

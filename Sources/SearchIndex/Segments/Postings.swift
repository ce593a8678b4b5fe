/// Which documents contain which terms, and how much: an inverted index that never changes.
///
/// An impact is the BM25 weight of a term in a document without the term's rarity:
/// `tf · (k1 + 1) / (tf + k1 · (1 - b + b · length / averageLength))`, in units of 1/`impactUnit`. The average length
/// is a constant of the index (`BM25.averageLength`), since passages are cut to one size; so impacts are final when a
/// passage is indexed, and a query only multiplies and adds.
struct Postings: Sendable {
  /// Impacts are at most k1 + 1 = 2.2, so they fit 16 bits with four digits after the point.
  static let impactUnit: Float = 16384
  /// No impact is higher.
  static let highestImpact = UInt32(min(65535, impactUnit * (BM25.k1 + 1)))

  /// The terms, ascending.
  var terms: [Term] = []
  /// `offsets[i] ..< offsets[i + 1]` are the postings of `terms[i]`.
  var offsets: [UInt32] = [0]
  /// Document numbers, ascending for each term.
  var documents: [UInt32] = []
  /// The impact of each posting.
  var impacts: [UInt16] = []
  /// The postings of a term.
  func range(of term: Term) -> Range<Int> {
    guard let index = terms.withUnsafeBufferPointer({ Postings.position(of: term, in: $0) }) else { return 0..<0 }
    return Int(offsets[index])..<Int(offsets[index + 1])
  }

  /// Where a term stands among ascending ones, if it does.
  ///
  /// Terms are hashes, so a term's value tells about where; from there it is found within few steps.
  static func position(of term: Term, in terms: UnsafeBufferPointer<Term>) -> Int? {
    let count = terms.count
    guard count > 0 else { return nil }
    var low: Int
    var high: Int
    let guess = Int(truncatingIfNeeded: term.multipliedFullWidth(by: UInt64(count)).high)
    var step = 32
    if terms[guess] < term {
      // Everything before `low` is smaller.
      low = guess &+ 1
      while low &+ step < count, terms[low &+ step] < term {
        low &+= step &+ 1
        step &*= 2
      }
      high = min(count, low &+ step &+ 1)
    } else {
      // `high` and what follows is not smaller.
      high = guess
      while high &- step >= 0, terms[high &- step] >= term {
        high &-= step
        step &*= 2
      }
      low = max(0, high &- step)
    }
    while low < high {
      let middle = (low &+ high) / 2
      if terms[middle] < term { low = middle &+ 1 } else { high = middle }
    }
    return low < count && terms[low] == term ? low : nil
  }
}

/// The parameters of the lexical score (Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009).
enum BM25 {
  /// How soon more occurrences stop to count.
  static let k1: Float = 1.2
  /// How much long passages are discounted.
  static let b: Float = 0.5
  /// The length, in terms, of a passage that is neither discounted nor favoured.
  static let averageLength: Float = 110

  /// The impact of a term that occurs `frequency` times (weighted by field) in a passage of `length` terms.
  @inline(__always)
  static func impact(frequency: Float, length: Float) -> UInt16 {
    let norm = k1 * (1 - b + b * length / averageLength)
    return UInt16(min(65535, Postings.impactUnit * frequency * (k1 + 1) / (frequency + norm)))
  }

  /// The rarity of a term that stands in `count` of `total` documents.
  static func inverseDocumentFrequency(count: Int, total: Int) -> Float {
    let n = Float(max(total, count))
    let df = Float(count)
    return Logarithm.natural(1 + (n - df + 0.5) / (df + 0.5))
  }
}

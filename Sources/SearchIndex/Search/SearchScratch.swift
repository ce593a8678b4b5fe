/// Memory that searches use again and again.
struct SearchScratch {
  /// Sums of a segment's passages; zero between searches.
  var sums: [UInt32] = []
  /// Positions that a selection found.
  var positions: [UInt32] = []
  /// A bit for each passage of a segment; zero between uses.
  var bits: [UInt64] = []
  /// Positions to be completed.
  var merged: [UInt32] = []
  /// Scores of some rows.
  var scores: [Float] = []
  /// The tables of a query for the sign codes.
  var tables: [UInt8] = []

  /// Makes room for a segment of so many passages.
  mutating func reserve(passages: Int) {
    if sums.count < passages { sums = [UInt32](repeating: 0, count: passages) }
    if bits.count < (passages + 63) / 64 { bits = [UInt64](repeating: 0, count: (passages + 63) / 64) }
    if positions.count < passages { positions = [UInt32](repeating: 0, count: passages) }
  }
}

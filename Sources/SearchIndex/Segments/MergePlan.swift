/// Chooses segments to merge.
enum MergePlan {
  /// A segment as the plan sees it.
  struct Candidate {
    var id: Int64
    var files: Int
    /// Files of which this is the newest version.
    var live: Int
    var passages: Int
  }

  /// Passages of a merged segment at most, so that no merge takes long.
  static let largest = 50_000

  /// The ids of the segments to merge into one now; none when all is well.
  ///
  /// Segments fall into tiers by size, each four times the one below; eight of one tier become one of the next. So a
  /// passage is rewritten a logarithmic number of times, and a search looks into few segments. A segment of which more
  /// than half is dead is rewritten alone, and one without life goes.
  static func choose(_ segments: [Candidate]) -> Set<Int64> {
    let dead = segments.filter { $0.live * 2 < $0.files }
    if !dead.isEmpty {
      var passages = 0
      var ids: Set<Int64> = []
      for segment in dead where passages < largest {
        passages += segment.passages
        ids.insert(segment.id)
      }
      return ids
    }
    var tiers: [Int: [Candidate]] = [:]
    for segment in segments where segment.passages < largest / 2 {
      var tier = 0
      var bound = 256
      while segment.passages >= bound {
        tier += 1
        bound *= 4
      }
      tiers[tier, default: []].append(segment)
    }
    for tier in tiers.keys.sorted() {
      guard let members = tiers[tier], members.count >= 8 else { continue }
      var passages = 0
      var ids: Set<Int64> = []
      for segment in members.sorted(by: { $0.id < $1.id }) {
        if passages + segment.passages > largest { break }
        passages += segment.passages
        ids.insert(segment.id)
      }
      if ids.count > 1 { return ids }
    }
    return []
  }
}

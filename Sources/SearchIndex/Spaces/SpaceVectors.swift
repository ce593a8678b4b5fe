internal import Synchronization

/// The vectors of one space in memory, and which passages of which segments they belong to. From any thread.
final class SpaceVectors: Sendable {
  /// A passage of a segment.
  struct Place: Sendable {
    var segment: Segment
    var passage: Int
  }

  /// What is known of a segment.
  private struct Rows {
    /// Kept, so that no other segment takes its identity.
    let segment: Segment
    var rows: [UInt32]
    /// Passages without a vector, ascending, and some that have got one since.
    var missing: [UInt32]
    /// Keys there were when the missing ones were last looked up.
    var known: Int
  }

  private struct State {
    var dimensions: Int?
    var slab: VectorSlab?
    var rowOf: [PassageKey: UInt32] = [:]
    var segments: [ObjectIdentifier: Rows] = [:]
  }

  /// The id of the space.
  let space: String
  private let state = Mutex(State())

  init(space: String) { self.space = space }

  /// The length of the vectors, once there is one.
  var dimensions: Int? { state.withLock { $0.dimensions } }
  /// Texts with a vector.
  var count: Int { state.withLock { $0.rowOf.count } }
  /// Bytes of memory, roughly.
  var memory: Int { state.withLock { ($0.slab?.memory ?? 0) + $0.rowOf.count * 32 } }

  /// Forgets everything.
  func reset() { state.withLock { $0 = State() } }

  func contains(_ key: PassageKey) -> Bool { state.withLock { $0.rowOf[key] != nil } }

  /// Adds vectors; those of keys that are known stay as they are. All must have the length of the first.
  ///
  /// - Parameter expected: how many there will be, roughly.
  func add(_ vectors: some Sequence<(key: PassageKey, vector: QuantisedVector)>, expected: Int = 0) {
    state.withLock { state in
      for (key, vector) in vectors {
        vector.codes.withUnsafeBytes { SpaceVectors.add(key, $0, vector.scale, to: &state, expected: expected) }
      }
    }
  }

  private static func add(
    _ key: PassageKey, _ codes: UnsafeRawBufferPointer, _ scale: Float, to state: inout State, expected: Int
  ) {
    guard state.rowOf[key] == nil, state.dimensions ?? codes.count == codes.count, codes.count > 0 else { return }
    state.dimensions = codes.count
    var slab = state.slab ?? VectorSlab(dimensions: codes.count, capacity: max(1024, expected + expected / 4 + 64))
    if slab.isFull {
      let larger = VectorSlab(dimensions: codes.count, capacity: slab.capacity * 2)
      for row in 1..<UInt32(slab.count) {
        let (codes, scale) = slab.row(row)
        _ = larger.append(codes: codes, scale: scale)
      }
      slab = larger
    }
    state.slab = slab
    state.rowOf[key] = slab.append(codes: codes, scale: scale)
  }

  /// Keeps the vectors of some keys alone.
  func prune(keeping keys: Set<PassageKey>) {
    state.withLock { state in
      guard let old = state.slab, let dimensions = state.dimensions else { return }
      let kept = state.rowOf.filter { keys.contains($0.key) }.sorted { $0.value < $1.value }
      let slab = VectorSlab(dimensions: dimensions, capacity: max(1024, kept.count + kept.count / 4 + 64))
      var rowOf: [PassageKey: UInt32] = [:]
      rowOf.reserveCapacity(kept.count)
      for (key, row) in kept {
        let (codes, scale) = old.row(row)
        rowOf[key] = slab.append(codes: codes, scale: scale)
      }
      state.slab = slab
      state.rowOf = rowOf
      // What the rows of segments were is of the old memory, which snapshots keep as long as they need it.
      state.segments = [:]
    }
  }

  // MARK: Segments

  /// Looks up the passages of segments; what is large is looked up before others wait for it.
  func resolve(_ segments: [Segment]) {
    for segment in segments where !state.withLock({ $0.segments[ObjectIdentifier(segment)] != nil }) {
      let keys = SpaceVectors.keys(of: segment)
      state.withLock { SpaceVectors.resolve(segment, keys: keys, in: &$0) }
    }
  }

  /// Forgets all segments but some.
  func retain(_ segments: [Segment]) {
    let kept = Set(segments.map { ObjectIdentifier($0) })
    state.withLock { state in
      for identity in state.segments.keys where !kept.contains(identity) { state.segments[identity] = nil }
    }
  }

  /// Looks up again what had no vector, where vectors have come since.
  func refresh(_ segments: [Segment]) {
    resolve(segments)
    for segment in segments {
      let open = state.withLock { state -> [UInt32] in
        guard let rows = state.segments[ObjectIdentifier(segment)], rows.known != state.rowOf.count else { return [] }
        return rows.missing.filter { rows.rows[Int($0)] == VectorSlab.none }
      }
      if open.isEmpty { continue }
      var scratch: [UInt8] = []
      let keys = open.map { PassageKey(of: Int($0), in: segment, scratch: &scratch) }
      state.withLock { state in
        let known = state.rowOf.count
        for (passage, key) in zip(open, keys) {
          guard let row = state.rowOf[key] else { continue }
          state.segments[ObjectIdentifier(segment)]?.rows[Int(passage)] = row
        }
        SpaceVectors.dropFound(segment, in: &state)
        state.segments[ObjectIdentifier(segment)]?.known = known
      }
    }
  }

  /// Takes note that passages have the vector of a key.
  func assign(_ places: [(place: Place, key: PassageKey)]) {
    state.withLock { state in
      for (place, key) in places {
        guard let row = state.rowOf[key] else { continue }
        state.segments[ObjectIdentifier(place.segment)]?.rows[place.passage] = row
      }
    }
  }

  /// The passages of a segment without a vector, ascending, the dead among them.
  func missing(in segment: Segment) -> [UInt32] {
    resolve([segment])
    return state.withLock { state in
      SpaceVectors.dropFound(segment, in: &state)
      return state.segments[ObjectIdentifier(segment)]?.missing ?? []
    }
  }

  /// Live passages without a vector.
  func missingCount(in snapshot: IndexSnapshot) -> Int {
    snapshot.parts.reduce(0) { sum, part in
      sum + missing(in: part.segment).reduce(0) { $0 + (part.live[Int(part.segment.passages[Int($1)].file)] ? 1 : 0) }
    }
  }

  /// Shows all vectors, some at a time.
  func forEachBatch(of size: Int, _ body: ([(key: PassageKey, vector: QuantisedVector)]) throws -> Void) rethrows {
    let (slab, rowOf, dimensions) = state.withLock { ($0.slab, $0.rowOf, $0.dimensions) }
    guard let slab, let dimensions else { return }
    var batch: [(key: PassageKey, vector: QuantisedVector)] = []
    for (key, row) in rowOf.sorted(by: { $0.value < $1.value }) {
      let (codes, scale) = slab.row(row)
      batch.append(
        (key, QuantisedVector(codes: Array(codes.bindMemory(to: Int8.self).prefix(dimensions)), scale: scale)))
      if batch.count == size {
        try body(batch)
        batch = []
      }
    }
    if !batch.isEmpty { try body(batch) }
  }

  /// What a snapshot of these parts is searched by; nil while there is no vector at all.
  func served(_ parts: [IndexSnapshot.Part]) -> ServedSpace? {
    state.withLock { state in
      guard let slab = state.slab, let dimensions = state.dimensions else { return nil }
      var rows: [[UInt32]] = []
      var missing: [[UInt32]] = []
      for part in parts {
        let identity = ObjectIdentifier(part.segment)
        if state.segments[identity] == nil {
          SpaceVectors.resolve(part.segment, keys: SpaceVectors.keys(of: part.segment), in: &state)
        }
        SpaceVectors.dropFound(part.segment, in: &state)
        rows.append(state.segments[identity]?.rows ?? [])
        missing.append(state.segments[identity]?.missing ?? [])
      }
      return ServedSpace(space: space, dimensions: dimensions, slab: slab, rows: rows, missing: missing)
    }
  }

  private static func keys(of segment: Segment) -> [PassageKey] {
    var scratch: [UInt8] = []
    return segment.passages.indices.map { PassageKey(of: $0, in: segment, scratch: &scratch) }
  }

  private static func resolve(_ segment: Segment, keys: [PassageKey], in state: inout State) {
    let rows = keys.map { state.rowOf[$0] ?? VectorSlab.none }
    let missing = rows.indices.filter { rows[$0] == VectorSlab.none }.map { UInt32($0) }
    state.segments[ObjectIdentifier(segment)] = Rows(
      segment: segment, rows: rows, missing: missing, known: state.rowOf.count)
  }

  /// Takes out of the missing what has got a vector.
  private static func dropFound(_ segment: Segment, in state: inout State) {
    guard let rows = state.segments[ObjectIdentifier(segment)],
      rows.missing.contains(where: { rows.rows[Int($0)] != VectorSlab.none })
    else { return }
    state.segments[ObjectIdentifier(segment)]?.missing = rows.missing.filter { rows.rows[Int($0)] == VectorSlab.none }
  }
}

internal import Embeddings
internal import Synchronization

/// How passages are chosen and embedded.
extension Reembedder {
  /// A text that is to be embedded, with the passages that have it.
  struct Request {
    var key: PassageKey
    var places: [SpaceVectors.Place]
  }

  /// Texts that are made at a time, so that memory stays flat.
  private static let mostTexts = 1024

  /// Chooses passages without a vector, those of the newest segments first.
  ///
  /// - Returns: what to embed; and when there is nothing, how long until there may be.
  func choose(from snapshot: IndexSnapshot, _ target: Target) -> (requests: [Request], wait: Duration?) {
    let limits = target.service.embedder.limits
    let most = min(Reembedder.mostTexts, 2 * limits.textsPerRequest * limits.concurrentRequests)
    var requests: [Request] = []
    var numbers: [PassageKey: Int] = [:]
    var known: [(place: SpaceVectors.Place, key: PassageKey)] = []
    var wait: Duration?
    var scratch: [UInt8] = []
    defer { target.vectors.assign(known) }
    for part in snapshot.parts.reversed() {
      let segment = part.segment
      let identity = ObjectIdentifier(segment)
      let missing = target.vectors.missing(in: segment)
      if missing.isEmpty { continue }
      let age = seen[identity].map { $0.duration(to: .now) } ?? .zero
      if age < options.settling {
        wait = min(wait ?? options.settling, options.settling - age)
        continue
      }
      for passage in missing {
        guard part.live[Int(segment.passages[Int(passage)].file)],
          target.stalePassages[identity]?.contains(passage) != true,
          target.refusedPassages[identity]?.contains(passage) != true
        else { continue }
        let place = SpaceVectors.Place(segment: segment, passage: Int(passage))
        let key = PassageKey(of: Int(passage), in: segment, scratch: &scratch)
        if target.refused.contains(key) {
          target.refusedPassages[identity, default: []].insert(passage)
        } else if let number = numbers[key] {
          requests[number].places.append(place)
        } else if target.vectors.contains(key) {
          known.append((place, key))
        } else {
          if requests.count == most { return (requests, nil) }
          numbers[key] = requests.count
          requests.append(Request(key: key, places: [place]))
        }
      }
    }
    return (requests, requests.isEmpty ? wait : nil)
  }

  func embed(_ chosen: [Request], snapshot: IndexSnapshot, _ target: Target) async -> Next {
    var texts: [String] = []
    var requests: [Request] = []
    var current: (identity: ObjectIdentifier, file: UInt32, texts: PassageTexts?)?
    for request in chosen {
      guard let place = request.places.first else { continue }
      let file = place.segment.passages[place.passage].file
      if current?.identity != ObjectIdentifier(place.segment) || current?.file != file {
        let text = index.text(of: place.segment.files[Int(file)], in: place.segment)
        current = (
          ObjectIdentifier(place.segment), file,
          text.map { PassageTexts(segment: place.segment, file: Int(file), text: $0) }
        )
      }
      if let text = current?.texts?.text(of: place.passage) {
        texts.append(text)
        requests.append(request)
      } else {
        for place in request.places {
          target.stalePassages[ObjectIdentifier(place.segment), default: []].insert(UInt32(place.passage))
        }
      }
    }
    if texts.isEmpty { return .again }
    let failure = await embed(texts, by: target, of: requests)
    guard self.target === target else { return .again }
    guard let failure, failure.kind != .cancelled else {
      if failure == nil {
        target.failures = 0
        target.message = nil
      }
      return .again
    }
    let pause = pause(after: failure, target)
    target.pausedUntil = .now + pause
    target.message = [failure.message, failure.hint].compactMap(\.self).joined(separator: " ")
    note(Coverage(of: index.snapshot, target), target)
    return .after(pause, isWaiting: false)
  }

  private func pause(after failure: EmbeddingFailure, _ target: Target) -> Duration {
    switch failure.kind {
    case .notAllowed: return options.allowancePause
    case .unauthorized, .quotaExceeded, .rejectedRequest, .rejectedInput, .invalidResponse: return options.longestPause
    case .unavailable, .rateLimited, .cancelled:
      var pause = options.firstPause
      for _ in 0..<min(target.failures, 16) { pause = min(options.longestPause, pause * 2) }
      target.failures += 1
      return max(pause, min(failure.retryAfter ?? .zero, options.longestPause))
    }
  }

  private func refuse(_ request: Request, _ target: Target) {
    target.refused.insert(request.key)
    for place in request.places {
      target.refusedPassages[ObjectIdentifier(place.segment), default: []].insert(UInt32(place.passage))
    }
  }

  /// Takes what came back: stores it, and shows it.
  ///
  /// - Returns: whether to go on.
  func take(_ outcome: EmbeddingBatcher.Outcome, for requests: [Request], of target: Target) -> Bool {
    switch outcome {
    case .refused(let failure):
      for request in requests { refuse(request, target) }
      target.refusal = "Some passages are not embedded: \(failure.message)"
    case .vectors(let vectors):
      var quantised: [(key: PassageKey, vector: QuantisedVector)] = []
      for (request, vector) in zip(requests, vectors) {
        if let vector = QuantisedVector(vector) {
          quantised.append((request.key, vector))
        } else {
          // So long or so short that its length is no number.
          refuse(request, target)
        }
      }
      do {
        guard let store, isStoreWritable else { return false }
        guard let dimensions = quantised.first?.vector.codes.count else { return true }
        if let known = target.vectors.dimensions, known != dimensions {
          // The first answer of this process says that the model behind the name is another one.
          if let stored = target.stored { try store.drop(stored) }
          target.stored = nil
          target.cursor = 0
          target.vectors.reset()
        }
        let space: VectorStore.Space
        if let stored = target.stored {
          space = stored
        } else {
          space = try store.makeSpace(target.vectors.space, dimensions: dimensions)
          try store.keepSpaces(options.keptSpaces)
          target.stored = space
        }
        try store.insert(quantised, into: space)
        target.cursor = max(target.cursor, store.lastRow)
      } catch {
        fail(error)
        target.pausedUntil = .now + options.firstPause
        return false
      }
      target.vectors.add(quantised, expected: index.snapshot.passageCount)
      target.vectors.assign(requests.flatMap { request in request.places.map { ($0, request.key) } })
    }
    guard self.target === target else { return false }
    let snapshot = index.snapshot
    let coverage = Coverage(of: snapshot, target)
    serve(target, coverage)
    note(coverage, target)
    // What has been edited meanwhile comes first.
    return Reembedder.haveSameSegments(lastSnapshot, snapshot)
  }

  // MARK: Tidying

  /// Forgets vectors of texts that are gone, beyond those that are kept in case they come back.
  func tidy(_ store: VectorStore, _ snapshot: IndexSnapshot, _ target: Target) {
    guard !target.isPruned, let stored = target.stored else { return }
    target.isPruned = true
    let spared = max(options.sparedVectors, Int(options.sparedShare * Double(snapshot.passageCount)))
    // Texts that passages share count once, which makes this rather too few than too many.
    guard target.vectors.count > snapshot.passageCount + spared else { return }
    var live: Set<PassageKey> = []
    var scratch: [UInt8] = []
    for part in snapshot.parts {
      for run in part.runs {
        for passage in run { live.insert(PassageKey(of: passage, in: part.segment, scratch: &scratch)) }
      }
    }
    do {
      let dead = try store.count(stored) - live.count
      guard dead > spared else { return }
      let kept = try store.prune(stored, keeping: live, excess: dead - spared)
      target.vectors.prune(keeping: live.union(kept))
      target.vectors.refresh(snapshot.parts.map(\.segment))
      if shared.withLock({ $0.serving?.vectors === target.vectors }) { index.serve(target.vectors) }
    } catch {
      fail(error)
    }
  }
}

internal import Synchronization
internal import Workspace

/// An open buffer as the index has it.
struct BufferSegment: Sendable {
  /// The text, indexed as one file; nil when it is not indexed, which hides the file on disk all the same.
  var segment: Segment?
  /// Whether the rules let the buffer into the index.
  var isAdmitted: Bool
  /// The text, where it is indexed: it is nowhere else to be read.
  var text: [UInt8]?
}

/// Open buffers: indexed at once, never stored.
extension WorkspaceIndex {
  /// Makes the text of an open buffer count instead of the file's.
  ///
  /// A buffer is indexed if its file would be: one that ignore rules leave out stays out while it is open, since such
  /// files often hold what must not leave the machine, and so does one with a secret in its name or a private key in
  /// its text, or one behind a symbolic link. Only its size is no reason: what the user looks at is found.
  ///
  /// It runs on the caller's thread, so that typing does not wait for indexing. Call it for one buffer at a time.
  public nonisolated func setOverlay(path: String, text: [UInt8]) {
    let isAdmitted = admits(path)
    var segment: Segment?
    if isAdmitted {
      text.withUnsafeBufferPointer { bytes in
        if ContentClassifier.skipReason(path: path, bytes: bytes, maximumSize: 16 << 20) != nil { return }
        var builder = SegmentBuilder()
        builder.add(path: path, text: bytes, contentHash: ContentHash(text), traits: FileTraits(path: path))
        segment = builder.finish()
      }
    }
    let buffer = BufferSegment(segment: segment, isAdmitted: isAdmitted, text: segment == nil ? nil : text)
    changeOverlays { $0[path] = buffer }
  }

  /// Makes the file count again.
  public nonisolated func removeOverlay(path: String) {
    changeOverlays { $0.removeValue(forKey: path) }
  }

  private nonisolated func changeOverlays(_ change: (inout [String: BufferSegment]) -> Void) {
    let observer = published.withLock { published in
      change(&published.overlays)
      published.overlay()
      return published.observer
    }
    observer?()
  }

  /// Open buffers about which the rules, or what stands on disk, now say otherwise than when they were set: set them
  /// anew.
  ///
  /// - Parameter rulesChanged: whether to read the ignore files again.
  public nonisolated func reconsideredOverlays(rulesChanged: Bool) -> [String] {
    let overlays = published.withLock { $0.overlays }
    if overlays.isEmpty { return [] }
    if rulesChanged { overlayRules.invalidate() }
    return overlays.filter { admits($0.key) != $0.value.isAdmitted }.map(\.key)
  }

  private nonisolated func admits(_ path: String) -> Bool {
    if case .other = EntryKind(of: path, in: root) { return false }
    // What is indexed from disk may be tracked by git in spite of the rules.
    if isExempt(path) { return true }
    return overlayRules.skipReason(relativePath: path, isDirectory: false) == nil
  }
}

extension WorkspaceIndex.Published {
  /// Brings what is searched up to date with what is stored and what is open, and with the vectors that serve.
  mutating func overlay() {
    let plain = base.overlaid(overlays.mapValues(\.segment))
    snapshot = space?.served(plain.parts).map { plain.serving($0) } ?? plain
  }
}

internal import Synchronization
internal import Workspace

/// The vectors of remote embedders beside the index.
extension WorkspaceIndex {
  /// Makes the vectors of a space decide what is near, from the next snapshot on; nil for those of the segments. Call it
  /// again when vectors have come.
  nonisolated func serve(_ space: SpaceVectors?) {
    published.withLock { published in
      published.space = space
      published.overlay()
    }
  }

  /// Has someone told whenever what is searched has changed, on any thread.
  nonisolated func observe(_ observer: (@Sendable () -> Void)?) {
    published.withLock { $0.observer = observer }
  }

  /// The text of a live file as it was indexed, unless it has changed since: of the open buffer whose segment it is, or on
  /// disk. Blocks on the disk.
  nonisolated func text(of file: IndexedFile, in segment: Segment) -> [UInt8]? {
    if let buffer = published.withLock({ $0.overlays[file.path] }), buffer.segment === segment { return buffer.text }
    guard case .file = EntryKind(of: file.path, in: root),
      let content = try? FileReader.read(root.appending(file.path), limit: options.maximumFileSize)
    else { return nil }
    return TextDecoder.decode(content.bytes)
  }
}

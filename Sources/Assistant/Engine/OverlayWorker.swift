internal import SQLiteKit
internal import SearchIndex
internal import Workspace

/// Indexes open buffers, one after another, on a thread of its own: a large one takes a while, and neither the threads
/// that all tasks share nor the engine's other requests should wait for it.
actor OverlayWorker {
  private let executor = BlockingExecutor(label: "overlays")
  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Makes the text that a buffer has by now count, or the file if it is no longer open: calls of several may come
  /// here in another order than theirs.
  func show(_ uri: String, of overlays: OverlayStore, at path: String, in index: WorkspaceIndex) {
    if let overlay = overlays.overlay(for: uri) {
      index.setOverlay(path: path, text: overlay.text.bytes)
    } else {
      index.removeOverlay(path: path)
    }
  }

  /// Makes the file count again.
  func hide(_ path: String, in index: WorkspaceIndex) {
    index.removeOverlay(path: path)
  }

  /// The buffers that were indexed and should not be any more, or the other way round.
  func reconsidered(in index: WorkspaceIndex, rulesChanged: Bool) -> [String] {
    index.reconsideredOverlays(rulesChanged: rulesChanged)
  }
}

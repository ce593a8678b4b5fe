import Synchronization

/// The text of one open buffer, which stands in place of the file on disk.
public struct Overlay: Sendable {
  /// The document's URI in canonical spelling (`FileURI.canonical`).
  public let uri: String
  /// LSP's language identifier, if the editor gave one.
  public let languageId: String?
  /// The editor's version number of the text.
  public let version: Int?
  /// The text, with line index and content hash.
  public let text: SourceText
  /// The store's revision at which this text came in.
  public let revision: UInt64

  /// The path, for `file:` documents.
  public var fileURI: FileURI? { FileURI(uri) }
}

/// All open buffers at one moment.
public struct OverlaySnapshot: Sendable {
  /// The store's revision: it grows with every change of any buffer.
  public let revision: UInt64
  /// Buffers by canonical URI.
  public let overlays: [String: Overlay]

  /// The buffer open for `uri`, in whatever spelling.
  public subscript(uri: String) -> Overlay? { overlays[FileURI.canonical(uri)] }

  /// The buffer open for a file.
  public subscript(file: FileURI) -> Overlay? { overlays[file.description] }
}

/// The texts of the open buffers; every method may be called from any thread and holds no lock while it copies text.
public final class OverlayStore: Sendable {
  private struct State {
    var revision: UInt64 = 0
    var overlays: [String: Overlay] = [:]
  }

  private let state = Mutex(State())

  /// Makes an empty store.
  public init() {}

  /// The current revision; 0 until something was opened.
  public var revision: UInt64 { state.withLock { $0.revision } }

  /// Sets the text of a buffer, opening it if need be.
  ///
  /// A `nil` language keeps the one given before. Returns the overlay as stored.
  @discardableResult
  public func set(_ uri: String, text: SourceText, languageId: String? = nil, version: Int? = nil) -> Overlay {
    let key = FileURI.canonical(uri)
    return state.withLock { state in
      state.revision += 1
      let overlay = Overlay(
        uri: key, languageId: languageId ?? state.overlays[key]?.languageId, version: version, text: text,
        revision: state.revision)
      state.overlays[key] = overlay
      return overlay
    }
  }

  /// Forgets a buffer and returns what it held; nil if it was not open.
  @discardableResult
  public func close(_ uri: String) -> Overlay? {
    let key = FileURI.canonical(uri)
    return state.withLock { state in
      guard let overlay = state.overlays.removeValue(forKey: key) else { return nil }
      state.revision += 1
      return overlay
    }
  }

  /// The buffer open for `uri`, in whatever spelling.
  public func overlay(for uri: String) -> Overlay? {
    let key = FileURI.canonical(uri)
    return state.withLock { $0.overlays[key] }
  }

  /// The buffer open for a file.
  public func overlay(for file: FileURI) -> Overlay? {
    let key = file.description
    return state.withLock { $0.overlays[key] }
  }

  /// All open buffers at this moment; later changes do not show in it.
  public func snapshot() -> OverlaySnapshot {
    state.withLock { OverlaySnapshot(revision: $0.revision, overlays: $0.overlays) }
  }
}

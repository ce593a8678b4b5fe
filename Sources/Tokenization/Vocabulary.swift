import CBytePairs
import CEmbeddedData
import Synchronization

/// An encoding in the packed file, which lies in the binary, and the workspaces of those who count with it.
final class Vocabulary: @unchecked Sendable {
  // Sendable: what `encoding` points to is written in `init` only, and it points into constant data of the binary;
  // workspaces are handed out under the mutex, each to one caller at a time.

  let encoding: UnsafePointer<cbp_encoding>

  /// Workspaces that nobody uses. Each remembers what pieces count and has up to 5 MB, mostly less than 1.
  private let idle = Mutex<[Workspace]>([])

  private struct Workspace: @unchecked Sendable {
    // Sendable: owned by whoever holds it; `idle` holds each once.
    let pointer: OpaquePointer
  }

  /// As many as may lie idle; more are made when more threads count at once.
  private static let maxIdle = 4

  init(_ name: BytePairEncoding.Name) {
    let blob = cicerone_vocabularies()
    let encoding = UnsafeMutablePointer<cbp_encoding>.allocate(capacity: 1)
    // Part of the program, like its code; a test holds it against the published vocabularies.
    let isOpen = cbp_open(blob.bytes, blob.count, name == .o200k ? 0 : 1, encoding)
    precondition(isOpen, "The vocabularies in the program are damaged.")
    self.encoding = UnsafePointer(encoding)
  }

  deinit {
    encoding.deallocate()
    idle.withLock { for workspace in $0 { cbp_workspace_destroy(workspace.pointer) } }
  }

  private func withWorkspace<Result>(_ body: (OpaquePointer) -> Result) -> Result {
    let workspace = idle.withLock { $0.popLast() } ?? Workspace(pointer: cbp_workspace_create())
    let result = body(workspace.pointer)
    let isKept = idle.withLock { idle in
      guard idle.count < Self.maxIdle else { return false }
      idle.append(workspace)
      return true
    }
    if !isKept { cbp_workspace_destroy(workspace.pointer) }
    return result
  }

  /// The bytes are valid UTF-8.
  func count(_ utf8: UnsafeBufferPointer<UInt8>) -> Int {
    guard let base = utf8.baseAddress, !utf8.isEmpty else { return 0 }
    return withWorkspace { cbp_count(encoding, $0, base, utf8.count) }
  }

  /// The bytes are valid UTF-8.
  func encode(_ utf8: UnsafeBufferPointer<UInt8>) -> [Int32] {
    guard let base = utf8.baseAddress, !utf8.isEmpty else { return [] }
    return withWorkspace { workspace in
      // Counting first takes less than memory for as many tokens as there are bytes.
      let expected = cbp_count(encoding, workspace, base, utf8.count)
      return [Int32](unsafeUninitializedCapacity: expected) { tokens, count in
        guard let target = tokens.baseAddress else { return }
        count = cbp_encode(encoding, workspace, base, utf8.count, target)
      }
    }
  }

  /// Where to cut so that about as many tokens as allowed stand before: after whole pieces, and then inside the next one
  /// between two of its characters. The bytes are valid UTF-8.
  func end(of utf8: UnsafeBufferPointer<UInt8>, maxTokens: Int) -> Int {
    guard let base = utf8.baseAddress, !utf8.isEmpty else { return 0 }
    return withWorkspace { workspace in
      var taken = 0
      let tokens = cbp_count_limited(encoding, workspace, base, utf8.count, maxTokens, &taken)
      guard taken < utf8.count else { return taken }
      // Of a piece, the more characters the more tokens, nearly always: so half of what is in question is tried.
      var fits = taken
      var exceeds = cbp_piece_end(encoding, base, utf8.count, taken)
      while true {
        let middle = Self.characterStart(utf8, fits + (exceeds - fits) / 2)
        let candidate = middle > fits ? middle : Self.nextCharacter(utf8, after: fits)
        guard candidate < exceeds else { return fits }
        let more = cbp_count_piece(encoding, workspace, base + taken, candidate - taken)
        if more <= maxTokens - tokens { fits = candidate } else { exceeds = candidate }
      }
    }
  }

  /// Where the character begins that this byte belongs to.
  private static func characterStart(_ utf8: UnsafeBufferPointer<UInt8>, _ index: Int) -> Int {
    var index = index
    while index > 0, utf8[index] & 0xC0 == 0x80 { index -= 1 }
    return index
  }

  private static func nextCharacter(_ utf8: UnsafeBufferPointer<UInt8>, after index: Int) -> Int {
    var index = index + 1
    while index < utf8.count, utf8[index] & 0xC0 == 0x80 { index += 1 }
    return index
  }
}

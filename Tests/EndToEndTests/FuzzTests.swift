import Foundation
import SeededInput
import Testing

/// The server against clients that are broken or mean.
@Suite(.serialized) struct FuzzTests {
  /// `CICERONE_FUZZ_FRAMES` sets how many frames are sent, `CICERONE_FUZZ_SEED` which.
  @Test func afterHostileFramesTheNextRequestIsAnswered() async throws {
    let variables = ProcessInfo.processInfo.environment
    let count = variables["CICERONE_FUZZ_FRAMES"].flatMap(Int.init) ?? 5_000
    let scratch = try Scratch()
    try SampleWorkspace.write(to: scratch)
    let editor = try await Editor.open(scratch)
    try await editor.synchronize()
    var frames = HostileFrames(seed: variables["CICERONE_FUZZ_SEED"].flatMap(UInt64.init) ?? 7)
    var sent = 0
    while sent < count {
      var bytes: [UInt8] = []
      for _ in 0..<min(500, count - sent) { bytes += frames.next() }
      sent += 500
      editor.child.send(bytes)
      // Whatever state the stream is in: a good frame behind garbage is found, and its answer is right.
      #expect(try await editor.paths("crlfword") == ["windows/Registry.cs"])
    }
    #expect(try await editor.shutDown() == .exited(0))
  }

  /// Bytes without any form, and a good request at the end of them.
  @Test func noiseIsPassedOver() async throws {
    let scratch = try Scratch()
    try SampleWorkspace.write(to: scratch)
    let editor = try await Editor.open(scratch)
    try await editor.synchronize()
    var generator = SeededGenerator(seed: 3)
    for _ in 0..<50 {
      let length = Int.random(in: 1...20_000, using: &generator)
      editor.child.send((0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) })
      #expect(try await editor.request("rag/status")["result"] != nil)
    }
    #expect(try await editor.shutDown() == .exited(0))
  }
}

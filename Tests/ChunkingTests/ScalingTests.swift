import Chunking
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Time in proportion to the length, whatever the text: eight times the text may not take thirty times the work.
///
/// Compares the processor time of this thread for two lengths, so that a busy machine makes no difference.
@Suite(.serialized) struct ScalingTests {
  private func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private func cost(_ piece: String, bytes: Int, language: Language) -> Double {
    let text = Array(String(repeating: piece, count: max(1, bytes / piece.utf8.count)).utf8)
    let start = processorTime()
    let passages = Chunker().chunk(text, language: language).passages
    let end = processorTime()
    #expect(!passages.isEmpty)
    return end - start
  }

  @Test(arguments: Language.all.map(\.id))
  func timeIsLinear(id: String) throws {
    let language = try #require(Language(id: id))
    for piece in [
      "class A {", "struct A { f(", "%w(", "qw(", "~s(", "[x|", "/[a", "a{", "type (\n", "return class A<", "a!(",
      "x = 1;",
    ] {
      let large = cost(piece, bytes: 48_000, language: language)
      // What is quick is quick enough, and too little to compare.
      guard large > 0.25 else { continue }
      let small = cost(piece, bytes: 6_000, language: language)
      #expect(large < 30 * small, "\(id): \(piece)")
    }
  }
}

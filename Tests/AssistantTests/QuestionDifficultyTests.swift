import Testing

@testable import Assistant

@Suite struct QuestionDifficultyTests {
  func difficulty(_ question: String, isFollowUp: Bool = false) -> Double {
    QuestionDifficulty.of(question, evidence: [], isFollowUp: isFollowUp)
  }

  @Test func questionsAreOrderedByWhatTheyAskFor() {
    let ordered = [
      "where is the parser?", "what is a segment?", "list the error classes", "how does the retry loop work?",
      "why does the writer hold the lease?",
    ].map { difficulty($0) }
    #expect(ordered == ordered.sorted())
    #expect(Set(ordered).count == ordered.count)
  }

  @Test func moreAtOnceIsHarder() {
    let one = difficulty("how does the cache work?")
    #expect(difficulty("how does the cache work, and how does it differ between readers and writers? and why?") > one)
    #expect(difficulty("how does the cache work?", isFollowUp: true) > one)
  }

  @Test(arguments: ["", "?????????????", String(repeating: "and why? ", count: 1_000), "世界はどこ"])
  func staysWithinBounds(_ question: String) {
    #expect((0...1).contains(difficulty(question)))
  }
}

import SeededInput
import Testing

@testable import SearchIndex

struct PostingsTests {
  @Test(arguments: UInt64(1)...6)
  func agreesWithADictionary(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    // Few terms, many terms, and such as fall into one slot of the table.
    let terms: [Term] = (0..<(seed % 2 == 0 ? 30 : 20_000)).map { number in
      seed % 3 == 0 ? UInt64(number) << 40 : generator.next()
    }
    var model: [Term: [(document: UInt32, frequency: Float)]] = [:]
    var builder = PostingsBuilder()
    for document in 0..<UInt32(60) {
      var counts: [Term: Float] = [:]
      for _ in 0..<Int.random(in: 0...800, using: &generator) {
        guard let term = terms.randomElement(using: &generator) else { continue }
        let weight = Float(Int.random(in: 1...6, using: &generator)) / 2
        builder.add(term, weight: weight)
        counts[term, default: 0] += weight
      }
      builder.endDocument { UInt16($0 * 2) }
      for (term, frequency) in counts { model[term, default: []].append((document, frequency)) }
    }
    let postings = builder.build()
    #expect(postings.terms == model.keys.sorted())
    for (term, expected) in model {
      let range = postings.range(of: term)
      #expect(postings.documents[range].elementsEqual(expected.map(\.document)))
      #expect(postings.impacts[range].elementsEqual(expected.map { UInt16($0.frequency * 2) }))
    }
    for _ in 0..<200 {
      let term = generator.next()
      if model[term] == nil { #expect(postings.range(of: term).isEmpty) }
    }
  }

  @Test func termsOfADocumentWithoutAnEndDoNotCount() {
    var builder = PostingsBuilder()
    builder.add(1, weight: 1)
    builder.endDocument { _ in 7 }
    builder.add(2, weight: 1)
    let postings = builder.build()
    #expect(postings.documents == [0])
    #expect(postings.range(of: 2).isEmpty)
  }

  @Test func oneSegmentAfterAnother() {
    var builder = PostingsBuilder()
    let first = builder.ordinal(of: 5)
    builder.add(ordinal: first, weight: 2)
    builder.add(9, weight: 1)
    builder.endDocument { UInt16($0) }
    builder.add(9, weight: 1)
    #expect(builder.build().terms == [5, 9])
    // The terms are known, but nothing of the first segment is in the second, not even what was not ended.
    #expect(builder.ordinal(of: 5) == first)
    builder.add(7, weight: 3)
    builder.endDocument { UInt16($0) }
    builder.add(ordinal: first, weight: 4)
    builder.endDocument { UInt16($0) }
    let second = builder.build()
    #expect(second.terms == [5, 7] && second.documents == [1, 0] && second.impacts == [4, 3])
    builder.removeTerms()
    #expect(builder.termCount == 0)
    builder.add(5, weight: 1)
    builder.endDocument { UInt16($0) }
    let third = builder.build()
    #expect(third.terms == [5] && third.documents == [0] && third.impacts == [1])
  }

  @Test func emptyPostingsHaveNothing() {
    #expect(Postings().range(of: 5).isEmpty)
    var builder = PostingsBuilder()
    #expect(builder.build().range(of: 0).isEmpty)
  }

  @Test func impactsGrowWithFrequencyAndFallWithLength() {
    #expect(BM25.impact(frequency: 2, length: 100) > BM25.impact(frequency: 1, length: 100))
    #expect(BM25.impact(frequency: 2, length: 50) > BM25.impact(frequency: 2, length: 500))
    // At most k1 + 1, whatever the text.
    #expect(Float(BM25.impact(frequency: 1e9, length: 0)) <= Postings.impactUnit * (BM25.k1 + 1))
    #expect(BM25.inverseDocumentFrequency(count: 1, total: 100) > BM25.inverseDocumentFrequency(count: 50, total: 100))
    #expect(BM25.inverseDocumentFrequency(count: 10, total: 0) > 0)
  }
}

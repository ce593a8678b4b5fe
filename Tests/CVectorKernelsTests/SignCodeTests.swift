import CVectorKernels
import Testing

/// The sign codes and the selection: every variant gives the same bits.
struct SignCodeTests {
  private let variants = VariantTests.variants

  private func codes(_ count: Int) -> [Int8] {
    (0..<count).map { _ in
      switch Int.random(in: 0..<5) {
      case 0: 127
      case 1: -127
      case 2: 0
      default: Int8.random(in: -127...127)
      }
    }
  }

  @Test(arguments: [64, 128, 256, 4096], [0, 1, 63, 64, 65])
  func encodingsAndScansAgree(dimensions: Int, count: Int) {
    let rows = codes(count * dimensions)
    let scales = (0..<count).map { $0 == 5 ? 0 : Float.random(in: 0.0001...0.01) }
    let query = codes(dimensions)
    let padded = cvk_sign_factors(count)
    let size = cvk_sign_bytes(count, dimensions)
    #expect(padded % Int(CVK_BLOCK) == 0 && padded >= count && size == padded * dimensions / 8)
    var expectedCodes = [UInt8](repeating: 7, count: size)
    var expectedFactors = [Float](repeating: .nan, count: padded)
    cvk_sign_encode_variant(CVK_PORTABLE, rows, scales, count, dimensions, &expectedCodes, &expectedFactors)
    #expect(expectedFactors[count...].allSatisfy { $0 == 0 })
    for row in 0..<count {
      let place = row / 64 * 64 * (dimensions / 8) + row % 64
      for d in 0..<dimensions {
        let bit = expectedCodes[place + d / 8 * 64] >> UInt8(d % 8) & 1
        #expect((bit == 1) == (rows[row * dimensions + d] >= 0))
      }
    }
    var tables = [UInt8](repeating: 0, count: 4 * dimensions)
    var step: Float = 0
    var bias: Float = 0
    cvk_sign_tables(query, 0.01, dimensions, &tables, &step, &bias)
    let highest = stride(from: 0, to: tables.count, by: 16).reduce(0) { $0 + Int(tables[$1..<$1 + 16].max() ?? 0) }
    #expect(tables.allSatisfy { $0 <= 127 } && highest <= 65535)
    var expected = [Float](repeating: .nan, count: padded)
    cvk_sign_scan_variant(
      CVK_PORTABLE, tables, step, bias, expectedCodes, expectedFactors, padded / 64, dimensions, &expected)
    for row in 0..<count {
      let product = (0..<dimensions).reduce(0) { sum, d in
        sum + (rows[row * dimensions + d] >= 0 ? Int(query[d]) : -Int(query[d]))
      }
      // Each of the tables' entries is off by half a step at most.
      let error = expectedFactors[row] * step * Float(dimensions / 4) * 0.51 + 1e-3
      #expect(abs(expected[row] - expectedFactors[row] * 0.01 * Float(product)) <= error)
    }
    for variant in variants {
      var codes = [UInt8](repeating: 9, count: size)
      var factors = [Float](repeating: .nan, count: padded)
      cvk_sign_encode_variant(variant, rows, scales, count, dimensions, &codes, &factors)
      #expect(codes == expectedCodes, "variant \(variant.rawValue)")
      #expect(factors == expectedFactors, "variant \(variant.rawValue)")
      var scores = [Float](repeating: .nan, count: padded)
      cvk_sign_scan_variant(variant, tables, step, bias, codes, factors, padded / 64, dimensions, &scores)
      #expect(scores == expected, "variant \(variant.rawValue)")
    }
  }

  /// Of its own vector a sign code says that the cosine is 1.
  @Test func factorsMakeTheEstimateUnbiased() {
    let values = (0..<256).map { _ in Float.random(in: -1...1) }
    var row = [Int8](repeating: 0, count: 256)
    let scale = cvk_quantise(values, 256, &row)
    var codes = [UInt8](repeating: 0, count: cvk_sign_bytes(1, 256))
    var factors = [Float](repeating: 0, count: cvk_sign_factors(1))
    cvk_sign_encode(row, [scale], 1, 256, &codes, &factors)
    var tables = [UInt8](repeating: 0, count: 1024)
    var step: Float = 0
    var bias: Float = 0
    cvk_sign_tables(row, scale, 256, &tables, &step, &bias)
    var scores = [Float](repeating: 0, count: 64)
    cvk_sign_scan(tables, step, bias, codes, factors, 1, 256, &scores)
    #expect(abs(scores[0] - 1) < 0.02)
  }

  @Test func aQueryOfZerosEstimatesNothing() {
    let query = [Int8](repeating: 0, count: 64)
    var tables = [UInt8](repeating: 1, count: 256)
    var step: Float = .nan
    var bias: Float = .nan
    cvk_sign_tables(query, 0, 64, &tables, &step, &bias)
    #expect(tables.allSatisfy { $0 == 0 } && step == 0 && bias == 0)
  }

  @Test(arguments: [0, 1, 7, 8, 15, 16, 17, 31, 1000])
  func selectionsAgree(count: Int) {
    for threshold: Int32 in [0, 1, 50, 99, .max] {
      let values = (0..<count).map { _ in Int.random(in: 0..<9) == 0 ? Int32.min : Int32.random(in: -5...100) }
      let expected = values.indices.filter { values[$0] > threshold }.map(UInt32.init)
      for variant in variants {
        var positions = [UInt32](repeating: 0, count: max(1, count))
        let found = cvk_select_above_variant(variant, values, count, threshold, &positions)
        #expect(Array(positions[..<found]) == expected, "variant \(variant.rawValue)")
      }
    }
  }

  @Test(arguments: [0, 1, 3, 4, 5, 300])
  func lookingUpGivesWhatAddingGives(count: Int) {
    for _ in 0..<20 {
      let documents = (0..<UInt32(1000)).shuffled().prefix(count).sorted()
      let impacts = documents.map { _ in UInt16.random(in: 0...UInt16.max) }
      let positions = (0..<UInt32(1000)).filter { _ in Int.random(in: 0..<4) == 0 }
      let before = (0..<1000).map { _ in UInt32.random(in: 0...UInt32.max) }
      var added = before
      cvk_add_postings(documents, impacts, count, 70_000, &added)
      var naive = before
      for (document, impact) in zip(documents, impacts) { naive[Int(document)] &+= 70_000 &* UInt32(impact) }
      #expect(added == naive)
      var found = before
      cvk_look_up_postings(documents, impacts, count, 70_000, positions, positions.count, &found)
      for index in 0..<1000 {
        #expect(found[index] == (positions.contains(UInt32(index)) ? added[index] : before[index]))
      }
    }
  }

  @Test(arguments: [1, 64, 1000])
  func orderingGivesEachPositionOnceAndLeavesNoBits(size: Int) {
    for count in [0, 1, 50, 3000] {
      var positions = (0..<count).map { _ in UInt32.random(in: 0..<UInt32(size)) }
      let expected = Set(positions).sorted()
      var bits = [UInt64](repeating: 0, count: (size + 63) / 64)
      let left = cvk_order_positions(&positions, count, &bits, size)
      #expect(Array(positions[..<left]) == expected)
      #expect(bits.allSatisfy { $0 == 0 })
    }
  }

  @Test(arguments: [UInt64(1), 2000, 1 << 20, 1 << 32])
  func sortingIsByTheUpperHalf(bound: UInt64) {
    for count in [0, 1, 2, 500] {
      var entries = (0..<count).map { _ in UInt64.random(in: 0..<bound) << 32 | UInt64.random(in: 0..<1 << 32) }
      let before = entries
      var spare = entries
      cvk_sort_upper(&entries, &spare, count)
      #expect(entries.map { $0 >> 32 } == before.map { $0 >> 32 }.sorted())
      #expect(entries.sorted() == before.sorted())
    }
  }

  @Test func collectingAndClearingFollowThePostings() {
    var sums: [UInt32] = [5, 0, 9, 7, 1]
    var positions = [UInt32](repeating: 0, count: 4)
    let found = cvk_collect_above([4, 2, 0, 3], 4, sums, 4, &positions)
    #expect(Array(positions[..<found]) == [2, 0, 3])
    cvk_clear_postings([2, 4], 2, &sums)
    #expect(sums == [5, 0, 0, 7, 0])
  }
}

import CVectorKernels
import Testing

/// Every variant that this processor can run gives what the portable one gives.
struct VariantTests {
  static let variants = [CVK_PORTABLE, CVK_AVX2, CVK_AVX512, CVK_NEON].filter { cvk_supports($0) != 0 }

  @Test(arguments: [64, 128, 256, 1024])
  func scansAgree(dimensions: Int) {
    var generator = SystemRandomNumberGenerator()
    let count = 37
    // The extremes are in, since there the 16-bit sums of some variants come closest to overflow.
    func codes(_ count: Int) -> [Int8] {
      (0..<count).map { _ in
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: 127
        case 1: -127
        default: Int8.random(in: -127...127, using: &generator)
        }
      }
    }
    let query = codes(dimensions)
    let rows = codes(count * dimensions)
    let scales = (0..<count).map { _ in Float.random(in: 0...0.01, using: &generator) }
    var expected = [Float](repeating: 0, count: count)
    cvk_scan_i8_variant(CVK_PORTABLE, query, 0.5, rows, scales, nil, count, dimensions, &expected)
    for variant in Self.variants {
      var scores = [Float](repeating: .nan, count: count)
      cvk_scan_i8_variant(variant, query, 0.5, rows, scales, nil, count, dimensions, &scores)
      #expect(scores == expected, "variant \(variant.rawValue)")
      let positions = (0..<UInt32(count)).shuffled(using: &generator) + [3, 3]
      var some = [Float](repeating: .nan, count: positions.count)
      cvk_scan_i8_variant(variant, query, 0.5, rows, scales, positions, positions.count, dimensions, &some)
      #expect(some == positions.map { expected[Int($0)] }, "variant \(variant.rawValue)")
    }
    let naive = (0..<count).map { row in
      0.5 * scales[row] * Float((0..<dimensions).reduce(0) { $0 + Int(query[$1]) * Int(rows[row * dimensions + $1]) })
    }
    for (left, right) in zip(expected, naive) { #expect(abs(left - right) <= 1e-5 * max(1, abs(right))) }
  }

  @Test func accumulationsAgree() {
    let row = (0..<256).map { Int8(truncatingIfNeeded: $0 &* 37 % 127) }
    var expected = (0..<256).map { Float($0) }
    cvk_accumulate_i8_variant(CVK_PORTABLE, &expected, row, 0.25, 256)
    #expect(expected[3] == 3 + 0.25 * Float(row[3]))
    for variant in Self.variants {
      var sums = (0..<256).map { Float($0) }
      cvk_accumulate_i8_variant(variant, &sums, row, 0.25, 256)
      for (left, right) in zip(sums, expected) { #expect(abs(left - right) < 1e-4) }
    }
  }

  @Test func quantisationNeverGivesMinus128AndSurvivesOddValues() {
    var codes = [Int8](repeating: 1, count: 64)
    var values = [Float](repeating: 0, count: 64)
    #expect(cvk_quantise(values, 64, &codes) == 0)
    #expect(codes.allSatisfy { $0 == 0 })
    values[0] = -3
    values[1] = 4
    let scale = cvk_quantise(values, 64, &codes)
    #expect(codes[1] == 127 && codes[0] == -95)
    #expect(abs(Float(codes[1]) * scale - 0.8) < 1e-4)
    values[2] = .infinity
    #expect(cvk_quantise(values, 64, &codes) == 0)
    values[2] = .nan
    _ = cvk_quantise(values, 64, &codes)
    #expect(codes.allSatisfy { $0 > -128 })
  }
}

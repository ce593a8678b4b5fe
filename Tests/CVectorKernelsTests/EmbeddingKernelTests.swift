import CVectorKernels
import Testing

/// The kernels of the embedder give what the plain ones give.
struct EmbeddingKernelTests {
  @Test(arguments: [64, 192, 256, 320])
  func sumsOfRowsAreThoseOfOneRowAfterAnother(dimensions: Int) {
    var generator = SystemRandomNumberGenerator()
    let rows = (0..<50 * dimensions).map { _ in Int8.random(in: -127...127, using: &generator) }
    for count in [1, 2, 3, 5, 40] {
      let numbers = (0..<count).map { _ in UInt32.random(in: 0..<50, using: &generator) }
      let weights = (0..<count).map { _ in Float.random(in: -2...2, using: &generator) }
      for variant in VariantTests.variants {
        var expected = [Float](repeating: 0, count: dimensions)
        for (number, weight) in zip(numbers, weights) {
          let row = Array(rows[Int(number) * dimensions..<(Int(number) + 1) * dimensions])
          cvk_accumulate_i8_variant(variant, &expected, row, weight, dimensions)
        }
        var sums = [Float](repeating: .nan, count: dimensions)
        cvk_sum_rows_i8_variant(variant, rows, numbers, weights, count, dimensions, &sums)
        // To the last bit, as long as both add in the same order.
        #expect(sums == expected, "variant \(variant.rawValue)")
      }
    }
  }

  @Test func sumsOfNoRowsAreZero() {
    for variant in VariantTests.variants {
      var sums = [Float](repeating: .nan, count: 256)
      cvk_sum_rows_i8_variant(variant, [Int8](repeating: 1, count: 256), [0], [1], 0, 256, &sums)
      #expect(sums.allSatisfy { $0 == 0 })
    }
  }

  @Test(arguments: [64, 256])
  func quantisationsAgree(dimensions: Int) {
    var generator = SystemRandomNumberGenerator()
    var inputs: [[Float]] = (0..<200).map { _ in
      let size = Float.random(in: 1e-6...1e6, using: &generator)
      return (0..<dimensions).map { _ in Float.random(in: -size...size, using: &generator) }
    }
    // Halves, which round to even; the lone largest at each place; numbers that are none.
    inputs.append((0..<dimensions).map { Float($0 % 255) - 127 + ($0 % 2 == 0 ? 0.5 : 0) })
    for place in 0..<dimensions {
      var values = [Float](repeating: 0.25, count: dimensions)
      values[place] = -9
      inputs.append(values)
      values[place] = .nan
      inputs.append(values)
      values[place] = -.infinity
      inputs.append(values)
    }
    for values in inputs {
      var expected = [Int8](repeating: 1, count: dimensions)
      let scale = cvk_quantise_variant(CVK_PORTABLE, values, dimensions, &expected)
      for variant in VariantTests.variants {
        var codes = [Int8](repeating: 2, count: dimensions)
        let other = cvk_quantise_variant(variant, values, dimensions, &codes)
        #expect(codes == expected, "variant \(variant.rawValue)")
        #expect(abs(other - scale) <= scale * 2e-7)
      }
    }
  }
}

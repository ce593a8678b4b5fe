import Foundation
import SeededInput
import Testing

@testable import Tokenization

/// What is learned from reported usage.
struct TokenCalibrationTests {
  /// Ratios that models could have, request by request.
  enum Shape: String, CaseIterable, Sendable {
    case constant, even, skewed, twoKinds, drifting, outliers

    func ratio(_ index: Int, _ generator: inout SeededGenerator) -> Double {
      let unit = Double.random(in: 0..<1, using: &generator)
      switch self {
      case .constant: return 1.3
      case .even: return 0.9 + 0.6 * unit
      case .skewed: return 1 - 0.2 * Foundation.log(1 - unit)
      case .twoKinds: return unit < 0.2 ? 2.1 : 1.1
      case .drifting: return 1.1 + 0.4 * sin(Double(index) / 400) + 0.1 * unit
      case .outliers: return unit < 0.002 ? 15 : 1.2 + 0.1 * unit
      }
    }
  }

  /// The promise of the quantile does not depend on how ratios are spread. Repeated with eight seeds.
  @Test(arguments: Shape.allCases)
  func highHoldsForTheStatedShare(shape: Shape) {
    for seed in UInt64(1)...8 {
      var generator = SeededGenerator(seed: seed)
      var calibration = TokenCalibration()
      var above = 0
      var asked = 0
      for index in 0..<6_000 {
        let counted = Int.random(in: 500...60_000, using: &generator)
        let reported = Int((Double(counted) * shape.ratio(index, &generator)).rounded())
        let estimate = calibration.estimate(counted, model: "m")
        #expect(estimate.high >= estimate.expected && estimate.expected > 0)
        if estimate.isReliable {
          asked += 1
          if reported > estimate.high { above += 1 }
        }
        let isLearned = calibration.learn(model: "m", counted: counted, reported: reported)
        #expect(isLearned)
      }
      // The promise is for the long run; what remains is what finding the margin takes.
      let share = Double(above) / Double(asked)
      #expect(share <= 1 - TokenCalibration.quantile + 0.006, "\(shape) \(seed): \(share)")
    }
  }

  @Test(arguments: [0.3, 0.8, 1.0, 1.35, 2.2, 6])
  func expectedComesNearTheMean(ratio: Double) {
    var generator = SeededGenerator(seed: 9)
    var calibration = TokenCalibration()
    for _ in 0..<200 {
      let reported = 10_000 * ratio * Double.random(in: 0.95...1.05, using: &generator)
      calibration.learn(model: "m", counted: 10_000, reported: Int(reported))
    }
    let estimate = calibration.estimate(10_000, model: "m")
    #expect(abs(Double(estimate.expected) / 10_000 / ratio - 1) < 0.03)
    #expect(Double(estimate.high) / 10_000 / ratio < 1.4)
    #expect(estimate.samples == 200)
  }

  /// A wild report, such as of a cached conversation that was not counted, hardly moves what was learned.
  @Test func oneOutlierChangesLittle() {
    var calibration = TokenCalibration()
    var generator = SeededGenerator(seed: 10)
    for _ in 0..<300 {
      let reported = Int.random(in: 12_000...13_000, using: &generator)
      calibration.learn(model: "m", counted: 10_000, reported: reported)
    }
    let before = calibration.estimate(10_000, model: "m")
    calibration.learn(model: "m", counted: 10_000, reported: 199_000)
    let after = calibration.estimate(10_000, model: "m")
    #expect(abs(after.expected - before.expected) < 200)
    #expect(after.high >= before.high && after.high < before.high + 1_000)
    // But one that stays is followed.
    for _ in 0..<200 { calibration.learn(model: "m", counted: 10_000, reported: 30_000) }
    #expect(abs(calibration.estimate(10_000, model: "m").expected - 30_000) < 300)
  }

  @Test func whatCannotBeIsNotLearned() {
    var calibration = TokenCalibration()
    for (counted, reported) in [
      (0, 10), (-5, 10), (63, 63), (1_000, 0), (1_000, -1), (1_000, 1_000_000), (100_000, 10), (.max, 1), (100, .max),
    ] {
      let isLearned = calibration.learn(model: "m", counted: counted, reported: reported)
      #expect(!isLearned, "\(counted) \(reported)")
    }
    #expect(calibration == TokenCalibration())
    #expect(calibration.estimate(0, model: "m").high == 0)
    #expect(calibration.estimate(-3, model: "m").expected == 0)
    #expect(calibration.estimate(.max, model: "m").high > 1 << 50)
    #expect(!calibration.estimate(100, model: "m").isReliable)
  }

  @Test func modelsAreBoundedAndTheOldestGo() {
    var calibration = TokenCalibration()
    for index in 0..<TokenCalibration.maxModels {
      calibration.learn(model: "m\(index)", counted: 1_000, reported: 1_500)
    }
    calibration.learn(model: "m0", counted: 1_000, reported: 1_500)
    calibration.learn(model: "new", counted: 1_000, reported: 1_500)
    #expect(calibration.knownModels.count == TokenCalibration.maxModels)
    #expect(calibration.estimate(1, model: "m0").samples == 2)
    #expect(calibration.estimate(1, model: "m1").samples == 0)
    calibration.forget(model: "m0")
    #expect(calibration.estimate(1, model: "m0").samples == 0)
  }

  @Test func isStoredAndRead() throws {
    var generator = SeededGenerator(seed: 11)
    var calibration = TokenCalibration()
    for _ in 0..<500 {
      let counted = Int.random(in: 100...9_000, using: &generator)
      calibration.learn(
        model: "m\(Int.random(in: 0..<20, using: &generator))", counted: counted,
        reported: counted * Int.random(in: 8...20, using: &generator) / 10)
    }
    let read = try JSONDecoder().decode(TokenCalibration.self, from: JSONEncoder().encode(calibration))
    for model in calibration.knownModels {
      #expect(read.estimate(10_000, model: model) == calibration.estimate(10_000, model: model))
    }
    // The order in which models go is kept.
    var (first, second) = (calibration, read)
    for index in 0..<TokenCalibration.maxModels - 10 {
      first.learn(model: "n\(index)", counted: 100, reported: 120)
      second.learn(model: "n\(index)", counted: 100, reported: 120)
    }
    #expect(Set(first.knownModels) == Set(second.knownModels))
  }

  @Test func storedNonsenseIsLeftOut() throws {
    let good = #"{"mean":1.5,"deviation":0.1,"margin":2,"samples":40,"learnedAt":7}"#
    let bad = [
      #"{"mean":-1,"deviation":0.1,"margin":2,"samples":40,"learnedAt":7}"#,
      #"{"mean":1e300,"deviation":0.1,"margin":2,"samples":40,"learnedAt":7}"#,
      #"{"mean":1,"deviation":-0.1,"margin":2,"samples":40,"learnedAt":7}"#,
      #"{"mean":1,"deviation":0.1,"margin":-2,"samples":40,"learnedAt":7}"#,
      #"{"mean":1,"deviation":0.1,"margin":2,"samples":-4,"learnedAt":7}"#,
    ]
    for (index, entry) in bad.enumerated() {
      let json = #"{"models":{"good":\#(good),"bad":\#(entry)}}"#
      let read = try JSONDecoder().decode(TokenCalibration.self, from: Data(json.utf8))
      #expect(Array(read.knownModels) == ["good"], "\(index)")
      #expect(read.estimate(100, model: "good") == .init(expected: 150, high: 170, samples: 40))
    }
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(TokenCalibration.self, from: Data(#"{"models":[]}"#.utf8))
    }
  }
}

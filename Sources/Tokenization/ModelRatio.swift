/// The ratio of a model's tokens to ours, estimated as reports come.
struct ModelRatio: Sendable, Hashable, Codable {
  /// What can be the ratio of two counts of one text: bytes against long tokens at the most.
  static let plausible = 0.05...20.0

  /// The weight of a report once there are many; the first ones weigh more.
  private static let weight = 0.05
  /// How fast the margin is steered, in deviations a report.
  private static let step = 0.5
  /// A report moves the mean as if it were at most this many deviations away.
  private static let clip = 4.0
  /// Below this share of the mean no deviation falls: reports are whole numbers of short texts, too.
  private static let leastDeviation = 0.005

  /// The mean. At first what models mostly need: somewhat more tokens than o200k_base.
  private(set) var mean = 1.2
  /// The mean deviation.
  private(set) var deviation = 0.3
  /// How many deviations the high estimate lies above the mean.
  private(set) var margin = 3.0
  /// How many reports there were.
  private(set) var samples = 0
  /// When the last report came, on the calibration's clock.
  var learnedAt = 0

  /// The ratio that `TokenCalibration.quantile` of all reports do not exceed.
  var high: Double { min(mean + margin * deviation, Self.plausible.upperBound) }

  /// Whether what was stored can be used.
  var isValid: Bool {
    Self.plausible.contains(mean) && (0...Self.plausible.upperBound).contains(deviation) && margin.isFinite
      && margin >= 0 && samples >= 0
  }

  mutating func learn(_ ratio: Double, clock: Int) {
    // Steered by what was foretold before this report is known. The steps balance when the share above is as promised.
    let isAbove = ratio > high
    margin += Self.step * (isAbove ? TokenCalibration.quantile : TokenCalibration.quantile - 1)
    margin = max(0, margin)
    // The guess at the start counts as one report.
    let weight = max(Self.weight, 1 / Double(samples + 2))
    let least = Self.leastDeviation * mean
    let limit = Self.clip * max(deviation, least)
    let distance = min(max(ratio - mean, -limit), limit)
    mean = min(max(mean + weight * distance, Self.plausible.lowerBound), Self.plausible.upperBound)
    deviation = max(deviation + weight * (abs(distance) - deviation), least)
    if samples < .max { samples += 1 }
    learnedAt = clock
  }
}

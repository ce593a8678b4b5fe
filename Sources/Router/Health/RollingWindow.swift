/// Requests and tokens of the last minute, in constant space.
///
/// Kept by whole seconds: what happened within a second counts until all of that second is more than a minute ago. So a
/// limit that holds here holds in every span of 60 seconds wherever it begins, at the price of a second's patience.
struct RollingWindow: Sendable {
  private static let seconds = 61

  private var requestsBySecond = [Int](repeating: 0, count: RollingWindow.seconds)
  private var tokensBySecond = [Int](repeating: 0, count: RollingWindow.seconds)
  private var second: Int64 = 0
  /// Requests that count now.
  private(set) var requests = 0
  /// Tokens that count now.
  private(set) var tokens = 0

  /// Lets go of what is a minute old. Time never runs backwards here.
  mutating func advance(to now: Duration) {
    let target = now.components.seconds
    guard target > second else { return }
    if target - second >= Int64(Self.seconds) {
      for index in 0..<Self.seconds {
        requestsBySecond[index] = 0
        tokensBySecond[index] = 0
      }
      (requests, tokens) = (0, 0)
    } else {
      for passed in (second + 1)...target {
        let index = Self.index(passed)
        requests -= requestsBySecond[index]
        tokens -= tokensBySecond[index]
        requestsBySecond[index] = 0
        tokensBySecond[index] = 0
      }
    }
    second = target
  }

  /// Notes a request of so many tokens, now. Returns what ``settle(_:by:)`` wants to know of it.
  mutating func add(tokens count: Int, at now: Duration) -> Int64 {
    advance(to: now)
    let index = Self.index(second)
    requestsBySecond[index] += 1
    tokensBySecond[index] += count
    requests += 1
    tokens += count
    return second
  }

  /// Corrects the tokens noted at `stamp`, if they still count.
  mutating func settle(_ stamp: Int64, by difference: Int) {
    guard second - stamp < Int64(Self.seconds) else { return }
    let index = Self.index(stamp)
    let change = max(difference, -tokensBySecond[index])
    tokensBySecond[index] += change
    tokens += change
  }

  /// Takes back a request noted at `stamp` that was never sent.
  mutating func takeBack(_ stamp: Int64) {
    guard second - stamp < Int64(Self.seconds) else { return }
    let index = Self.index(stamp)
    guard requestsBySecond[index] > 0 else { return }
    requestsBySecond[index] -= 1
    requests -= 1
  }

  /// When there is room for a request of `count` tokens under the limits, as of the last ``advance(to:)``; `nil` for
  /// now. A request that is larger than the limit by itself, which is an upper bound, has room in an empty window.
  func roomAt(tokens count: Int, rpm: Int?, tpm: Int?) -> Duration? {
    var (requests, tokens) = (requests, tokens)
    let count = min(count, tpm ?? count)
    func hasRoom() -> Bool {
      (rpm.map { requests < max(1, $0) } ?? true) && (tpm.map { tokens + count <= $0 || tokens == 0 } ?? true)
    }
    if hasRoom() { return nil }
    for passed in (second - Int64(Self.seconds) + 1)...second {
      let index = Self.index(passed)
      requests -= requestsBySecond[index]
      tokens -= tokensBySecond[index]
      if hasRoom() { return .seconds(passed + Int64(Self.seconds)) }
    }
    return .seconds(second + Int64(Self.seconds))
  }

  private static func index(_ second: Int64) -> Int {
    let index = Int(second % Int64(seconds))
    return index < 0 ? index + seconds : index
  }
}

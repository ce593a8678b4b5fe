import HTTPTransport

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What a response's headers say about trying again.
struct RetryAdvice: Equatable {
  /// How long to wait.
  var after: Duration?
  /// An explicit yes or no.
  var shouldRetry: Bool?

  /// Reads `retry-after-ms`, else `retry-after` (seconds with or without a fraction, an HTTP date, or `1m2.5s`), and
  /// `x-should-retry`. Where a status of 429 comes without these, the times at which limits are refilled stand in
  /// (``RateLimitReset``), bounded where they are no more than hints. `now` is in seconds since 1970. Values that make no sense (negative, not a number) are
  /// ignored; a date in the past means at once.
  init(_ headers: HTTPHeaders, now: Double, status: Int? = nil) {
    shouldRetry =
      switch headers["x-should-retry"]?.lowercased() {
      case "true": true
      case "false": false
      default: nil
      }
    after =
      RetryAdvice.duration(headers["retry-after-ms"].flatMap(Double.init).map { $0 / 1000 })
      ?? RetryAdvice.duration(headers["retry-after"].flatMap(Double.init))
      ?? RetryAdvice.duration(headers["retry-after"].flatMap(RateLimitReset.seconds))
      ?? headers["retry-after"].flatMap(RetryAdvice.secondsSince1970).map { .seconds(max(0, $0 - now)) }
    if after == nil, status == 429 { after = RetryAdvice.duration(RateLimitReset(headers).wait(now: now)) }
  }

  private static func duration(_ seconds: Double?) -> Duration? {
    guard let seconds, seconds.isFinite, seconds >= 0 else { return nil }
    return .milliseconds(Int64((min(seconds, 1e9) * 1000).rounded(.up)))
  }

  /// Reads `Sun, 06 Nov 1994 08:49:37 GMT`, the one form that servers may send.
  static func secondsSince1970(_ text: String) -> Double? {
    let words = text.split(separator: " ")
    guard words.count == 6, words[5] == "GMT", let day = Int(words[1]), (1...31).contains(day),
      let month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        .firstIndex(of: String(words[2])),
      let year = Int(words[3]), (1970...9999).contains(year)
    else { return nil }
    let clock = words[4].split(separator: ":").compactMap { Int($0) }
    guard clock.count == 3, (0..<24).contains(clock[0]), (0..<60).contains(clock[1]), (0...60).contains(clock[2])
    else { return nil }
    return Double(days(year, month, day) * 86400 + clock[0] * 3600 + clock[1] * 60 + clock[2])
  }

  /// Days since 1970, with months counted from 0.
  static func days(_ year: Int, _ month: Int, _ day: Int) -> Int {
    // Counting years from March the leap day comes last.
    let shifted = month < 2 ? year - 1 : year
    let monthFromMarch = (month + 10) % 12
    return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + (monthFromMarch * 153 + 2) / 5 + day - 1
      - 719_468
  }

  /// The time of day, in seconds since 1970.
  static var currentTime: Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

/// What one pass of the loop knows. Lives on the curl thread alone.
final class LoopPass {
  /// When the loop last looked at the clock: near enough for idle deadlines, and free.
  var now = ContinuousClock.now
  private var touched: [CurlExchange] = []

  /// Something arrived for an exchange.
  func note(_ exchange: CurlExchange) {
    // Pieces of one read follow each other; one that stands here twice is woken once.
    if touched.last !== exchange { touched.append(exchange) }
  }

  /// The exchanges for which something arrived since the last call.
  func takeTouched() -> [CurlExchange] {
    guard !touched.isEmpty else { return [] }
    defer { touched = [] }
    return touched
  }
}

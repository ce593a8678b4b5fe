import CurlTransport
import Foundation
import HTTPTransport
import Ledger
import SeededInput
import TestHTTPServer
import Testing

@testable import Providers

/// What holds for every format alike: see `ProviderFake` for how to add one.
struct ConformanceTests {
  static let pieces = ["It opens", " a \"file\"\n", "größe → 🙂", " and reads {\"it\": [1]}."]
  static let usage = TokenUsage(
    input: 120, cacheRead: 1800, cacheWrite5m: 40, cacheWrite1h: 7, output: 21, reasoning: 9, provenance: .provider)

  // MARK: Answers

  @Test(arguments: ProviderFake.all)
  func readsAnAnswerAtEverySplit(_ fake: ProviderFake) throws {
    let bytes = fake.answer(Self.pieces, usage: Self.usage)
    let expected =
      Self.pieces.map(ChatEvent.text) + [.usage(fake.conveyed(Self.usage)), .finished(.stop)]
    let whole = try fake.decode([bytes])
    #expect(whole.events == expected)
    #expect(whole.error == nil)
    #expect(try fake.decode(bytes.map { [$0] }).events == expected)
    for seed in 0..<40 {
      let (events, error) = try fake.decode(split(bytes, seed: UInt64(seed)))
      #expect(events == expected, "seed \(seed)")
      #expect(error == nil)
    }
  }

  @Test(arguments: ProviderFake.all)
  func cutsAtEveryByteAreNeverASuccessWithLessText(_ fake: ProviderFake) throws {
    let bytes = fake.answer(Self.pieces, usage: Self.usage)
    let whole = Self.pieces.joined()
    for end in 0..<bytes.count {
      let (events, error) = try fake.decode([Array(bytes[..<end])])
      #expect(whole.hasPrefix(events.text), "cut at \(end)")
      #expect(events.filter { if case .usage = $0 { true } else { false } }.count <= 1, "cut at \(end)")
      if error == nil {
        #expect(events.text == whole, "cut at \(end)")
        #expect(events.last == .finished(.stop), "cut at \(end)")
      } else {
        #expect(error?.kind == .truncated, "cut at \(end)")
        #expect(error?.mayBeCharged == true)
        #expect(events.finish == nil)
        #expect(events.text.isEmpty || events.usage != nil, "what was delivered is charged: cut at \(end)")
      }
    }
  }

  @Test(arguments: ProviderFake.all)
  func saysWhyItEnded(_ fake: ProviderFake) throws {
    for finish in fake.finishes {
      let (events, error) = try fake.decode([fake.answer(["a"], usage: Self.usage, finish: finish)])
      #expect(error == nil)
      #expect(events.finish == finish)
      #expect(events.text == "a")
    }
  }

  @Test(arguments: ProviderFake.all)
  func tellsThinkingFromTheAnswer(_ fake: ProviderFake) throws {
    guard let reasoning = fake.reasoning else { return }
    let bytes = fake.opening(nil) + reasoning("hm, ") + reasoning("well") + fake.text("a") + fake.closing(.stop, nil)
    let (events, error) = try fake.decode(bytes.map { [$0] })
    #expect(error == nil)
    #expect(events.reasoning == "hm, well")
    #expect(events.text == "a")
    #expect(events.usage?.reasoning ?? 0 > 0)
  }

  @Test(arguments: ProviderFake.all)
  func estimatesUsageThatIsMissing(_ fake: ProviderFake) throws {
    let (events, error) = try fake.decode([fake.answer(["abcdef", "ghi"], usage: nil)])
    #expect(error == nil)
    #expect(events.usage == TokenUsage(input: 10, output: 3, provenance: .estimated))
    #expect(events.finish == .stop)
  }

  @Test(arguments: ProviderFake.all)
  func anAnswerWithoutTextIsAnAnswer(_ fake: ProviderFake) throws {
    let (events, error) = try fake.decode([fake.answer([], usage: Self.usage)])
    #expect(error == nil)
    #expect(events == [.usage(fake.conveyed(Self.usage)), .finished(.stop)])
  }

  @Test(arguments: ProviderFake.all)
  func readsADocument(_ fake: ProviderFake) throws {
    guard let document = fake.document else { return }
    let bytes = document("größe → 🙂", Self.usage)
    let expected: [ChatEvent] = [.text("größe → 🙂"), .usage(fake.conveyed(Self.usage)), .finished(.stop)]
    #expect(try fake.decode([bytes]).events == expected)
    #expect(try fake.decode(bytes.map { [$0] }).events == expected)
    #expect(try fake.decode([Array(bytes.dropLast(2))]).error != nil)
  }

  @Test(arguments: ProviderFake.all)
  func chargesTheSame(_ fake: ProviderFake) throws {
    let simple = TokenUsage(input: 1000, output: 50, provenance: .provider)
    let price = Price.known(ModelPrice(base: .init(input: Money(picoUSD: 3), output: Money(picoUSD: 15))))
    let used = try #require(try fake.decode([fake.answer(["a"], usage: simple)]).events.usage)
    #expect(used == simple)
    #expect(try price.cost(of: used) == Money(picoUSD: 3750))
  }

  // MARK: Failures

  @Test(arguments: ProviderFake.all)
  func anErrorAfterTheFirstTokenEndsTheAnswer(_ fake: ProviderFake) throws {
    for failure in FakeFailure.allCases {
      guard let frame = fake.streamError(failure) else { continue }
      let bytes = fake.opening(Self.usage) + fake.text("abc") + frame + fake.text("never seen")
      for pieces in [[bytes], bytes.map { [$0] }] {
        let (events, error) = try fake.decode(pieces)
        #expect(error?.kind == failure.kind)
        #expect(error?.mayBeCharged == true)
        #expect(events.text == "abc")
        #expect(events.finish == nil)
        #expect(events.usage?.totalOutput ?? 0 > 0)
      }
      #expect(try fake.decode([frame]).error?.kind == failure.kind)
      #expect(try fake.decode([frame]).events.text.isEmpty)
    }
  }

  @Test(arguments: ProviderFake.all)
  func garbageIsNoAnswer(_ fake: ProviderFake) throws {
    #expect(try fake.decode([fake.garbage]).error?.code == "invalid_response")
    for text in ["", "\n", "<html>hello</html>", "null"] {
      let (events, error) = try fake.decode([Array(text.utf8)])
      #expect(error != nil, "\(text)")
      #expect(events.finish == nil)
    }
  }

  @Test(arguments: ProviderFake.all)
  func whatFollowsTheEndIsNotRead(_ fake: ProviderFake) throws {
    let bytes = fake.answer(["a"], usage: Self.usage)
    let (events, error) = try fake.decode([bytes, fake.text("late"), Array("nonsense".utf8)])
    #expect(error == nil)
    #expect(events.text == "a")
    #expect(events.last == .finished(.stop))
  }

  @Test(arguments: ProviderFake.all)
  func namesFailuresByTheirClass(_ fake: ProviderFake) async throws {
    for failure in FakeFailure.allCases {
      // Whatever the message says: it may echo the prompt, or the key.
      let message = "rate limit exceeded, insufficient_quota; key \(fake.secretText) is wrong"
      let response = fake.failure(failure, failure == .context ? "" : message)
      try await serve(fake) { _, connection in
        try connection.respond(response.status, response.headers, body: response.body)
      } _: { (server, provider) async throws in
        let (events, error) = await collect(provider, fake.request)
        #expect(error?.kind == failure.kind, "\(failure)")
        #expect(error?.status == response.status)
        #expect(events.isEmpty)
        #expect(error?.mayBeCharged == false)
        #expect(error.map { "\($0)".contains(fake.secretText) } == false)
      }
    }
  }

  @Test(
    arguments: ProviderFake.all,
    [
      ("retry-after", "2", Duration.seconds(2)), ("retry-after", "0.25", .milliseconds(250)),
      ("retry-after-ms", "1500.5", .milliseconds(1501)), ("retry-after", "0", .zero), ("retry-after", "-3", nil),
      ("retry-after", "99999", .seconds(99999)), ("Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT", .zero),
    ] as [(String, String, Duration?)])
  func readsHowLongToWait(_ fake: ProviderFake, _ header: (String, String, Duration?)) throws {
    let response = fake.failure(.rateLimit, "slow down")
    var headers = HTTPHeaders([:])
    for (name, value) in response.headers { headers.append(name: name, value: value) }
    headers.append(name: header.0, value: header.1)
    let exchange = fake.format.exchange(fake.request, at: try fake.endpoint("http://127.0.0.1:1"))
    let error = exchange.error(status: response.status, headers: headers, body: Array(response.body.utf8), now: 2e9)
    #expect(error.kind == .rateLimit)
    #expect(error.retryAfter == header.2)
  }

  // MARK: Over a real connection

  @Test(arguments: ProviderFake.all)
  func asksWithItsCredentialAndTheWholeQuestion(_ fake: ProviderFake) async throws {
    try await serve(fake) { _, connection in
      try connection.head(200, fake.headers)
      try connection.send(fake.answer(["a"], usage: Self.usage))
    } _: { (server, provider) async throws in
      var request = fake.request
      request.messages = [
        ChatMessage(.system, "Answer “briefly”."), ChatMessage(.user, "What?"), ChatMessage(.assistant, "That."),
        ChatMessage(.user, "Why \\ so\n?"),
      ]
      let (events, error) = await collect(provider, request)
      #expect(error == nil)
      #expect(events.text == "a")
      let sent = try #require(server.requests.first)
      #expect(fake.showsCredential(sent))
      #expect(sent.method == "POST")
      #expect(!sent.target.contains(fake.secretText))
      let body = String(decoding: sent.body, as: UTF8.self)
      var rest = body[...]
      for text in request.messages.dropFirst().map({ JSONTree.string($0.text).bytes }) {
        let found = rest.range(of: String(decoding: text, as: UTF8.self))
        #expect(found != nil, "missing or out of order")
        rest = rest[(found?.upperBound ?? rest.startIndex)...]
      }
      #expect(body.contains("Answer “briefly”."))
    }
  }

  @Test(arguments: ProviderFake.all)
  func survivesFragmentsAndFloods(_ fake: ProviderFake) async throws {
    let bytes = fake.answer(Self.pieces, usage: Self.usage)
    for pieces in [Array(repeating: 1, count: bytes.count), [], (0..<60).map { ($0 * 37) % 61 }] {
      try await serve(fake) { _, connection in
        try connection.head(200, fake.headers)
        try connection.send(bytes, pieces: pieces)
      } _: { (server, provider) async throws in
        let (events, error) = await collect(provider, fake.request)
        #expect(error == nil)
        #expect(events.text == Self.pieces.joined())
        #expect(events.usage == fake.conveyed(Self.usage))
      }
    }
  }

  @Test(arguments: ProviderFake.all)
  func keepAlivesOutlastTheIdleTimeout(_ fake: ProviderFake) async throws {
    guard let keepAlive = fake.keepAlive else { return }
    try await serve(fake) { _, connection in
      try connection.head(200, fake.headers)
      try connection.send(fake.opening(Self.usage))
      for _ in 0..<12 {
        try connection.send(keepAlive)
        usleep(100_000)
      }
      try connection.send(fake.text("late") + fake.closing(.stop, Self.usage))
    } _: { (server, provider) async throws in
      let (events, error) = await collect(provider, fake.request)
      #expect(error == nil)
      #expect(events.text == "late")
    }
  }

  @Test(arguments: ProviderFake.all)
  func aStallIsATimeoutAfterWhatCame(_ fake: ProviderFake) async throws {
    try await serve(fake) { _, connection in
      try connection.head(200, fake.headers)
      try connection.send(fake.opening(Self.usage) + fake.text("abc"))
      connection.waitForClose()
    } _: { (server, provider) async throws in
      let (events, error) = await collect(provider, fake.request)
      #expect(events.text == "abc")
      #expect(events.usage?.output ?? 0 > 0)
      #expect(error?.kind == .timeout)
      #expect(error?.mayBeCharged == true)
    }
  }

  @Test(arguments: ProviderFake.all)
  func aBrokenConnectionIsTruncatedAndCharged(_ fake: ProviderFake) async throws {
    try await serve(fake) { _, connection in
      try connection.head(200, fake.headers, length: 100_000)
      try connection.send(fake.opening(Self.usage) + fake.text("abc"))
      connection.finishNow()
    } _: { (server, provider) async throws in
      let (events, error) = await collect(provider, fake.request)
      #expect(events.text == "abc")
      #expect(events.usage?.output ?? 0 > 0)
      #expect(error?.kind == .truncated)
      #expect(error?.mayBeCharged == true)
    }
  }

  @Test(arguments: ProviderFake.all)
  func endsAtTheMarkerThoughTheServerKeepsTheStreamOpen(_ fake: ProviderFake) async throws {
    try await serve(fake) { _, connection in
      try connection.head(200, fake.headers)
      try connection.send(fake.answer(["a"], usage: Self.usage))
      connection.waitForClose()
    } _: { (server, provider) async throws in
      let (events, error) = await collect(provider, fake.request)
      #expect(error == nil)
      #expect(events.finish == .stop)
      #expect(try await isClosed(server))
    }
  }

  @Test(arguments: ProviderFake.all)
  func cancellingAfterSomeTokensClosesTheConnection(_ fake: ProviderFake) async throws {
    try await serve(fake) { _, connection in
      try connection.head(200, fake.headers)
      try connection.send(fake.opening(Self.usage))
      while true {
        try connection.send(fake.text("tok"))
        usleep(2000)
      }
    } _: { (server, provider) async throws in
      let (seen, signal) = AsyncStream<Void>.makeStream()
      let task = Task { () -> (ProviderError?, TokenUsage?) in
        var count = 0
        var usage: TokenUsage?
        do throws(ProviderError) {
          for try await event in try await provider.stream(fake.request) {
            if case .usage(let used) = event { usage = used }
            count += 1
            if count == 5 { signal.yield() }
          }
          return (nil, usage)
        } catch { return (error, usage) }
      }
      for await _ in seen { break }
      task.cancel()
      let (error, usage) = await task.value
      #expect(error?.kind == .cancelled)
      #expect(usage?.output ?? 0 > 0)
      #expect(try await isClosed(server))
    }
  }

  @Test(arguments: ProviderFake.all)
  func redirectsAreErrorsAndTheKeyStays(_ fake: ProviderFake) async throws {
    let other = try TestHTTPServer { _, connection in try connection.respond(200) }
    defer { other.stop() }
    let target = other.base
    try await serve(fake) { _, connection in
      try connection.respond(307, ["Location": target])
    } _: { (server, provider) async throws in
      #expect(await collect(provider, fake.request).1?.kind == .notFound)
      #expect(other.requests.isEmpty)
    }
  }

  // MARK: Means

  private func split(_ bytes: [UInt8], seed: UInt64) -> [[UInt8]] {
    var generator = SeededGenerator(seed: seed)
    var pieces: [[UInt8]] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = Int.random(in: 1...97, using: &generator)
      pieces.append(Array(rest.prefix(count)))
      rest = rest.dropFirst(count)
    }
    return pieces
  }

  private func serve(
    _ fake: ProviderFake, _ handler: @escaping TestHTTPServer.Handler,
    _ body: (TestHTTPServer, HTTPChatProvider) async throws -> Void
  ) async throws {
    let server = try TestHTTPServer(handler)
    let transport = CurlTransport()
    defer {
      transport.shutDown()
      server.stop()
    }
    try await body(
      server, HTTPChatProvider(try fake.endpoint(server.base), format: fake.format, transport: transport))
  }

  private func isClosed(_ server: TestHTTPServer) async throws -> Bool {
    for _ in 0..<1000 where !server.connections.allSatisfy(\.sawClose) {
      try await Task.sleep(for: .milliseconds(10))
    }
    return server.connections.allSatisfy(\.sawClose)
  }
}

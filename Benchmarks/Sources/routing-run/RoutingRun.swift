import CurlTransport
import Foundation
import HTTPTransport
import Ledger
import Providers
import Router
import Synchronization

/// Sends calls through the router to a fake server that writes into each chunk when it was sent, and says what they cost
/// this process.
///
/// `routing-run BASE --calls N --chunks N [--pause MICROSECONDS] [--concurrency N] [--warmup N] [--check]`
///
/// Prints one JSON object; `litellm_run.py` takes the same arguments and prints the same members. With `--check` each
/// piece of text is compared with what its stream was to get, and its time on the way is taken.
@main
struct RoutingRun {
  struct Failure: Error, CustomStringConvertible { var description: String }

  struct Output: Encodable {
    var calls: Int
    var chunks: Int
    /// User and system time of this process for all calls together, warming up left out.
    var cpuMicroseconds: Int
    var wallMicroseconds: Int
    /// From the server's clock in the payload to the piece of text here, in microseconds, ascending.
    var latencies: [Int]
    var peakMegabytes: Double
    /// Pieces that were missing, doubled or of another stream.
    var wrong: Int
  }

  static func main() async throws {
    var options: [String: Int] = [:]
    var isChecked = false
    var arguments = CommandLine.arguments.dropFirst()
    guard let base = arguments.popFirst() else { throw Failure(description: "BASE is missing") }
    while let option = arguments.popFirst() {
      if option == "--check" {
        isChecked = true
      } else if let value = arguments.popFirst().flatMap({ Int($0) }) {
        options[option] = value
      } else {
        throw Failure(description: "\(option) needs a number")
      }
    }
    let calls = options["--calls"] ?? 1
    let chunks = options["--chunks"] ?? 1
    let run = RoutingRun(
      router: try router(base, model: "fake-\(chunks)-\(options["--pause"] ?? 0)"), chunks: chunks, isChecked: isChecked
    )
    let concurrency = options["--concurrency"] ?? 1
    _ = try await run.all(calls: options["--warmup"] ?? 50, concurrency: concurrency)
    let start = (cpu: microseconds(CLOCK_PROCESS_CPUTIME_ID), wall: microseconds(CLOCK_MONOTONIC))
    let (latencies, wrong) = try await run.all(calls: calls, concurrency: concurrency)
    let output = Output(
      calls: calls, chunks: chunks, cpuMicroseconds: microseconds(CLOCK_PROCESS_CPUTIME_ID) - start.cpu,
      wallMicroseconds: microseconds(CLOCK_MONOTONIC) - start.wall, latencies: latencies.sorted(),
      peakMegabytes: peakMegabytes, wrong: wrong)
    try FileHandle.standardOutput.write(contentsOf: JSONEncoder().encode(output) + Data("\n".utf8))
  }

  let router: ModelRouter
  let chunks: Int
  let isChecked: Bool

  private static func router(_ base: String, model: String) throws -> ModelRouter {
    let endpoint = Endpoint(
      provider: "openai", base: try HTTPURL(base), credential: Secret("sk-benchmark").map(Credential.key) ?? .none)
    return ModelRouter(
      deployments: [Deployment(name: "fake", endpoint: endpoint, model: model)], transport: CurlTransport())
  }

  /// Makes `calls` calls, so many at a time; what their pieces took, and how many were wrong.
  private func all(calls: Int, concurrency: Int) async throws -> (latencies: [Int], wrong: Int) {
    let numbers = Numbers()
    return try await withThrowingTaskGroup(of: (latencies: [Int], wrong: Int).self) { group in
      for _ in 0..<concurrency {
        group.addTask {
          var result: (latencies: [Int], wrong: Int) = ([], 0)
          while true {
            let number = numbers.take()
            guard number < calls else { return result }
            try await call(number, &result)
          }
        }
      }
      return try await group.reduce(into: ([], 0)) { all, one in
        all.latencies += one.latencies
        all.wrong += one.wrong
      }
    }
  }

  private func call(_ number: Int, _ result: inout (latencies: [Int], wrong: Int)) async throws {
    let request = RoutedRequest(
      model: "fake",
      messages: [
        ChatMessage(.system, "Answer from the passages."),
        ChatMessage(.user, "What is <<\(number)>>? " + Self.passages),
      ],
      estimatedInputTokens: 600, maxOutputTokens: 100)
    var pieces = 0
    var isFinished = false
    for try await event in router.stream(request) {
      switch event {
      case .text(let text):
        if isChecked { check(text, of: number, piece: pieces, &result) }
        pieces += 1
      case .finished(let report): isFinished = report.finishReason == .stop && report.usage?.output == chunks
      default: break
      }
    }
    if pieces != chunks || !isFinished { result.wrong += 1 }
  }

  private func check(_ text: String, of call: Int, piece: Int, _ result: inout (latencies: [Int], wrong: Int)) {
    let arrival = microseconds(CLOCK_MONOTONIC)
    let fields = text.split(whereSeparator: { $0 == ":" || $0 == " " }).map { Int($0) }
    guard fields.count == 3, fields[0] == call, fields[1] == piece, let sent = fields[2] else {
      result.wrong += 1
      return
    }
    result.latencies.append(arrival - sent / 1000)
  }

  /// A prompt of ordinary length.
  private static let passages = String(repeating: "func passage(of line: Int) -> Text { store[line] }\n", count: 40)

  /// The most memory that was ever resident; 0 where there is no `/proc`.
  private static var peakMegabytes: Double {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Double($0) } ?? 0) * 1024 / 1e6
  }
}

/// Numbers from 0, each given once.
private final class Numbers: Sendable {
  private let next = Atomic(0)
  func take() -> Int { next.add(1, ordering: .relaxed).oldValue }
}

/// What a clock of the system shows.
private func microseconds(_ clock: clockid_t) -> Int {
  var time = timespec()
  clock_gettime(clock, &time)
  return Int(time.tv_sec) * 1_000_000 + Int(time.tv_nsec) / 1000
}

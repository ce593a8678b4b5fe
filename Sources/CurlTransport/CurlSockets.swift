import CCurl

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What libcurl waits for: its sockets and its timer. Lives on the curl thread alone.
///
/// libcurl can wait by itself, but then looks at every transfer, with a system call each, whenever one socket has
/// something: with many streams at once that is most of the work.
final class CurlSockets {
  /// What one socket has, in libcurl's flags.
  struct Event {
    var socket: curl_socket_t
    var flags: Int32
  }

  private let bell: Bell
  /// The bell's first, then one for each socket.
  private var polled: [pollfd]
  private var positions: [curl_socket_t: Int] = [:]
  /// When libcurl wants to be called even if no socket has anything.
  private(set) var timer: ContinuousClock.Instant?

  init(_ bell: Bell) {
    self.bell = bell
    polled = [pollfd(fd: bell.descriptor, events: Int16(POLLIN), revents: 0)]
  }

  /// Has `multi` say what it waits for. This value must live as long as `multi`.
  func attach(to multi: UnsafeMutableRawPointer) -> Bool {
    cicerone_curl_set_waiting(
      multi,
      { _, socket, what, context, _ in
        CurlSockets.of(context)?.watch(socket, what)
        return 0
      },
      { _, milliseconds, context in
        CurlSockets.of(context)?.setTimer(milliseconds)
        return 0
      }, Unmanaged.passUnretained(self).toOpaque()) == CURLM_OK
  }

  /// Waits until a socket has something, the bell rings or so many milliseconds have passed; fills `events`.
  func wait(milliseconds: Int32, _ events: inout [Event]) {
    events.removeAll(keepingCapacity: true)
    let count = polled.withUnsafeMutableBufferPointer { poll($0.baseAddress, nfds_t($0.count), milliseconds) }
    // Interrupted: the loop looks around and comes back.
    guard count > 0 else { return }
    if polled[0].revents != 0 { bell.silence() }
    for entry in polled.dropFirst() where entry.revents != 0 {
      events.append(Event(socket: entry.fd, flags: CurlSockets.flags(entry)))
    }
  }

  /// The timer is about to be served.
  func clearTimer() { timer = nil }

  private func setTimer(_ milliseconds: Int) {
    timer = milliseconds < 0 ? nil : ContinuousClock.now + .milliseconds(milliseconds)
  }

  private func watch(_ socket: curl_socket_t, _ what: Int32) {
    guard what != CURL_POLL_REMOVE else { return forget(socket) }
    var events: Int32 = 0
    if what & CURL_POLL_IN != 0 { events |= Int32(POLLIN) }
    if what & CURL_POLL_OUT != 0 { events |= Int32(POLLOUT) }
    if let position = positions[socket] {
      polled[position].events = Int16(events)
    } else {
      positions[socket] = polled.count
      polled.append(pollfd(fd: socket, events: Int16(events), revents: 0))
    }
  }

  private func forget(_ socket: curl_socket_t) {
    guard let position = positions.removeValue(forKey: socket) else { return }
    let last = polled.removeLast()
    guard position < polled.count else { return }
    polled[position] = last
    positions[last.fd] = position
  }

  /// Errors and hang-ups show when the socket is read or written: what arrived before them must not be lost.
  private static func flags(_ entry: pollfd) -> Int32 {
    let (wanted, got) = (Int32(entry.events), Int32(entry.revents))
    let broken = Int32(POLLERR) | Int32(POLLHUP)
    var flags: Int32 = 0
    if wanted & Int32(POLLIN) != 0, got & (Int32(POLLIN) | broken) != 0 { flags |= CURL_CSELECT_IN }
    if wanted & Int32(POLLOUT) != 0, got & (Int32(POLLOUT) | broken) != 0 { flags |= CURL_CSELECT_OUT }
    if got & Int32(POLLNVAL) != 0 { flags |= CURL_CSELECT_ERR }
    return flags
  }

  private static func of(_ context: UnsafeMutableRawPointer?) -> CurlSockets? {
    context.map { Unmanaged<CurlSockets>.fromOpaque($0).takeUnretainedValue() }
  }
}

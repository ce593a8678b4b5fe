import CCurl
import HTTPTransport
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Starts and joins the thread on which libcurl runs.
final class CurlThread: Sendable {
  private enum Life {
    case notStarted
    case running(pthread_t)
    case stopped
  }

  /// What the thread is given.
  private final class Context: Sendable {
    let configuration: CurlConfiguration
    let mailbox: CurlMailbox
    init(_ configuration: CurlConfiguration, _ mailbox: CurlMailbox) {
      self.configuration = configuration
      self.mailbox = mailbox
    }
  }

  let configuration: CurlConfiguration
  let mailbox = CurlMailbox()
  private let life = Mutex(Life.notStarted)

  /// Once for the process, and not on the caller's time: it sets up TLS.
  private static let isLibraryReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  init(_ configuration: CurlConfiguration) { self.configuration = configuration }

  /// Starts the thread on the first call.
  func startIfNeeded() {
    life.withLock { life in
      guard case .notStarted = life else { return }
      let context = Unmanaged.passRetained(Context(configuration, mailbox))
      #if canImport(Darwin)
        var thread: pthread_t?
      #else
        var thread = pthread_t()
      #endif
      let status = pthread_create(&thread, nil, CurlThread.main, context.toOpaque())
      #if canImport(Darwin)
        let started = thread
      #else
        let started = Optional(thread)
      #endif
      guard status == 0, let started else {
        context.release()
        CurlThread.refuse(mailbox.close())
        life = .stopped
        return
      }
      life = .running(started)
    }
  }

  /// Stops and joins the thread; further calls do nothing.
  func stop() {
    let running: pthread_t? = life.withLock { life in
      defer { life = .stopped }
      if case .running(let thread) = life { return thread }
      return nil
    }
    guard let running else {
      CurlThread.refuse(mailbox.close())
      return
    }
    mailbox.post(.stop)
    // The last reference can go on the curl thread itself, which cannot join itself.
    if pthread_equal(running, pthread_self()) != 0 {
      pthread_detach(running)
    } else {
      pthread_join(running, nil)
    }
  }

  private static func refuse(_ commands: [CurlCommand]) {
    for command in commands {
      if case .start(let exchange) = command { exchange.finish(.failure(.shutDown)) }
    }
  }

  #if canImport(Darwin)
    private static let main: @convention(c) (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? = {
      run(Unmanaged<Context>.fromOpaque($0).takeRetainedValue())
      return nil
    }
  #else
    private static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = {
      if let context = $0 { run(Unmanaged<Context>.fromOpaque(context).takeRetainedValue()) }
      return nil
    }
  #endif

  private static func run(_ context: Context) {
    // Signals are for the main thread; a closed socket must not raise SIGPIPE here, whatever the TLS library does.
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_BLOCK, &all, nil)
    guard isLibraryReady, let loop = CurlLoop(configuration: context.configuration, mailbox: context.mailbox) else {
      return refuse(context.mailbox.close())
    }
    loop.run()
  }
}

internal import Synchronization

/// The builders of several threads, kept from one batch of files to the next: what a builder knows of the words of a
/// workspace is worth keeping.
final class SegmentBuilders: Sendable {
  private final class Slot: Sendable {
    /// Made when it is first needed. The lock is free whenever it is taken, since a thread has a slot of its own.
    let builder = Mutex<SegmentBuilder?>(nil)
  }

  private let slots: [Slot]

  init(count: Int) { slots = (0..<max(1, count)).map { _ in Slot() } }

  /// How many there are.
  var count: Int { slots.count }

  /// Lends the builder with a number; whoever else wants it waits.
  func withBuilder(_ number: Int, _ body: (inout SegmentBuilder) -> Void) {
    slots[number].builder.withLock { slot in
      var builder = slot.take() ?? SegmentBuilder()
      body(&builder)
      slot = consume builder
    }
  }
}

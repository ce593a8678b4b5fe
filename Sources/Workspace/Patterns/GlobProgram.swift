/// A compiled path pattern: a nondeterministic automaton that is run with all its states at once.
///
/// Running takes time proportional to text × program, whatever the pattern: there is no backtracking to blow up.
struct GlobProgram: Sendable, Hashable {
  enum Instruction: Sendable, Hashable {
    /// One given byte.
    case byte(UInt8)
    /// Any one byte but `/`.
    case any
    /// One byte of a set; never `/`.
    case set(ByteSet)
    /// Any run of bytes without `/`, the empty one too.
    case star
    /// Any run of bytes.
    case globstar
    /// Nothing, or any run of bytes that ends with `/`.
    case directories
    /// Goes on here and at the given instruction.
    case split(Int)
    /// Goes on at the given instruction.
    case jump(Int)
    /// Matches nothing.
    case never
  }

  private(set) var instructions: [Instruction] = []
  /// For programs of up to 63 instructions: the states that are live once an instruction is reached.
  private var closures: [UInt64] = []

  init(_ instructions: [Instruction]) {
    self.instructions = instructions
    if instructions.count < 64 {
      closures = (0...instructions.count).map { start in
        var mask: UInt64 = 0
        reach(start) { mask |= 1 << UInt64($0) }
        return mask
      }
    }
  }

  /// Whether the program matches all of `text`, or, with `prefixAtSlash`, a beginning of it that ends before a `/`.
  func matches(_ text: UnsafeBufferPointer<UInt8>, prefixAtSlash: Bool = false) -> Bool {
    closures.isEmpty ? matchesLong(text, prefixAtSlash) : matchesShort(text, prefixAtSlash)
  }

  private func matchesShort(_ text: UnsafeBufferPointer<UInt8>, _ prefixAtSlash: Bool) -> Bool {
    let accept = UInt64(1) &<< UInt64(instructions.count)
    return instructions.withUnsafeBufferPointer { instructions in
      closures.withUnsafeBufferPointer { closures in
        var live = closures[0]
        for byte in text {
          if byte == 0x2F, prefixAtSlash, live & accept != 0 { return true }
          var rest = live & ~accept
          live = 0
          while rest != 0 {
            let index = rest.trailingZeroBitCount
            rest &= rest &- 1
            switch instructions[index] {
            case .byte(let wanted): if byte == wanted { live |= closures[index &+ 1] }
            case .any: if byte != 0x2F { live |= closures[index &+ 1] }
            case .set(let set): if byte != 0x2F, set.contains(byte) { live |= closures[index &+ 1] }
            case .star: if byte != 0x2F { live |= closures[index] }
            case .globstar: live |= closures[index]
            case .directories:
              live |= UInt64(1) &<< UInt64(index)
              if byte == 0x2F { live |= closures[index &+ 1] }
            case .split, .jump, .never: break
            }
          }
          if live == 0 { return false }
        }
        return live & accept != 0
      }
    }
  }

  private func matchesLong(_ text: UnsafeBufferPointer<UInt8>, _ prefixAtSlash: Bool) -> Bool {
    var live = StateList(capacity: instructions.count + 1)
    var next = StateList(capacity: instructions.count + 1)
    func enter(_ start: Int, _ list: inout StateList) {
      reach(start) { list.insert($0) }
    }
    enter(0, &live)
    for byte in text {
      if byte == 0x2F, prefixAtSlash, live.contains(instructions.count) { return true }
      next.removeAll()
      for index in live.members where index < instructions.count {
        switch instructions[index] {
        case .byte(let wanted): if byte == wanted { enter(index + 1, &next) }
        case .any: if byte != 0x2F { enter(index + 1, &next) }
        case .set(let set): if byte != 0x2F, set.contains(byte) { enter(index + 1, &next) }
        case .star: if byte != 0x2F { enter(index, &next) }
        case .globstar: enter(index, &next)
        case .directories:
          next.insert(index)
          if byte == 0x2F { enter(index + 1, &next) }
        case .split, .jump, .never: break
        }
      }
      if next.members.isEmpty { return false }
      swap(&live, &next)
    }
    return live.contains(instructions.count)
  }

  /// Inserts `start` and every state that is reached from it without reading a byte.
  ///
  /// `directories` lets its successor live only when it is entered here, at a component's start: while it is skipping
  /// over a component it stays alive by itself.
  private func reach(_ start: Int, insert: (Int) -> Void) {
    var pending = [start]
    var entered: Set<Int> = []
    while let index = pending.popLast() {
      guard entered.insert(index).inserted else { continue }
      insert(index)
      guard index < instructions.count else { continue }
      switch instructions[index] {
      case .star, .globstar, .directories: pending.append(index + 1)
      case .split(let other):
        pending.append(index + 1)
        pending.append(other)
      case .jump(let target): pending.append(target)
      case .byte, .any, .set, .never: break
      }
    }
  }
}

/// A set of small integers that is cleared in constant time and listed in order of insertion.
private struct StateList {
  private(set) var members: [Int] = []
  private var generation: [UInt32]
  private var current: UInt32 = 1

  init(capacity: Int) {
    generation = Array(repeating: 0, count: capacity)
    members.reserveCapacity(capacity)
  }

  func contains(_ member: Int) -> Bool { generation[member] == current }

  mutating func insert(_ member: Int) {
    guard generation[member] != current else { return }
    generation[member] = current
    members.append(member)
  }

  mutating func removeAll() {
    members.removeAll(keepingCapacity: true)
    current &+= 1
  }
}

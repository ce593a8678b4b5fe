/// A growing array of plain numbers for the loops that run once for each word of a workspace: no bounds checks, no
/// reference counts, no copies on writing. Whoever uses it answers for the indices.
struct Pile<Element: BitwiseCopyable>: ~Copyable {
  /// The first element. Valid until the next `append` or `resize`.
  private(set) var base: UnsafeMutablePointer<Element>
  /// Elements in use.
  private(set) var count = 0
  private var capacity: Int

  init(capacity: Int = 16) {
    self.capacity = max(capacity, 16)
    base = .allocate(capacity: self.capacity)
  }

  deinit { base.deallocate() }

  @inline(__always)
  subscript(index: Int) -> Element {
    get { base[index] }
    nonmutating set { base[index] = newValue }
  }

  @inline(__always)
  mutating func append(_ element: Element) {
    if count == capacity { grow(count &+ 1) }
    base[count] = element
    count &+= 1
  }

  mutating func append(_ elements: UnsafeBufferPointer<Element>) {
    guard let source = elements.baseAddress else { return }
    grow(count &+ elements.count)
    (base + count).update(from: source, count: elements.count)
    count += elements.count
  }

  /// Forgets the elements and keeps the memory.
  @inline(__always)
  mutating func removeAll() { count = 0 }

  /// Makes room for `total` elements.
  mutating func reserve(_ total: Int) {
    if total <= capacity { return }
    capacity = total
    let grown = UnsafeMutablePointer<Element>.allocate(capacity: capacity)
    grown.update(from: base, count: count)
    base.deallocate()
    base = grown
  }

  /// Makes room for `total` elements, at least doubling what there is.
  private mutating func grow(_ total: Int) {
    if total > capacity { reserve(max(total, 2 &* capacity)) }
  }

  /// Makes it `total` elements long; those that are added are `value`.
  mutating func resize(_ total: Int, filledWith value: Element) {
    grow(total)
    if total > count { (base + count).update(repeating: value, count: total - count) }
    count = total
  }

  /// The elements, valid until the pile changes.
  var elements: UnsafeBufferPointer<Element> { UnsafeBufferPointer(start: base, count: count) }
}

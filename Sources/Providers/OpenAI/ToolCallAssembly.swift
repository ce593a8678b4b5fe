/// Puts tool calls together from their fragments.
struct ToolCallAssembly {
  private(set) var calls: [ToolCall] = []
  private var positions: [Int: Int] = [:]
  private var bytes = 0

  private static let maxCalls = 128
  private static let maxBytes = 4 << 20

  /// Takes a fragment. Without an index it belongs to the call of the same id, else to the last one. False when there
  /// are too many.
  mutating func take(_ fragment: JSONTree) -> Bool {
    let id = fragment["id"]?.string ?? ""
    let function = fragment["function"]
    let position: Int
    if let index = fragment["index"]?.int {
      position = positions[index] ?? calls.count
      positions[index] = position
    } else if let known = calls.firstIndex(where: { !id.isEmpty && $0.id == id }) {
      position = known
    } else if !id.isEmpty || calls.isEmpty {
      position = calls.count
    } else {
      position = calls.count - 1
    }
    if position == calls.count {
      guard calls.count < Self.maxCalls else { return false }
      calls.append(ToolCall(id: "", name: "", arguments: ""))
    }
    if !id.isEmpty { calls[position].id = id }
    if let name = function?["name"]?.string, calls[position].name.isEmpty { calls[position].name = name }
    if let arguments = function?["arguments"] {
      // Some servers send the object itself.
      let text = arguments.string ?? String(decoding: arguments.bytes, as: UTF8.self)
      bytes += text.utf8.count
      guard bytes <= Self.maxBytes else { return false }
      calls[position].arguments += text
    }
    return true
  }

  /// Takes a fragment of a format that numbers its calls.
  mutating func take(index: Int, id: String?, name: String?, arguments: JSONTree?) -> Bool {
    var function: [String: JSONTree] = [:]
    if let name { function["name"] = .string(name) }
    function["arguments"] = arguments
    return take(
      .object(["index": .integer(index), "id": id.map(JSONTree.string) ?? .null, "function": .object(function)]))
  }

  /// The calls, each with arguments: without any a call has an empty object.
  var finishedCalls: [ToolCall] {
    calls.map { $0.arguments.isEmpty ? ToolCall(id: $0.id, name: $0.name, arguments: "{}") : $0 }
  }
}

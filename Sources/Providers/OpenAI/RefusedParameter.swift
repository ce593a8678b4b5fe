/// Finds the parameter that a refusal names in its sentence alone, as servers do that fill in no `param`.
///
/// Messages may quote the prompt: only a name at the very start counts, or right after the beginning of a sentence that
/// is known, where nothing of the prompt can stand.
enum RefusedParameter {
  /// How such sentences begin, in lower case, up to the name or its quotation mark.
  private static let beginnings = [
    "unsupported parameter: ", "unsupported parameter ", "unsupported value: ", "unknown parameter: ",
    "unknown parameter ", "unknown field: ", "unknown field ", "unrecognized request argument supplied: ",
    "unrecognized request arguments supplied: ", "argument not supported on this model: ",
    "argument not supported: ", "invalid parameter: ", "parameter ", "property ", "the parameter ",
    "additional properties are not allowed (",
  ]

  /// What answers can do without. Not `store`: it says that nothing is to be kept, which no sentence may undo.
  private static let optional = [
    "stream_options", "reasoning_effort", "chat_template_kwargs", "prompt_cache_key", "temperature", "top_p", "seed",
    "random_seed", "max_tokens",
  ]

  /// The parameter by its name on the wire; `nil` when the message names none that can be left out.
  static func name(in message: String) -> String? {
    // The beginnings are short: the rest of a long message need not be looked at.
    let start = message.prefix(128)
    let lower = start.lowercased()
    let known = beginnings.filter { lower.hasPrefix($0) }.max { $0.count < $1.count }
    var rest = lower.dropFirst(known?.count ?? 0)
    let quote = rest.first.flatMap { ["'", "\"", "`"].contains($0) ? $0 : nil }
    if quote != nil { rest = rest.dropFirst() }
    // A word without quotation marks is a name after a colon only.
    guard quote != nil || known?.hasSuffix(": ") == true else { return nil }
    let word = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    let next = rest.dropFirst(word.count).first
    guard quote == nil ? next == nil || [",", ".", ";", " "].contains(next) : next == quote else { return nil }
    // `reasoningEffort` is `reasoning_effort`.
    let bare = word.filter { $0 != "_" }
    return optional.first { $0.filter { $0 != "_" } == bare }
  }
}

import JSONRPC

/// `workspace/executeCommand`: every `rag/` method for clients that can only run commands.
///
/// `rag/ask` is the command `rag.ask`, and also `cicerone.server.ask`. Both differ from what editors call their own
/// commands, since some editors register the server's commands beside those and refuse a name that is taken.
enum ExecuteCommand {
  static let method = "workspace/executeCommand"

  private struct Params: Decodable {
    var command: String
    var arguments: [JSONValue]?
    var workDoneToken: RequestID?
    var partialResultToken: RequestID?
  }

  /// The command's method, and what is passed to it.
  struct Resolved {
    var handler: AnyRequestHandler
    var params: RawJSON?
    var tokens: ProgressTokens
  }

  /// The commands and their methods.
  static let commands: [(name: String, method: String)] = MethodRegistry.ragMethods.flatMap { method in
    let name = method.dropFirst("rag/".count)
    return [("cicerone.server.\(name)", method), ("rag.\(name)", method)]
  }

  /// Finds out what is to be run. The only argument is the object which the method takes as its parameters.
  static func resolve(_ params: RawJSON?) throws(ResponseError) -> Resolved {
    let read: Params
    do {
      read = try (params ?? RawJSON(Array("{}".utf8))).decode(Params.self)
    } catch {
      throw ResponseError(undecodable: error)
    }
    guard let method = commands.first(where: { $0.name == read.command })?.method,
      let handler = MethodRegistry.requests[method]
    else { throw .invalidParams("There is no command '\(read.command)'.") }
    let arguments = read.arguments ?? []
    guard arguments.count <= 1 else {
      throw .invalidParams("'\(read.command)' takes one argument: the parameters of '\(method)'.")
    }
    var tokens = ProgressTokens(workDoneToken: read.workDoneToken, partialResultToken: read.partialResultToken)
    guard let argument = arguments.first, argument != .null else {
      return Resolved(handler: handler, params: nil, tokens: tokens)
    }
    do {
      let raw = RawJSON(try RawJSON.encode(argument))
      if case .object = argument {
        let inner = try raw.decode(ProgressTokens.self)
        tokens.workDoneToken = tokens.workDoneToken ?? inner.workDoneToken
        tokens.partialResultToken = tokens.partialResultToken ?? inner.partialResultToken
      }
      return Resolved(handler: handler, params: raw, tokens: tokens)
    } catch {
      throw ResponseError(undecodable: error)
    }
  }
}

import TPoTWire

/// The name that the client gives a request (JSON-RPC 2.0).
enum RPCID: Hashable, Sendable {
    case number(Int64)
    case text(String)

    /// The most bytes of a text.
    private static let limit = 256

    /// Nil if it is neither a whole number nor a short text.
    init?(_ value: JSONSlice) {
        switch value.kind {
        case .number:
            guard let number = value.integer else { return nil }
            self = .number(number)
        case .string:
            guard let text = value.text(limit: Self.limit), text.count <= Self.limit else { return nil }
            self = .text(String(decoding: text.bytes, as: UTF8.self))
        default: return nil
        }
    }

    var json: [UInt8] {
        switch self {
        case .number(let number): return Array(String(number).utf8)
        case .text(let text):
            var writer = JSONWriter()
            writer.write(text)
            return writer.bytes
        }
    }
}

/// A message breaks the protocol.
struct RPCFault: Error, Hashable {
    /// The codes of JSON-RPC 2.0.
    enum Code: Int {
        case notJSON = -32700
        case notARequest = -32600
        case noSuchMethod = -32601
        case wrongParameters = -32602
        /// One of those that a server may choose.
        case busy = -32000
    }

    var code: Code
    var text: String
    /// Nil if the message does not say it.
    var id: RPCID?

    init(_ code: Code, _ text: String, _ id: RPCID? = nil) {
        (self.code, self.text, self.id) = (code, text, id)
    }
}

/// A request, or a notification, which has no id.
struct RPCMessage: Sendable {
    var id: RPCID?
    var method: String
    var parameters: JSONSlice?

    private static let methodLimit = 256

    /// Reads one line.
    /// - Returns: nil for an answer: this server asks nothing, so there is nothing to answer.
    static func read(_ line: [UInt8]) throws(RPCFault) -> RPCMessage? {
        guard String(validating: line, as: UTF8.self) != nil else { throw RPCFault(.notJSON, "it is not UTF-8") }
        let value: JSONSlice
        do throws(JSONFault) {
            var scanner = JSONScanner(line)
            value = try scanner.value()
            try scanner.expectEnd()
        } catch {
            throw RPCFault(.notJSON, "it is not JSON: at byte \(error.offset): \(error.reason)")
        }
        guard value.kind != .array else {
            throw RPCFault(.notARequest, "batches are not taken; write each message on its own line")
        }
        guard value.kind == .object else { throw RPCFault(.notARequest, "a message is an object") }
        let members = value.members(["jsonrpc", "id", "method", "params", "result", "error"])
        let id = members["id"].flatMap(RPCID.init)
        guard id != nil || members["id"] == nil else {
            throw RPCFault(.notARequest, "id is a whole number or a text of at most 256 bytes")
        }
        guard members["jsonrpc"]?.string() == "2.0" else { throw RPCFault(.notARequest, "jsonrpc is not \"2.0\"", id) }
        guard let method = members["method"] else {
            if members["result"] != nil || members["error"] != nil { return nil }
            throw RPCFault(.notARequest, "there is no method", id)
        }
        guard method.kind == .string, let name = method.string(limit: methodLimit) else {
            throw RPCFault(.notARequest, "method is no text", id)
        }
        let parameters = members["params"]
        guard parameters.map({ $0.kind == .object }) ?? true else {
            throw RPCFault(.wrongParameters, "params is no object", id)
        }
        return RPCMessage(id: id, method: name, parameters: parameters)
    }
}

/// What goes to the client: one line each.
enum RPCReply {
    /// - Parameter result: an object of JSON.
    static func result(_ id: RPCID, _ result: [UInt8]) -> [UInt8] {
        line { json in
            json.add("id", json: id.json)
            json.add("result", json: result)
        }
    }

    static func error(_ fault: RPCFault) -> [UInt8] {
        line { json in
            json.add("id", json: fault.id?.json ?? Array("null".utf8))
            json.object("error") { json in
                json.add("code", fault.code.rawValue)
                json.add("message", VisibleText.text(fault.text, limit: 500))
            }
        }
    }

    static func notification(_ method: String, _ body: (inout JSONWriter) -> Void) -> [UInt8] {
        line { json in
            json.add("method", method)
            json.object("params", body)
        }
    }

    private static func line(_ body: (inout JSONWriter) -> Void) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.add("jsonrpc", "2.0")
            body(&json)
        }
        return json.bytes + [0x0a]
    }
}

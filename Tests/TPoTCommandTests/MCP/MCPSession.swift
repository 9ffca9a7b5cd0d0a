import NIOPosix
import TPoTWire
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Talks to the real `tpot mcp` in a home folder with a history.
struct MCPSession {
    static let initialize =
        #"{"jsonrpc":"2.0","id":"hello","method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}"#

    let place: HistoryPlace

    /// Sends all lines at once, and ends the input.
    /// - Returns: the answers in the order of the output, without that to `initialize`.
    func answers(
        _ lines: [String],
        options: String = "",
        begins: Bool = true
    ) async throws -> (answers: [JSONObject], outcome: HistoryPlace.Outcome) {
        let input = ((begins ? [Self.initialize] : []) + lines).joined(separator: "\n")
        try place.folder.write(input, to: "input")
        let outcome = try await place.tpot("mcp \(options) <input")
        return (Array(try outcome.objects.dropFirst(begins ? 1 : 0)), outcome)
    }

    /// Calls a tool.
    func call(_ name: String, _ arguments: String = "{}", options: String = "") async throws -> MCPResult {
        let (answers, outcome) = try await answers([Self.call(name, arguments)], options: options)
        guard answers.count == 1, case .object(let result)? = answers[0]["result"] else {
            throw Counterexample("\(name) \(arguments): \(outcome.output) \(outcome.errors)")
        }
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
        return MCPResult(result)
    }

    static func call(_ name: String, _ arguments: String = "{}", id: String = "1") -> String {
        #"{"jsonrpc":"2.0","id":\#(id),"method":"tools/call","params":{"name":"\#(name)","arguments":\#(arguments)}}"#
    }
}

/// The result of a call.
struct MCPResult {
    let isError: Bool
    let text: String
    let structured: JSONObject

    init(_ object: JSONObject) {
        isError = object["isError"] == .bool(true)
        var texts: [String] = []
        if case .array(let parts)? = object["content"] {
            for case .object(let part) in parts { texts.append(part.text("text") ?? "") }
        }
        text = texts.joined(separator: "\n")
        if case .object(let structured)? = object["structuredContent"] {
            self.structured = structured
        } else {
            structured = JSONObject()
        }
    }

    /// The members of a list of objects.
    func objects(_ name: String) -> [JSONObject] {
        guard case .array(let values)? = structured[name] else { return [] }
        return values.compactMap { value in
            guard case .object(let object) = value else { return nil }
            return object
        }
    }
}

extension JSONObject {
    func number(_ name: String) -> Int? {
        if case .number(let text)? = self[name] { Int(text) } else { nil }
    }

    func object(_ name: String) -> JSONObject? {
        if case .object(let object)? = self[name] { object } else { nil }
    }
}

import TPoTCapture
import TPoTInspect
import TPoTWire

/// `get_request`
struct GetRequestTool: MCPTool {
    /// The most bytes of heads and bodies in an answer.
    static let limit = 32 * 1024
    /// The first bytes of a body that is not text.
    private static let binaryLimit = 64

    let history: AgentHistory
    let mask: SecretMask

    var description: ToolDescription {
        ToolDescription(
            name: "get_request",
            title: "Show a captured request",
            text:
                "Shows a captured request with its answer: heads, and bodies decoded, at most 32 KiB in all. For the rest of "
                + "a long body, ask for one part with body_offset.",
            arguments: [
                ToolArgument("number", .number(ToolArgument.anyNumber), "The number of the request.", isRequired: true),
                ToolArgument(
                    "part",
                    .choice(["both", "request", "response"]),
                    "What of it. Both if it is left out."
                ),
                ToolArgument("content", .choice(["all", "head", "body"]), "What of each. All if it is left out."),
                ToolArgument(
                    "body_offset",
                    .number(0...UInt64(DecodedBody.limit)),
                    "The bytes of decoded bodies that are left out at the beginning."
                ),
            ]
        )
    }

    func call(_ arguments: ToolArguments, _ progress: ToolProgress) async throws -> ToolResult {
        let number = arguments.number("number") ?? 0
        let (part, content) = (arguments.text("part") ?? "both", arguments.text("content") ?? "all")
        let offset = Int(clamping: arguments.number("body_offset") ?? 0)
        let mask = mask
        return try await history.read { reader in
            let exchange = try AgentHistory.exchange(number, reader)
            let parts = ShownParts(
                showsRequest: part != "response",
                showsResponse: part != "request",
                showsHeads: content != "body",
                showsBodies: content != "head"
            )
            return Self.result(exchange, parts, offset, mask)
        }
    }

    private static func result(
        _ exchange: CapturedExchange,
        _ parts: ShownParts,
        _ offset: Int,
        _ mask: SecretMask
    ) -> ToolResult {
        let messages = parts.messages(of: exchange).map { Message($0, parts, offset, mask) }
        // What one of them does not need, the other can have.
        let sizes = messages.map(\.count)
        var result = ToolResult(
            "Request \(exchange.number)" + (exchange.exchange.replayOf.map { ", a replay of \($0)" } ?? "")
                + (mask == .off ? "." : "; [masked] and (masked) stand for secrets.")
        )
        var facts = Array(ExchangeJSON.line(exchange.row, mask).dropLast())
        if facts.count > 16 * 1024 { facts = [] }
        var text = facts.isEmpty ? "" : String(decoding: facts, as: UTF8.self) + "\n"
        for (index, message) in messages.enumerated() {
            let others = sizes.indices.filter { $0 != index }.map { min(sizes[$0], limit / 2) }.reduce(0, +)
            text += "\n" + message.text(within: limit - others)
        }
        result.add(untrusted: text)
        result.hide(SecretEcho.values(of: exchange, mask))
        return result
    }

    /// A request or a response as text.
    private struct Message {
        private let name: String
        private var head: [UInt8] = []
        private var body: ArraySlice<UInt8> = []
        private var remarks: [String] = []

        init(_ message: ShownMessage, _ parts: ShownParts, _ offset: Int, _ mask: SecretMask) {
            name = message.isRequest ? "request" : "response"
            if parts.showsHeads {
                head = message.head.map { Message.unixLines(mask.head($0)) } ?? []
                if head.isEmpty { remarks.append("no head was seen") }
            }
            guard parts.showsBodies else { return }
            let plain = PlainBody(message.body, head: message.head)
            if !message.body.isWhole {
                remarks.append("only the first \(message.body.bytes.count) of \(message.body.count) bytes were kept")
            }
            remarks += plain.decoded.notes
            guard let text = plain.text else {
                let bytes = plain.decoded.bytes
                let start = bytes.prefix(binaryLimit).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
                remarks.append(
                    "\(bytes.count) bytes that are not text; they begin with \(start.joined(separator: " "))"
                )
                return
            }
            remarks.append("the decoded body has \(text.count) bytes")
            body = text.dropFirst(offset)
            if offset > 0 {
                // It may begin inside of a character.
                body = body.drop { $0 & 0xc0 == 0x80 }
                remarks.append("shown from byte \(body.startIndex) on")
            }
        }

        /// With the remarks.
        var count: Int { head.count + body.count + 200 }

        func text(within limit: Int) -> String {
            let head = head.prefix(max(0, limit))
            var end = body.prefix(max(0, limit - head.count)).endIndex
            // It must not end inside of a character.
            if end < body.endIndex {
                while end > body.startIndex, body[end] & 0xc0 == 0x80 { end -= 1 }
            }
            var remarks = remarks
            if head.count < self.head.count { remarks.append("the head is cut") }
            if end < body.endIndex { remarks.append("cut: go on with part \(name), content body, body_offset \(end)") }
            var text = "== \(name)" + (remarks.isEmpty ? "" : " (\(remarks.joined(separator: "; ")))") + "\n"
            text += String(decoding: head, as: UTF8.self)
            // The line ends of a body stay, but for those that would be shown as a control character at each end.
            text += String(decoding: Message.unixLines(Array(body[..<end])), as: UTF8.self)
            return text.last == "\n" ? text : text + "\n"
        }

        private static func unixLines(_ bytes: [UInt8]) -> [UInt8] {
            var result: [UInt8] = []
            result.reserveCapacity(bytes.count)
            for (index, byte) in bytes.enumerated()
            where byte != 0x0d || index + 1 == bytes.count || bytes[index + 1] != 0x0a {
                result.append(byte)
            }
            return result
        }
    }
}

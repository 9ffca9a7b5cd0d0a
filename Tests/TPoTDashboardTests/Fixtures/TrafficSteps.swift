import NIOCore
import TPoTTraffic
import TPoTWire
import TestSupport

/// One-line steps for what visitors, the target and the tunnel do.
extension Transcript {
    static let url = "https://nz2v6g7o.tpot.example.com"
    static let json = "Content-Type: application/json"

    /// - Parameter after: milliseconds.
    mutating func tunnel(_ status: TunnelStatus, after milliseconds: Int = 0) {
        let current = conversation
        conversation = 0
        add(.tunnel(status), after: milliseconds)
        conversation = current
    }

    mutating func online(_ url: String = Self.url) {
        tunnel(.connecting(attempt: 1))
        tunnel(.online(url: url), after: 100)
        tunnel(.roundTrip(.milliseconds(23)), after: 23)
    }

    /// Opens a conversation, by a visitor or for a replay. The target accepts it unless the tunnel holds it.
    mutating func arrive(replayOf original: UInt64? = nil, ip: UInt32 = 0xcb00_7109, isHeld: Bool = false) {
        conversation += 1
        time += 1000
        if let original {
            add(.opened(.replay(of: original)))
        } else {
            let number = Int(conversation)
            open(
                id: ConversationID(truncatingIfNeeded: number),
                ip: ip,
                port: UInt16(truncatingIfNeeded: 52100 + number)
            )
        }
        if isHeld { add(.held) } else { add(.targetConnected, after: 2) }
    }

    /// Sends a whole request, with the Host rewritten as the client does it.
    mutating func ask(_ line: String, _ fields: [String] = [], body: [UInt8] = [], ends: Bool = true) {
        let rest = (fields + (body.isEmpty ? [] : ["Content-Length: \(body.count)"])).map { "\r\n\($0)" }.joined()
        let head = { (host: String) in "\(line) HTTP/1.1\r\nHost: \(host)\(rest)" }
        request(head(String(Self.url.dropFirst(8))), sent: head("localhost:8080"), ends: false)
        if !body.isEmpty { add(.requestBody(.bytes(ByteBuffer(bytes: body))), after: 1) }
        if ends { add(.requestEnd) }
    }

    /// Sends an answer, which is complete unless `ends` is false.
    mutating func reply(
        _ status: String,
        _ fields: [String] = [],
        body: [UInt8] = [],
        after milliseconds: Int = 10,
        ends: Bool = true
    ) {
        time += milliseconds
        let lines =
            ["HTTP/1.1 \(status)"] + fields + [ends ? "Content-Length: \(body.count)" : "Cache-Control: no-store"]
        add(.responseHead(Array((lines.map { "\($0)\r\n" }.joined() + "\r\n").utf8)))
        if !body.isEmpty { add(.responseBody(.bytes(ByteBuffer(bytes: body))), after: 1) }
        if ends { add(.responseEnd) }
    }

    mutating func leave() { add(.closed(.visitorClosed)) }

    /// A whole conversation with one request.
    mutating func visit(_ line: String, _ status: String = "200 OK", replayOf original: UInt64? = nil) {
        arrive(replayOf: original)
        ask(line)
        reply(status)
        leave()
    }
}

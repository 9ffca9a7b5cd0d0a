import NIOHTTP1
import TPoTWire

/// What a request gets.
enum ControlAnswer: Sendable {
    case whole(HTTPResponseStatus, ContentType, [UInt8])
    /// Exchanges as they end, until one side closes.
    case events(EventQueue)

    enum ContentType: String, Sendable {
        case json = "application/json"
        /// One object a line.
        case lines = "application/x-ndjson"
        case text = "text/plain; charset=utf-8"
        case metrics = "text/plain; version=0.0.4; charset=utf-8"
    }

    /// Nothing but a status.
    static let done = ControlAnswer.whole(.noContent, .json, [])

    static func json(_ status: HTTPResponseStatus = .ok, _ body: (inout JSONWriter) -> Void) -> ControlAnswer {
        var json = JSONWriter()
        json.object(nil, body)
        return .whole(status, .json, json.bytes + [UInt8(ascii: "\n")])
    }

    /// In the form of ngrok's errors, which have the text in `msg`, and with ours in `error`.
    init(_ refusal: ControlRefusal) {
        self = .json(refusal.status) { json in
            json.add("error", refusal.text)
            json.add("status_code", Int(refusal.status.code))
            json.add("msg", refusal.text)
        }
    }
}

import NIOCore
import TPoTCapture
import TPoTWire

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The messages of a WebSocket in an entry of an HTTP Archive, in the form of Chrome's developer tools:
///
///     "_resourceType": "websocket",
///     "_webSocketMessages": [{"type": "send", "time": 1795435200.017, "opcode": 1, "data": "hello"}]
///
/// `send` is what the visitor sent, as Chrome is one. The time is in seconds since 1970. The data is text if the opcode is
/// 1, else base64. Messages are content, like bodies, so the mask for secrets leaves them as they are.
struct HARMessages {
    private let transcript: WebSocketTranscript
    private let began: NIODeadline
    private let unixNanoseconds: Int64

    /// Nil if the exchange is no WebSocket.
    init?(_ exchange: CapturedExchange) {
        guard let transcript = WebSocketTranscript(exchange) else { return nil }
        self.transcript = transcript
        began = exchange.exchange.times.requestBegan
        unixNanoseconds = exchange.row.unixNanoseconds
    }

    /// Adds members to an entry.
    func write(to json: inout JSONWriter) {
        json.add("_resourceType", "websocket")
        json.array("_webSocketMessages") { json in
            for message in transcript.messages { json.object { write(message, to: &$0) } }
        }
        if !transcript.notes.isEmpty { json.add("comment", transcript.notes.joined(separator: ", ")) }
    }

    private func write(_ message: WebSocketMessage, to json: inout JSONWriter) {
        json.add("type", message.isFromVisitor ? "send" : "receive")
        // Messages after the most pieces that are kept have no time.
        if message.time != .uptimeNanoseconds(0) {
            let (time, isTooLarge) = unixNanoseconds.addingReportingOverflow((message.time - began).nanoseconds)
            if !isTooLarge { json.add("time", thousandths: time / 1_000_000) }
        }
        json.add("opcode", Int(message.kind.opcode))
        if message.kind == .text {
            json.add("data", String(decoding: message.payload, as: UTF8.self))
        } else {
            json.add("data", Data(message.kind.closeCode + message.payload).base64EncodedString())
        }
        // All messages are written decompressed, so that they were compressed is no longer true of them.
        if let note = message.note, note != WebSocketMessage.inflatedNote { json.add("_note", note) }
    }
}

extension WebSocketMessage.Kind {
    /// RFC 6455, 11.8.
    var opcode: UInt8 {
        switch self {
        case .text: 1
        case .binary: 2
        case .close: 8
        case .ping: 9
        case .pong: 10
        }
    }

    /// The first two bytes of a close frame's payload.
    fileprivate var closeCode: [UInt8] {
        guard case .close(let code?) = self else { return [] }
        return [UInt8(truncatingIfNeeded: code >> 8), UInt8(truncatingIfNeeded: code)]
    }
}

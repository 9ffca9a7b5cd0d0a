import NIOCore
import TPoTWire

/// A message of a WebSocket conversation, or a control frame (RFC 6455, 5).
package struct WebSocketMessage: Sendable {
    package enum Kind: Hashable, Sendable {
        case text, binary, ping, pong
        case close(code: Int?)
    }

    package var isFromVisitor: Bool
    /// When its last byte was forwarded.
    package var time: NIODeadline
    package var kind: Kind
    /// Unmasked, joined and decompressed. For a close frame, the reason.
    package var payload: [UInt8]
    /// The number of payload bytes on the wire.
    package var passedCount: Int
    /// For the user: `deflate`, `not complete`.
    package var note: String?

    /// The note of a message that was decompressed.
    static let inflatedNote = "deflate"

    /// The most rows of a hex dump that are shown for binary data.
    private static let hexRows = 8
    private static let lineLimit = 2000

    /// The payload is not text, so ``lines`` are a hex dump.
    package var isHex: Bool {
        switch kind {
        case .binary: true
        case .ping, .pong: !BodyKind.looksLikeText(payload)
        case .text, .close: false
        }
    }

    /// The payload as readable lines, safe for a terminal.
    package var lines: [BodyLine] { isHex ? hex : text }

    private var text: [BodyLine] {
        let first = payload.first { $0 != 0x20 && $0 != 0x0a && $0 != 0x0d && $0 != 0x09 }
        let isJSON = first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
        let table = LineTable(payload)
        var lines = (0..<min(table.count, Self.lineLimit)).map { index in
            isJSON ? JSONLineStyle.styled(table[index], decodesEscapes: true) : BodyLine(VisibleText.text(table[index]))
        }
        if table.count > lines.count { lines.append(BodyLine("… \(table.count - lines.count) more lines", .note)) }
        return lines
    }

    private var hex: [BodyLine] {
        let count = HexDump.count(payload)
        var lines = (0..<min(count, Self.hexRows)).map { HexDump.line($0, of: payload) }
        let left = payload.count - 16 * Self.hexRows
        if left > 0 { lines.append(BodyLine("… \(left) more bytes", .note)) }
        return lines
    }
}

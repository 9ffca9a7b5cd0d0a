import NIOCore
import TPoTCapture
import TPoTWire

/// The messages of both sides of a WebSocket, in the order in which they were forwarded.
package struct WebSocketTranscript: Sendable {
    package private(set) var messages: [WebSocketMessage] = []
    /// Why the transcript is incomplete, for the user: a limit of the capture, or bytes that are not frames.
    package private(set) var notes: [String] = []

    /// The most messages of each side. A capture may hold half a million empty ones.
    package static let messageLimit = 10_000
    /// The most bytes of one message after decompression. ``DecodedBody/limit`` is the limit for all messages together.
    private static let inflatedMessageLimit = 1024 * 1024

    /// Whether the exchange was upgraded to a WebSocket.
    package static func isOne(_ exchange: CapturedExchange) -> Bool {
        guard exchange.exchange.status == 101, let head = exchange.responseHead else { return false }
        let upgrade = HTTPHeaderFields(ofHead: ByteBuffer(bytes: head)).first(named: "upgrade")
        return upgrade.map { HTTPHeaderFields.text($0).lowercased() } == "websocket"
    }

    /// Nil if the exchange was not upgraded to a WebSocket (RFC 6455, 4.2.2).
    package init?(_ exchange: CapturedExchange) {
        guard Self.isOne(exchange), let head = exchange.responseHead else { return nil }
        let fields = HTTPHeaderFields(ofHead: ByteBuffer(bytes: head))
        let extensions = fields.all(named: "sec-websocket-extensions").map { HTTPHeaderFields.text($0).lowercased() }
        let offer = extensions.joined(separator: ",")
        var inflatedLeft = DecodedBody.limit
        var placed: [(piece: Int, message: WebSocketMessage)] = []
        for isFromVisitor in [true, false] {
            // A request for an upgrade has no body, so all bytes from the visitor are frames.
            let body = isFromVisitor ? exchange.requestBody : exchange.responseBody
            let context = "\(isFromVisitor ? "client" : "server")_no_context_takeover"
            var side = Side(
                isFromVisitor: isFromVisitor,
                pieces: exchange.pieces.enumerated().filter { $0.element.isFromVisitor == isFromVisitor }
                    .map { ($0.offset, $0.element) },
                inflater: offer.contains("permessage-deflate")
                    ? MessageInflater(keepsContext: !offer.contains(context)) : nil,
                inflatedLeft: inflatedLeft
            )
            placed += side.read(body.bytes)
            inflatedLeft = side.inflatedLeft
            let name = isFromVisitor ? "visitor" : "target"
            if let fault = side.faultOffset { notes.append("no WebSocket frames from the \(name) after byte \(fault)") }
            if side.isFull { notes.append("only the first \(Self.messageLimit) messages from the \(name) are shown") }
            if !body.isWhole {
                notes.append("only the first \(body.bytes.count) of \(body.count) bytes from the \(name) were captured")
            }
        }
        messages = placed.enumerated()
            .sorted { ($0.element.piece, $0.offset) < ($1.element.piece, $1.offset) }.map(\.element.message)
    }

    /// One direction.
    private struct Side {
        let isFromVisitor: Bool
        /// The pieces of this direction, with their places in the order of both directions.
        let pieces: [(place: Int, piece: OpaquePiece)]
        let inflater: MessageInflater?
        private(set) var inflatedLeft: Int
        var faultOffset: Int?
        private(set) var isFull = false
        private var next = 0

        init(
            isFromVisitor: Bool,
            pieces: [(place: Int, piece: OpaquePiece)],
            inflater: MessageInflater?,
            inflatedLeft: Int
        ) {
            self.isFromVisitor = isFromVisitor
            self.pieces = pieces
            self.inflater = inflater
            self.inflatedLeft = inflatedLeft
        }

        mutating func read(_ bytes: [UInt8]) -> [(piece: Int, message: WebSocketMessage)] {
            var frames = WebSocketFrames(bytes)
            var result: [(piece: Int, message: WebSocketMessage)] = []
            var started: (message: WebSocketMessage, isCompressed: Bool)?
            while let frame = frames.next() {
                guard result.count < messageLimit else {
                    isFull = true
                    return result
                }
                let (place, time) = place(ofByteBefore: frame.end)
                let isCut = frame.payload.count < frame.passedCount
                guard frame.opcode < 8 else {
                    result.append((place, control(frame, time)))
                    continue
                }
                if frame.opcode != 0 {
                    let kind: WebSocketMessage.Kind = frame.opcode == 1 ? .text : .binary
                    let message = WebSocketMessage(
                        isFromVisitor: isFromVisitor,
                        time: time,
                        kind: kind,
                        payload: [],
                        passedCount: 0
                    )
                    started = (message, frame.isCompressed)
                }
                guard case (var message, let isCompressed)? = started else {
                    faultOffset = faultOffset ?? frame.end - frame.passedCount
                    break
                }
                // Set to nil, so that appending does not copy the payload.
                started = nil
                message.time = time
                message.payload += frame.payload
                message.passedCount += frame.passedCount
                guard frame.isFinal || isCut else {
                    started = (message, isCompressed)
                    continue
                }
                result.append((place, finished(message, isCompressed, isCut)))
            }
            if let (message, isCompressed) = started {
                result.append((place(ofByteBefore: bytes.count).place, finished(message, isCompressed, true)))
            }
            faultOffset = faultOffset ?? frames.faultOffset
            return result
        }

        private mutating func finished(_ message: WebSocketMessage, _ isCompressed: Bool, _ isCut: Bool)
            -> WebSocketMessage
        {
            var message = message
            if isCompressed {
                let limit = min(inflatedMessageLimit, inflatedLeft)
                if let inflater, !isCut, let inflated = inflater.inflate(message.payload, limit: limit) {
                    inflatedLeft -= inflated.count
                    message.payload = inflated
                    message.note = WebSocketMessage.inflatedNote
                } else {
                    message.kind = .binary
                    message.note = isCut ? "compressed, not complete" : "compressed, cannot be read"
                }
            } else if isCut {
                message.note = "not complete"
            }
            return message
        }

        private func control(_ frame: WebSocketFrames.Frame, _ time: NIODeadline) -> WebSocketMessage {
            var payload = frame.payload
            var kind = WebSocketMessage.Kind.ping
            if frame.opcode == 10 { kind = .pong }
            if frame.opcode == 8 {
                let hasCode = payload.count >= 2
                kind = .close(code: hasCode ? Int(payload[0]) << 8 | Int(payload[1]) : nil)
                if hasCode { payload.removeFirst(2) }
            }
            return WebSocketMessage(
                isFromVisitor: isFromVisitor,
                time: time,
                kind: kind,
                payload: payload,
                passedCount: frame.passedCount
            )
        }

        /// The piece that contains the byte before `end`. Calls must be in ascending order.
        private mutating func place(ofByteBefore end: Int) -> (place: Int, time: NIODeadline) {
            while next + 1 < pieces.count, Int(pieces[next].piece.end) < end { next += 1 }
            guard next < pieces.count else { return (.max, .uptimeNanoseconds(0)) }
            return (pieces[next].place, pieces[next].piece.time)
        }
    }
}

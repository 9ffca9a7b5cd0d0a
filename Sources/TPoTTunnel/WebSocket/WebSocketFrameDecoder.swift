import NIOCore
import NIOWebSocket

/// Why a peer's bytes are not acceptable WebSocket frames. The link is closed with a code of RFC 6455 section 7.4.
enum WebSocketError: Error, Hashable, Sendable {
    case reservedBits
    case unknownOpcode(UInt8)
    case maskExpected
    case maskNotExpected
    case fragmentedControl
    case controlTooLong
    case lengthNotMinimal
    case lengthOutOfRange
    case continuationWithoutStart
    case messageInterrupted
    case textMessage
    case messageTooLong
    case truncatedCloseCode
    case invalidCloseCode(UInt16)
    case invalidCloseReason

    /// The status code for our close frame. A message beyond the limit gets the tunnel protocol's own 4180.
    var closeCode: UInt16 {
        switch self {
        case .textMessage: 1003
        case .invalidCloseReason: 1007
        case .messageTooLong: 4180
        default: 1002
        }
    }
}

extension WebSocketError: CustomStringConvertible {
    var description: String {
        switch self {
        case .reservedBits: "frame with reserved bits set"
        case .unknownOpcode(let code): "frame with unknown opcode \(code)"
        case .maskExpected: "frame without a mask"
        case .maskNotExpected: "masked frame from a server"
        case .fragmentedControl: "fragmented control frame"
        case .controlTooLong: "control frame over 125 bytes"
        case .lengthNotMinimal: "frame length in more bytes than it needs"
        case .lengthOutOfRange: "frame length of 64 bits"
        case .continuationWithoutStart: "continuation of no message"
        case .messageInterrupted: "message begun inside another"
        case .textMessage: "text message"
        case .messageTooLong: "message over \(WebSocketFrameDecoder.maximumMessageLength) bytes"
        case .truncatedCloseCode: "close frame of one byte"
        case .invalidCloseCode(let code): "close frame with status \(code)"
        case .invalidCloseReason: "close frame with a reason that is not UTF-8"
        }
    }
}

/// Reads WebSocket frames (RFC 6455 section 5) from the bytes of a connection without assembling them: payload is
/// passed on in slices as it arrives. The decoder keeps at most 14 bytes of a head and 125 of a control frame. It reads
/// nothing after a close frame or an error.
///
/// Written by hand because NIOWebSocket's decoder emits only whole frames and unmasks byte by byte.
package struct WebSocketFrameDecoder: Sendable {
    package enum Event: Sendable {
        /// The next bytes of a binary message, unmasked. `isEnd` marks the last ones, which may be empty.
        case payload(ByteBuffer, isEnd: Bool)
        case ping(ByteBuffer)
        case pong(ByteBuffer)
        /// The peer's close frame. An empty one has no code.
        case close(code: UInt16?, reason: String)
    }

    /// The longest accepted message, as in the original programs: 100 MiB.
    static let maximumMessageLength = 100 * 1024 * 1024

    private struct Frame {
        var opcode: WebSocketOpcode
        var isFinal: Bool
        var remaining: Int
        var mask: WebSocketMask?
    }

    /// A run of payload bytes in the current buffer.
    private struct Piece {
        var opcode: WebSocketOpcode
        var offset: Int
        var length: Int
        var endsFrame: Bool
        var endsMessage: Bool
    }

    private let expectsMask: Bool
    private var head: [UInt8] = []
    private var frame: Frame?
    private var isInsideMessage = false
    private var messageLength = 0
    private var control = ByteBuffer()
    private var isOver = false
    private var pieces: [Piece] = []
    /// The buffer that holds the unmasked bytes of the last read.
    private var unmasked = ByteBuffer()

    /// - Parameter expectsMask: true on a server, whose clients must mask; false on a client.
    package init(expectsMask: Bool) {
        self.expectsMask = expectsMask
        head.reserveCapacity(14)
    }

    /// Reads the bytes and calls `emit` for each event in order. Events before an error are emitted first.
    package mutating func read(_ bytes: ByteBuffer, _ emit: (Event) throws -> Void) throws {
        guard !isOver else { return }
        var source = bytes
        var failure: WebSocketError?
        pieces.removeAll(keepingCapacity: true)
        if expectsMask {
            // One pass unmasks all payload of this read into one buffer, which the slices then share.
            source = unmasked.takeForReuse(capacity: bytes.readableBytes)
            source.writeWithUnsafeMutableBytes(minimumWritableBytes: bytes.readableBytes) { target in
                bytes.withUnsafeReadableBytes { scan($0, unmaskingInto: target.baseAddress, &failure) }
            }
            unmasked = source
        } else {
            bytes.withUnsafeReadableBytes { _ = scan($0, unmaskingInto: nil, &failure) }
        }
        for piece in pieces {
            guard let slice = source.getSlice(at: source.readerIndex + piece.offset, length: piece.length) else {
                break
            }
            try report(piece, slice, emit)
        }
        if let failure { throw failure }
    }

    /// Records the payload pieces of `bytes` in `pieces`. Returns how many bytes it wrote to `target`.
    private mutating func scan(
        _ bytes: UnsafeRawBufferPointer,
        unmaskingInto target: UnsafeMutableRawPointer?,
        _ failure: inout WebSocketError?
    ) -> Int {
        var index = 0
        var written = 0
        while true {
            guard var current = frame else {
                guard index < bytes.count else { return written }
                head.append(bytes[index])
                index += 1
                do {
                    frame = try parseHead()
                } catch {
                    isOver = true
                    failure = error
                    return written
                }
                continue
            }
            let length = min(current.remaining, bytes.count - index)
            // An empty frame is a piece of its own. Otherwise more bytes are needed.
            if length == 0, current.remaining > 0 { return written }
            var offset = index
            if let mask = current.mask, let target {
                mask.apply(
                    from: UnsafeRawBufferPointer(rebasing: bytes[index..<(index + length)]),
                    to: target + written
                )
                current.mask = mask.advanced(by: length)
                offset = written
                written += length
            }
            index += length
            current.remaining -= length
            let endsFrame = current.remaining == 0
            pieces.append(
                Piece(
                    opcode: current.opcode,
                    offset: offset,
                    length: length,
                    endsFrame: endsFrame,
                    endsMessage: endsFrame && current.isFinal
                )
            )
            frame = endsFrame ? nil : current
            if endsFrame, current.opcode == .connectionClose {
                isOver = true
                return written
            }
        }
    }

    /// Parses and checks `head`. Nil if the frame head is incomplete.
    private mutating func parseHead() throws(WebSocketError) -> Frame? {
        guard head.count >= 2 else { return nil }
        if head.count == 2 { try checkStart() }
        let lengthBytes = head[1] & 0x7f == 127 ? 8 : head[1] & 0x7f == 126 ? 2 : 0
        guard head.count >= 2 + lengthBytes + (expectsMask ? 4 : 0) else { return nil }
        defer { head.removeAll(keepingCapacity: true) }

        var length = UInt64(head[1] & 0x7f)
        if lengthBytes > 0 {
            length = head[2..<(2 + lengthBytes)].reduce(0) { $0 << 8 | UInt64($1) }
            guard length > (lengthBytes == 2 ? 125 : UInt64(UInt16.max)) else { throw .lengthNotMinimal }
            guard length <= UInt64(Int64.max) else { throw .lengthOutOfRange }
        }
        var mask: WebSocketMask?
        if expectsMask { mask = WebSocketMask(key: head.suffix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }) }
        let isFinal = head[0] & 0x80 != 0
        let opcode = WebSocketOpcode(encodedWebSocketOpcode: head[0] & 0x0f) ?? .binary

        if opcode == .binary || opcode == .continuation {
            if opcode == .binary { messageLength = 0 }
            guard length <= UInt64(Self.maximumMessageLength - messageLength) else { throw .messageTooLong }
            messageLength += Int(length)
            isInsideMessage = !isFinal
        }
        return Frame(opcode: opcode, isFinal: isFinal, remaining: Int(length), mask: mask)
    }

    /// Checks the first two bytes of `head`, which hold everything but a long length and the mask.
    private func checkStart() throws(WebSocketError) {
        let isMasked = head[1] & 0x80 != 0
        guard isMasked == expectsMask else { throw isMasked ? .maskNotExpected : .maskExpected }
        guard head[0] & 0x70 == 0 else { throw .reservedBits }
        let code = head[0] & 0x0f
        switch WebSocketOpcode(encodedWebSocketOpcode: code) {
        case .binary, .text:
            guard !isInsideMessage else { throw .messageInterrupted }
            guard code != 1 else { throw .textMessage }
        case .continuation:
            guard isInsideMessage else { throw .continuationWithoutStart }
        case .ping, .pong, .connectionClose:
            guard head[0] & 0x80 != 0 else { throw .fragmentedControl }
            guard head[1] & 0x7f <= 125 else { throw .controlTooLong }
        default:
            throw .unknownOpcode(code)
        }
    }

    private mutating func report(_ piece: Piece, _ slice: ByteBuffer, _ emit: (Event) throws -> Void) throws {
        switch piece.opcode {
        case .binary, .continuation:
            try emit(.payload(slice, isEnd: piece.endsMessage))
        default:
            var slice = slice
            control.writeBuffer(&slice)
            guard piece.endsFrame else { return }
            defer { control = ByteBuffer() }
            switch piece.opcode {
            case .ping: try emit(.ping(control))
            case .pong: try emit(.pong(control))
            default: try emit(readClose())
            }
        }
    }

    /// Reads the body of a close frame (RFC 6455 section 5.5.1).
    private mutating func readClose() throws(WebSocketError) -> Event {
        guard control.readableBytes > 0 else { return .close(code: nil, reason: "") }
        guard let code = control.readInteger(as: UInt16.self) else { throw .truncatedCloseCode }
        guard Self.maySend(code) else { throw .invalidCloseCode(code) }
        guard let reason = String(validating: control.readableBytesView, as: UTF8.self) else {
            throw .invalidCloseReason
        }
        return .close(code: code, reason: reason)
    }

    /// Whether a close frame may contain this status (RFC 6455 section 7.4 and IANA's registry). 1004 to 1006 and 1015
    /// only describe locally what happened, and unassigned codes may not be used.
    private static func maySend(_ code: UInt16) -> Bool {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}

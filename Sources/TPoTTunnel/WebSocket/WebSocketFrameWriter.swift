import NIOCore
import NIOWebSocket
import TPoTWire

/// Writes WebSocket frames (RFC 6455 section 5) into a batch buffer. A client's frames are masked.
///
/// Written by hand because NIOWebSocket's encoder copies every payload and masks byte by byte.
package struct WebSocketFrameWriter: Sendable {
    private let masks: Bool
    private var keys = WebSocketMaskSource()

    /// The longest frame head that we write, masked.
    static let maximumHeadLength = 14

    package init(masks: Bool) {
        self.masks = masks
    }

    /// Appends a whole message or control frame.
    mutating func write(_ opcode: WebSocketOpcode, _ payload: ByteBuffer, into batch: inout ByteBuffer) {
        let mask = writeHead(opcode, length: payload.readableBytes, into: &batch)
        append(payload, mask: mask, into: &batch)
    }

    /// Appends a message that is not data.
    mutating func write(_ message: TunnelMessage, into batch: inout ByteBuffer) {
        var payload = ByteBuffer()
        payload.reserveCapacity(message.encodedLength)
        message.write(into: &payload)
        write(.binary, payload, into: &batch)
    }

    /// Appends a whole data message.
    package mutating func writeData(_ id: ConversationID, _ bytes: ByteBuffer, into batch: inout ByteBuffer) {
        let mask = writeDataHead(id, length: bytes.readableBytes, into: &batch)
        append(bytes, mask: mask, into: &batch)
    }

    /// Appends a data message without its payload, which the caller sends from its own buffer. Only without masking.
    mutating func writeUnmaskedDataHead(_ id: ConversationID, length: Int, into batch: inout ByteBuffer) {
        _ = writeDataHead(id, length: length, into: &batch)
    }

    private mutating func writeDataHead(
        _ id: ConversationID,
        length: Int,
        into batch: inout ByteBuffer
    ) -> WebSocketMask? {
        let mask = writeHead(.binary, length: TunnelMessage.dataHeaderLength + length, into: &batch)
        // `12 id id 'D'` as one integer. It is as long as the mask, so the mask starts over with the payload.
        let header =
            UInt32(TunnelCode.conversation) | UInt32(id) << 8 | UInt32(TunnelCode.data) << 24
        batch.writeInteger(header ^ (mask?.key ?? 0), endianness: .little)
        return mask
    }

    private mutating func writeHead(
        _ opcode: WebSocketOpcode,
        length: Int,
        into batch: inout ByteBuffer
    ) -> WebSocketMask? {
        batch.writeInteger(0x80 | UInt8(webSocketOpcode: opcode))
        let maskBit: UInt8 = masks ? 0x80 : 0
        if length < 126 {
            batch.writeInteger(maskBit | UInt8(length))
        } else if length <= Int(UInt16.max) {
            batch.writeMultipleIntegers(maskBit | 126, UInt16(length))
        } else {
            batch.writeMultipleIntegers(maskBit | 127, UInt64(length))
        }
        guard masks else { return nil }
        let mask = keys.next()
        batch.writeInteger(mask.key, endianness: .little)
        return mask
    }

    private func append(_ bytes: ByteBuffer, mask: WebSocketMask?, into batch: inout ByteBuffer) {
        guard let mask else {
            batch.writeImmutableBuffer(bytes)
            return
        }
        batch.writeWithUnsafeMutableBytes(minimumWritableBytes: bytes.readableBytes) { target in
            bytes.withUnsafeReadableBytes { source in
                if let start = target.baseAddress { mask.apply(from: source, to: start) }
                return source.count
            }
        }
    }
}

/// WebSocket frames as a peer writes them (RFC 6455, 5.2).
package enum WebSocketBytes {
    package static func frame(
        _ opcode: UInt8,
        _ payload: [UInt8],
        mask: [UInt8]? = nil,
        isFinal: Bool = true,
        isCompressed: Bool = false
    ) -> [UInt8] {
        var bytes = [opcode | (isFinal ? 0x80 : 0) | (isCompressed ? 0x40 : 0)]
        let bit: UInt8 = mask == nil ? 0 : 0x80
        if payload.count < 126 {
            bytes.append(bit | UInt8(payload.count))
        } else {
            bytes += [bit | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xff)]
        }
        guard let mask else { return bytes + payload }
        return bytes + mask + payload.enumerated().map { $0.element ^ mask[$0.offset & 3] }
    }

    /// A masked text frame, as a browser sends it.
    package static func masked(_ text: String, opcode: UInt8 = 1) -> [UInt8] {
        frame(opcode, Array(text.utf8), mask: [0x37, 0xfa, 0x21, 0x3d])
    }

    package static func text(_ text: String) -> [UInt8] { frame(1, Array(text.utf8)) }
}

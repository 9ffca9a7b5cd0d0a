import TPoTCapture

/// The bytes with which a captured request is sent again.
package enum ReplayRequest {
    /// Byte for byte as the target got it, chunk sizes and trailers included.
    package static func bytes(of exchange: CapturedExchange) throws(ReplayRefusal) -> [UInt8] {
        if let refusal = exchange.replayRefusal { throw refusal }
        guard let head = exchange.sentRequestHead ?? exchange.requestHead else {
            throw .noRequest
        }
        return Array(head.drop { $0 == 0x0d || $0 == 0x0a }) + exchange.requestBody.bytes
    }
}

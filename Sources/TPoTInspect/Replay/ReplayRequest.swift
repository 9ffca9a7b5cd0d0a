import TPoTCapture

/// The bytes that are sent to replay a captured request.
package enum ReplayRequest {
    /// The request byte for byte as the target received it, including chunk sizes and trailers.
    package static func bytes(of exchange: CapturedExchange) throws(ReplayRefusal) -> [UInt8] {
        if let refusal = exchange.replayRefusal { throw refusal }
        guard let head = exchange.sentRequestHead ?? exchange.requestHead else {
            throw ReplayRefusal("no request was seen here")
        }
        return Array(head.drop { $0 == 0x0d || $0 == 0x0a }) + exchange.requestBody.bytes
    }
}

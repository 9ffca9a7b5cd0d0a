import NIOCore
import TPoTCapture
import TPoTInspect
import TPoTWire

/// The bytes of a captured request for another target.
enum ReplayedRequest {
    /// `Host` becomes that of the new target where it was that of the old one.
    static func bytes(
        of exchange: CapturedExchange,
        from old: TargetAddress?,
        to new: TargetAddress
    ) throws(ReplayRefusal) -> [UInt8] {
        let bytes = try ReplayRequest.bytes(of: exchange)
        guard let old, old.hostHeader != new.hostHeader else { return bytes }
        var reader = HTTPConversationReader()
        reader.visitorSent(ByteBuffer(bytes: bytes))
        guard case .head(let head)? = reader.nextFromVisitor(), let host = head.host,
            host.elementsEqual(old.hostHeader.utf8)
        else { return bytes }
        let edited = head.replacingHost(with: ByteBuffer(string: new.hostHeader))
        return Array(buffer: edited) + bytes.dropFirst(head.raw.readableBytes)
    }
}

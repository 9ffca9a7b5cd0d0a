import NIOCore
import TPoTNetwork

/// Finds out whether a visitor's request could reach the target; over TLS that includes the handshake, unless it is
/// connected without TLS. It sends and reads no HTTP. Lives on the tunnel's event loop.
final class TargetProbe: TargetOwner {
    private let whenDone: (NetworkCause?) -> Void

    /// - Parameter whenDone: gets nil if the target can be connected to, else the reason why not.
    init(whenDone: @escaping (NetworkCause?) -> Void) { self.whenDone = whenDone }

    func targetConnected(_ handler: TargetHandler) {
        handler.close()
        whenDone(nil)
    }

    func targetCouldNotConnect(_ cause: NetworkCause) { whenDone(cause) }

    func claimRead() -> Bool { false }
    func targetSent(_ bytes: ByteBuffer) {}
    func targetCaughtUp() {}
    func targetClosed(_ cause: NetworkCause?) {}
}

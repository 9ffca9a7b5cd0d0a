import NIOCore
import TPoTNetwork

/// Finds out whether the target can be connected to, as a visitor's request would find it: over TLS with a handshake.
/// Not a byte of HTTP is sent, and none is read. Lives on the tunnel's event loop.
final class TargetProbe: TargetOwner {
    /// Nil when it can, else why not.
    private let outcome: EventLoopPromise<NetworkCause?>

    init(_ outcome: EventLoopPromise<NetworkCause?>) { self.outcome = outcome }

    func targetConnected(_ handler: TargetHandler) {
        outcome.succeed(nil)
        handler.close()
    }

    func targetCouldNotConnect(_ cause: NetworkCause) { outcome.succeed(cause) }

    func claimRead() -> Bool { false }
    func targetSent(_ bytes: ByteBuffer) {}
    func targetCaughtUp() {}
    func targetClosed(_ cause: NetworkCause?) {}
}

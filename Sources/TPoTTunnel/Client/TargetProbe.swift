import NIOCore
import TPoTNetwork

/// Finds out whether a visitor's request could reach the target; over TLS that includes the handshake. It sends and
/// reads no HTTP. Lives on the tunnel's event loop.
final class TargetProbe: TargetOwner {
    /// Nil if the target can be connected to, else the reason why not.
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

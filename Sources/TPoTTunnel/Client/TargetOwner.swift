import NIOCore

/// Whose connection to the target it is: told what happens on it, on its event loop.
protocol TargetOwner: AnyObject {
    func targetConnected(_ handler: TargetHandler)
    /// The connection did not come about.
    func targetCouldNotConnect(_ cause: NetworkCause)
    /// Asks to read the target's socket. Where that has to wait, the owner calls ``TargetHandler/resumeReading()`` later.
    func claimRead() -> Bool
    func targetSent(_ bytes: ByteBuffer)
    /// The target's socket has taken what the channel had; there may be room for more.
    func targetCaughtUp()
    /// `cause` where it was no orderly end.
    func targetClosed(_ cause: NetworkCause?)
}

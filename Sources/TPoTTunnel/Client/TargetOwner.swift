import NIOCore

/// Whose connection to the target it is: told what happens on it, on its event loop.
protocol TargetOwner: AnyObject {
    func targetConnected(_ handler: TargetHandler)
    /// The connection did not come about; the text is for the user.
    func targetCouldNotConnect(_ reason: String)
    /// Whether the target's socket may be read now.
    func takesFromTarget() -> Bool
    func targetSent(_ bytes: ByteBuffer)
    /// Whether the target's socket takes more has changed.
    func targetTakesMoreChanged()
    /// `error` where it was no orderly end.
    func targetClosed(_ error: String?)
}

import TPoTCapture

/// Brings requests of earlier runs into the list as the user comes to its end.
package protocol EarlierRequests: AnyObject, Sendable {
    /// The end of the list is on the screen. It is called for each such picture, and returns at once.
    /// - Parameter filter: what is wanted of them.
    func load(_ filter: CaptureFilter)

    /// The user cleared the list, so they are not wanted any more.
    func stop()
}

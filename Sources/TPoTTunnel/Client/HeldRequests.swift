/// Counts the requests of one conversation that came while the tunnel was held and therefore wait.
struct HeldRequests {
    /// Requests that began during the hold.
    private var begun = 0
    /// Whether the hold keeps part of a request that began before it.
    private var hasPart = false

    mutating func began() { begun += 1 }

    /// More of the latest request's body has come.
    mutating func wentOn() {
        if begun == 0 { hasPart = true }
    }

    /// Whether the latest `due` requests are all held, at least in part, so that the target has none of them whole.
    ///
    /// - Parameter isLastIncomplete: whether the rest of the latest request is still to come. It will be held.
    func include(_ due: Int, isLastIncomplete: Bool) -> Bool {
        let isPartHeld = hasPart || (begun == 0 && isLastIncomplete)
        return due <= begun + (isPartHeld ? 1 : 0)
    }
}

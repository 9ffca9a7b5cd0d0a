/// How much of a conversation's requests came while the tunnel was held, and so waits.
struct HeldRequests {
    /// Requests that began while it was held.
    private var begun = 0
    /// Part of a request that had begun before.
    private var hasPart = false

    mutating func began() { begun += 1 }

    /// More of the latest request's body has come.
    mutating func wentOn() {
        if begun == 0 { hasPart = true }
    }

    /// Whether the latest `due` requests are all held, at least in part: no target has the whole of any of them.
    ///
    /// - Parameter isLastIncomplete: the rest of the latest one is to come, and it will be held.
    func include(_ due: Int, isLastIncomplete: Bool) -> Bool {
        let isPartHeld = hasPart || (begun == 0 && isLastIncomplete)
        return due <= begun + (isPartHeld ? 1 : 0)
    }
}

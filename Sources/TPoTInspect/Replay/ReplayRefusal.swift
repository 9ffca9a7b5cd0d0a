import TPoTCapture

/// Why a request cannot be sent again.
package struct ReplayRefusal: Error, Hashable, Sendable {
    /// For the user; safe for a terminal.
    package let reason: String

    package init(_ reason: String) {
        self.reason = reason
    }
}

extension CapturedExchange {
    /// Why this request cannot be sent again; nil when it can: all of it was captured and nothing else came after it.
    package var replayRefusal: ReplayRefusal? {
        guard requestHead != nil else { return ReplayRefusal("no request was seen here") }
        guard !exchange.isOpaque else {
            return ReplayRefusal("an upgraded conversation cannot be replayed, only a request with its answer")
        }
        guard requestBody.isWhole else {
            return ReplayRefusal(
                "only \(requestBody.bytes.count) of \(requestBody.count) bytes were captured (--capture-body)"
            )
        }
        guard exchange.times.requestEnded != nil else {
            return ReplayRefusal(
                exchange.state.isOver ? "the request never came to its end" : "the request is still being sent"
            )
        }
        return nil
    }
}

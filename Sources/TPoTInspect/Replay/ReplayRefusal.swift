import TPoTCapture

/// Why a request cannot be sent again.
package enum ReplayRefusal: Error, Hashable, Sendable {
    /// The store has given the exchange up.
    case notKept
    case noRequest
    /// The conversation was upgraded, as to WebSocket.
    case upgraded
    /// So many bytes of the body were captured, of so many.
    case partOfBody(captured: Int, of: Int)
    /// The end of the request has not come, or never will.
    case unfinished(isOver: Bool)

    // MARK: Edited texts

    case emptyText
    /// The first line is none of a request.
    case noRequestLine
    /// This line, shortened and safe for a terminal, is no header field.
    case noColon(String)
    /// This line, which stands for bytes that are not text, is missing or changed.
    case brokenPlaceholder(String)
    /// A content coding cannot be applied again, for this reason.
    case cannotEncode(String)
    /// This charset lacks a character of the edited text.
    case notInCharset(String)
}

extension CapturedExchange {
    /// Why this request cannot be sent again; nil when it can: all of it was captured and nothing else came after it.
    package var replayRefusal: ReplayRefusal? {
        guard requestHead != nil else { return .noRequest }
        guard !exchange.isOpaque else { return .upgraded }
        guard requestBody.isWhole else {
            return .partOfBody(captured: requestBody.bytes.count, of: requestBody.count)
        }
        guard exchange.times.requestEnded != nil else { return .unfinished(isOver: exchange.state.isOver) }
        return nil
    }
}

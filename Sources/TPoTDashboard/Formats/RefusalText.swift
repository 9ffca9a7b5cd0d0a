import TPoTInspect

extension ReplayRefusal {
    /// For the user; safe for a terminal.
    package var text: String {
        switch self {
        case .notKept: "it is not kept any more"
        case .noRequest: "no request was seen here"
        case .upgraded: "an upgraded conversation cannot be replayed, only a request with its answer"
        case .partOfBody(let captured, let count): "only \(captured) of \(count) bytes were captured (--capture-body)"
        case .unfinished(isOver: true): "the request never came to its end"
        case .unfinished(isOver: false): "the request is still being sent"
        case .emptyText: "the text is empty: nothing was sent"
        case .noRequestLine: "the first line must be METHOD /path HTTP/1.1"
        case .noColon(let line): "a header line has no colon: \(line)"
        }
    }
}

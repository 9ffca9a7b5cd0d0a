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
        case .brokenPlaceholder(let line): "this line must stay, because it stands for bytes that are not text: \(line)"
        case .cannotEncode(let reason): "the body cannot be encoded again: \(reason)"
        case .notInCharset(let charset): "the text has a character that \(charset) does not have"
        }
    }
}

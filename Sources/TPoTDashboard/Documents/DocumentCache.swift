import TPoTCapture
import TPoTInspect
import TPoTWire

/// Caches the most recent documents, because laying out a large body takes longer than a frame.
package final class DocumentCache {
    private struct Key: Hashable {
        var number: UInt64
        var tab: DetailState.Tab
        var mode: BodyText.Mode
        var isOpen: Bool
        var state: ExchangeState
        var isComplete: Bool
        var heads: Int
        var captured: Int
        var passed: Int
    }

    private enum Entry {
        case message(Key, DetailDocument)
        case comparison(ComparisonKey, ComparedText)
    }

    private struct ComparisonKey: Hashable {
        var requests: [Key]
        var responses: [Key]
    }

    /// A growing body larger than this is laid out again only after this many more bytes.
    private static let step = 64 * 1024
    /// Documents in the cache.
    private static let limit = 6

    private var entries: [Entry] = []
    /// The comparison that was shown last, with these folds open.
    private var shown: (key: ComparisonKey, open: Set<Int>, document: DetailDocument)?
    /// Documents that were laid out because the cache did not have them.
    package private(set) var misses = 0

    package init() {}

    /// - Parameters:
    ///   - columns: the columns of the text on the screen.
    ///   - height: its rows.
    func document(
        _ content: CapturedExchange,
        _ tab: DetailState.Tab,
        _ detail: DetailState,
        _ model: DashboardModel,
        columns: Int,
        height: Int
    ) -> DetailDocument {
        guard tab != .timing else { return TimingDocument.document(content, model, columns: columns) }
        let mode = detail[tab].mode
        let isOpen = detail.headersAreOpen ?? Self.opensHeaders(content, tab, height: height)
        let key = Self.key(content, tab, mode, isOpen: isOpen)
        for case .message(key, let document) in entries { return document.folded(detail[tab].folds) }
        let document =
            tab == .request
            ? MessageDocument.request(content, mode: mode, isOpen: isOpen)
            : MessageDocument.response(content, mode: mode, isOpen: isOpen, facts: model.facts)
        add(.message(key, document))
        return document.folded(detail[tab].folds)
    }

    /// Headers are folded where they would leave the body less than two thirds of the room.
    private static func opensHeaders(_ content: CapturedExchange, _ tab: DetailState.Tab, height: Int) -> Bool {
        let isRequest = tab == .request
        let body = isRequest ? content.requestBody : content.responseBody
        guard body.count > 0 else { return true }
        let heads = isRequest ? [content.requestHead] : content.interimHeads + [content.responseHead]
        // With the first line, and a blank one after each head.
        let lines = heads.reduce(0) { $0 + HTTPText.fieldLines($1 ?? []).count + 2 }
        return lines * 3 <= height
    }

    func comparison(_ old: CapturedExchange, _ new: CapturedExchange) -> ComparedText {
        let key = Self.key(old, new)
        for case .comparison(key, let text) in entries { return text }
        let text = ComparedText(old, new)
        add(.comparison(key, text))
        return text
    }

    /// - Parameter open: the folds that are open.
    func comparison(_ old: CapturedExchange, _ new: CapturedExchange, _ open: Set<Int>) -> DetailDocument {
        let key = Self.key(old, new)
        if let shown, shown.key == key, shown.open == open { return shown.document }
        let document = comparison(old, new).document(open)
        shown = (key, open, document)
        return document
    }

    private static func key(_ old: CapturedExchange, _ new: CapturedExchange) -> ComparisonKey {
        ComparisonKey(
            requests: [old, new].map { key($0, .request, .pretty, isOpen: true) },
            responses: [old, new].map { key($0, .response, .pretty, isOpen: true) }
        )
    }

    private func add(_ entry: Entry) {
        misses += 1
        entries.append(entry)
        if entries.count > Self.limit { entries.removeFirst() }
    }

    private static func key(
        _ content: CapturedExchange,
        _ tab: DetailState.Tab,
        _ mode: BodyText.Mode,
        isOpen: Bool
    ) -> Key {
        let body = tab == .request ? content.requestBody : content.responseBody
        // An upgraded exchange shows the messages of both directions in one text.
        let other = content.exchange.isOpaque ? tab == .request ? content.responseBody : content.requestBody : nil
        let captured = body.bytes.count + (other?.bytes.count ?? 0)
        let passed = body.count + (other?.count ?? 0)
        let times = content.exchange.times
        let grain = content.exchange.state.isOver || passed <= step ? 1 : step
        // A body that has reached its limit no longer grows: only the count of passed bytes still changes.
        let passedGrain = content.exchange.state.isOver || captured == passed ? grain : 16 * step
        return Key(
            number: content.number,
            tab: tab,
            mode: mode,
            isOpen: isOpen,
            state: content.exchange.state,
            isComplete: (tab == .request ? times.requestEnded : times.responseEnded) != nil,
            heads: (content.requestHead == nil ? 0 : 1) + (content.responseHead == nil ? 0 : 2)
                + content.interimHeads.count * 4,
            captured: captured / grain,
            passed: passed / passedGrain
        )
    }
}

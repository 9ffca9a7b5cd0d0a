import Dispatch
import NIOConcurrencyHelpers
import TPoTCapture
import TPoTTraffic

/// Gets exchanges that have ended.
protocol ExchangeListener: AnyObject, Sendable {
    var filter: CaptureFilter { get }
    var form: ExchangeForm { get }

    /// - Parameter text: the exchange as a server-sent event.
    func take(_ exchange: CapturedExchange, _ text: [UInt8])
    /// So many exchanges came too fast, and so many events were lost before they could become exchanges.
    func lost(exchanges: Int, events: Int)
}

/// Tells each exchange that ends to all who listen. While nobody does, it costs nothing.
///
/// The thread that fills the store only notes what has ended. What it means, whether it matches and how it is written is
/// found out on a queue of its own. When that is too slow, exchanges are counted as lost.
final class ExchangeHub: Sendable {
    /// The most exchanges that wait to be told.
    private static let inboxLimit = 1_000

    private struct State {
        var listeners: [ObjectIdentifier: any ExchangeListener] = [:]
        var inbox: [Exchange] = []
        var lostExchanges = 0
        var lostEvents = 0
        var isPlanned = false
    }

    private let store: CaptureStore
    private let bus: TrafficBus
    private let words: ExchangeWriting
    private let queue = DispatchQueue(label: "tpot.events", qos: .utility)
    private let state = NIOLockedValueBox(State())

    init(_ store: CaptureStore, _ bus: TrafficBus, _ words: ExchangeWriting) {
        self.store = store
        self.bus = bus
        self.words = words
    }

    func add(_ listener: any ExchangeListener) {
        state.withLockedValue { state in
            state.listeners[ObjectIdentifier(listener)] = listener
            guard state.listeners.count == 1 else { return }
            bus.isUrgent = true
            store.onFinished { [weak self] in self?.note($0, lostEvents: $1) }
        }
    }

    func remove(_ listener: any ExchangeListener) {
        state.withLockedValue { state in
            state.listeners[ObjectIdentifier(listener)] = nil
            guard state.listeners.isEmpty else { return }
            store.onFinished(nil)
            bus.isUrgent = false
            (state.inbox, state.lostExchanges, state.lostEvents) = ([], 0, 0)
        }
    }

    private func note(_ finished: [Exchange], lostEvents: Int) {
        let isNew = state.withLockedValue { state in
            guard !state.listeners.isEmpty else { return false }
            let room = max(0, Self.inboxLimit - state.inbox.count)
            state.inbox += finished.prefix(room)
            state.lostExchanges += max(0, finished.count - room)
            state.lostEvents += lostEvents
            defer { state.isPlanned = true }
            return !state.isPlanned
        }
        guard isNew else { return }
        queue.async { [weak self] in
            BackgroundPriority.take()
            self?.tell()
        }
    }

    private func tell() {
        let (exchanges, lost, listeners) = state.withLockedValue { state in
            defer { (state.inbox, state.lostExchanges, state.lostEvents, state.isPlanned) = ([], 0, 0, false) }
            return (state.inbox, (state.lostExchanges, state.lostEvents), Array(state.listeners.values))
        }
        for exchange in exchanges { tell(exchange, listeners) }
        guard lost != (0, 0) else { return }
        for listener in listeners { listener.lost(exchanges: lost.0, events: lost.1) }
    }

    private func tell(_ exchange: Exchange, _ listeners: [any ExchangeListener]) {
        let content = store.understood(exchange.number) ?? unkept(exchange)
        var texts: [ExchangeForm: [UInt8]] = [:]
        for listener in listeners {
            guard listener.filter.matches(content, bodyContains: { words.meaning.bodyContains($0, content) }) else {
                continue
            }
            let text = texts[listener.form] ?? event(content, listener.form)
            texts[listener.form] = text
            listener.take(content, text)
        }
    }

    /// One that the store has given up, or had no room for.
    private func unkept(_ exchange: Exchange) -> CapturedExchange {
        let time = store.clock.read().unixNanoseconds(at: exchange.times.requestBegan)
        return CapturedExchange(row: CaptureRow(exchange: exchange, unixNanoseconds: time))
    }

    private func event(_ content: CapturedExchange, _ form: ExchangeForm) -> [UInt8] {
        let line = form == .text ? words.text(content.row) : words.json(content.row)
        return Array("id: \(content.number)\ndata: ".utf8) + line + Array("\n\n".utf8)
    }
}

/// How exchanges are written, and what they mean: the same as in the commands.
package struct ExchangeWriting: Sendable {
    package var meaning: CaptureMeaning
    /// An object of JSON without a line break, and the same with heads and bodies.
    package var json: @Sendable (CaptureRow) -> [UInt8]
    package var detail: @Sendable (CapturedExchange) -> [UInt8]
    /// A line for people, without its line break and safe for a terminal.
    package var text: @Sendable (CaptureRow) -> [UInt8]
    /// Hides secrets in a whole head, in a field's value and in a URL.
    package var head: @Sendable ([UInt8]) -> [UInt8]

    package init(
        meaning: CaptureMeaning,
        json: @escaping @Sendable (CaptureRow) -> [UInt8],
        detail: @escaping @Sendable (CapturedExchange) -> [UInt8],
        text: @escaping @Sendable (CaptureRow) -> [UInt8],
        head: @escaping @Sendable ([UInt8]) -> [UInt8]
    ) {
        self.meaning = meaning
        self.json = json
        self.detail = detail
        self.text = text
        self.head = head
    }
}

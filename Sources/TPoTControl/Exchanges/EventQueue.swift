import NIOConcurrencyHelpers
import NIOCore
import TPoTCapture

/// The exchanges that wait for one reader of events, as server-sent events. It is bounded: what finds no room is counted,
/// and the reader is told.
final class EventQueue: ExchangeListener {
    /// The most that wait.
    static let lineLimit = 1_000
    static let byteLimit = 1_048_576

    private struct State {
        var waiting: [[UInt8]] = []
        var bytes = 0
        var lostExchanges = 0
        var lostEvents = 0
        var wake: (@Sendable () -> Void)?
        var isAwake = false
        var onClose: (@Sendable () -> Void)?

        var isEmpty: Bool { waiting.isEmpty && lostExchanges == 0 && lostEvents == 0 }
    }

    let filter: CaptureFilter
    let form: ExchangeForm
    private let state = NIOLockedValueBox(State())

    init(_ filter: CaptureFilter, _ form: ExchangeForm) {
        self.filter = filter
        self.form = form
    }

    /// - Parameter onClose: called once, when nobody reads any more.
    func onClose(_ onClose: @escaping @Sendable () -> Void) {
        state.withLockedValue { $0.onClose = onClose }
    }

    /// - Parameter wake: called when there is something to take and there was nothing.
    func onEvents(_ wake: @escaping @Sendable () -> Void) {
        state.withLockedValue { $0.wake = wake }
    }

    func close() {
        let onClose = state.withLockedValue { state in
            defer { state = State() }
            return state.onClose
        }
        onClose?()
    }

    // MARK: Filling

    func take(_ exchange: CapturedExchange, _ text: [UInt8]) {
        add { state in
            guard state.waiting.count < Self.lineLimit, state.bytes + text.count <= Self.byteLimit else {
                state.lostExchanges += 1
                return
            }
            state.waiting.append(text)
            state.bytes += text.count
        }
    }

    func lost(exchanges: Int, events: Int) {
        add { state in
            state.lostExchanges += exchanges
            state.lostEvents += events
        }
    }

    private func add(_ body: (inout State) -> Void) {
        let wake: (@Sendable () -> Void)? = state.withLockedValue { state in
            body(&state)
            guard !state.isAwake, !state.isEmpty, let wake = state.wake else { return nil }
            state.isAwake = true
            return wake
        }
        wake?()
    }

    // MARK: Emptying

    /// - Returns: what waits, in one piece; nil if nothing does. Then `wake` is called for what comes next.
    func take() -> ByteBuffer? {
        state.withLockedValue { state in
            guard !state.isEmpty else {
                state.isAwake = false
                return nil
            }
            var buffer = ByteBuffer()
            buffer.reserveCapacity(state.bytes + 16 * state.waiting.count)
            for text in state.waiting { buffer.writeBytes(text) }
            state.waiting.removeAll(keepingCapacity: state.waiting.count <= 64)
            state.bytes = 0
            if state.lostExchanges > 0 || state.lostEvents > 0 {
                // They came after those that are told.
                buffer.writeString(
                    "event: lost\ndata: {\"type\":\"lost\",\"exchanges\":\(state.lostExchanges),"
                        + "\"events\":\(state.lostEvents)}\n\n"
                )
                (state.lostExchanges, state.lostEvents) = (0, 0)
            }
            return buffer
        }
    }
}

/// How exchanges are written.
package enum ExchangeForm: String, CaseIterable, Hashable, Sendable {
    /// Objects of JSON.
    case json
    /// One object a line.
    case lines
    /// For people: lines of a table.
    case text
}

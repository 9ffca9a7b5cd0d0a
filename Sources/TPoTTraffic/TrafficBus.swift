import NIOConcurrencyHelpers
import NIOCore

/// A bounded inbox between the tunnel, which publishes events, and the reader that drains them. The tunnel never waits.
///
/// Publishing is a lock and an append. When the inbox holds ``Limits/events`` events or ``Limits/bytes`` bytes, further
/// events are dropped and counted as lost until it is drained.
package final class TrafficBus: Sendable {
    package struct Limits: Sendable {
        package var events: Int
        /// Bytes of bodies and heads in the inbox.
        package var bytes: Int

        package init(events: Int = 65_536, bytes: Int = 16 * 1024 * 1024) {
            self.events = events
            self.bytes = bytes
        }
    }

    package struct Batch: Sendable {
        package var events: [TrafficEvent]
        /// Events that were dropped since the last batch because the inbox was full.
        package var lost: Int

        package init(events: [TrafficEvent], lost: Int = 0) {
            self.events = events
            self.lost = lost
        }
    }

    /// How many bytes of each body the reader wants. Beyond them the tunnel only publishes byte counts. 0 means no
    /// bodies.
    package let bodyLimit: Int

    private struct State {
        var events: [TrafficEvent] = []
        var bytes = 0
        var lost = 0
        var wake: (@Sendable () -> Void)?
        var isUrgent = false
    }

    private let limits: Limits
    private let state: NIOLockedValueBox<State>

    package init(bodyLimit: Int = 0, limits: Limits = Limits()) {
        self.bodyLimit = bodyLimit
        self.limits = limits
        state = NIOLockedValueBox(State())
    }

    /// Sets what is called when the first event arrives in an empty inbox. It runs on the publisher's thread, so it
    /// must do no more than wake another thread.
    package func onFirstEvent(_ wake: @escaping @Sendable () -> Void) {
        let isWaiting = state.withLockedValue { state in
            state.wake = wake
            return !state.events.isEmpty
        }
        if isWaiting { wake() }
    }

    /// Somebody waits for the events: they are delivered more often. It costs the reader more.
    package var isUrgent: Bool {
        get { state.withLockedValue { $0.isUrgent } }
        set { state.withLockedValue { $0.isUrgent = newValue } }
    }

    package func publish(_ event: TrafficEvent) {
        let bytes = event.kind.byteCount
        let wake: (@Sendable () -> Void)? = state.withLockedValue { state in
            guard state.events.count < limits.events, state.bytes + bytes <= limits.bytes else {
                state.lost += 1
                return nil
            }
            state.bytes += bytes
            state.events.append(event)
            return state.events.count == 1 ? state.wake : nil
        }
        wake?()
    }

    /// Takes all events from the inbox.
    /// - Parameter spare: an array whose storage is used for the next events, so that a steady stream of batches
    ///   allocates nothing.
    package func drain(reusing spare: [TrafficEvent] = []) -> Batch {
        var taken = spare
        taken.removeAll(keepingCapacity: true)
        let lost = state.withLockedValue { state in
            swap(&taken, &state.events)
            state.bytes = 0
            defer { state.lost = 0 }
            return state.lost
        }
        return Batch(events: taken, lost: lost)
    }
}

extension TrafficEvent.Kind {
    /// Bytes of heads and bodies that the event holds.
    var byteCount: Int {
        switch self {
        case .requestHead(let received, let sent): received.count + (sent?.count ?? 0)
        case .responseHead(let head): head.count
        case .requestEdited(_, let head, let body): head.count + body.readableBytes
        case .requestBody(.bytes(let bytes)), .responseBody(.bytes(let bytes)),
            .visitorOpaque(.bytes(let bytes)), .targetOpaque(.bytes(let bytes)):
            bytes.readableBytes
        default: 0
        }
    }
}

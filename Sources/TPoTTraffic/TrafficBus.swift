import NIOConcurrencyHelpers
import NIOCore

/// The way from the path of bytes to whoever watches: a bounded inbox that never makes the publisher wait.
///
/// Publishing is a lock and an append. When the inbox holds ``Limits/events`` events or ``Limits/bytes`` bytes, further
/// events are counted as lost until it is drained.
package final class TrafficBus: Sendable {
    package struct Limits: Sendable {
        package var events: Int
        /// Bytes of bodies and heads that wait in the inbox.
        package var bytes: Int

        package init(events: Int = 65_536, bytes: Int = 16 * 1024 * 1024) {
            self.events = events
            self.bytes = bytes
        }
    }

    package struct Batch: Sendable {
        package var events: [TrafficEvent]
        /// Events that found the inbox full since the last batch.
        package var lost: Int

        package init(events: [TrafficEvent], lost: Int = 0) {
            self.events = events
            self.lost = lost
        }
    }

    /// How many bytes of each body the watcher keeps; the path publishes only numbers beyond. 0 for no bodies at all.
    package let bodyLimit: Int

    private struct State {
        var events: [TrafficEvent] = []
        var bytes = 0
        var lost = 0
        var wake: (@Sendable () -> Void)?
    }

    private let limits: Limits
    private let state: NIOLockedValueBox<State>

    package init(bodyLimit: Int = 0, limits: Limits = Limits()) {
        self.bodyLimit = bodyLimit
        self.limits = limits
        state = NIOLockedValueBox(State())
    }

    /// Called on the publisher's thread when the inbox stops being empty: must only wake somebody.
    package func onFirstEvent(_ wake: @escaping @Sendable () -> Void) {
        let isWaiting = state.withLockedValue { state in
            state.wake = wake
            return !state.events.isEmpty
        }
        if isWaiting { wake() }
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

    /// Takes everything that waits. `spare` is an emptied array whose storage is used again, so that a steady stream
    /// of batches allocates nothing.
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
    /// Bytes of storage that the event keeps alive, as far as it can say.
    var byteCount: Int {
        switch self {
        case .requestHead(let received, let sent): received.count + (sent?.count ?? 0)
        case .responseHead(let head): head.count
        case .requestBody(.bytes(let bytes)), .responseBody(.bytes(let bytes)),
            .visitorOpaque(.bytes(let bytes)), .targetOpaque(.bytes(let bytes)):
            bytes.readableBytes
        default: 0
        }
    }
}

import NIOConcurrencyHelpers
import TPoTTraffic
import TestSupport

/// Follows what a tunnel says of itself on its bus.
final class TunnelEvents: Sendable {
    private let bus: TrafficBus
    private let stream: AsyncStream<TrafficEvent>

    /// From now on nobody else may drain the bus.
    init(_ bus: TrafficBus) {
        self.bus = bus
        let (stream, continuation) = AsyncStream.makeStream(of: TrafficEvent.self)
        self.stream = stream
        bus.onFirstEvent { for event in bus.drain().events { continuation.yield(event) } }
    }

    /// Returns with the first event from here on that is meant.
    @discardableResult
    func next(_ isMeant: (TrafficEvent) -> Bool) async throws -> TrafficEvent {
        for await event in stream where isMeant(event) { return event }
        throw RawPeer.Ended(received: "")
    }

    func wait(_ isMeant: (TunnelStatus) -> Bool) async throws {
        try await next { if case .tunnel(let status) = $0.kind { isMeant(status) } else { false } }
    }
}

import NIOConcurrencyHelpers
import TPoTCapture
import TPoTTraffic
import TestSupport

/// Follows the events on the bus of a tunnel.
final class TunnelEvents: Sendable {
    private let bus: TrafficBus
    private let stream: AsyncStream<TrafficEvent>
    private let seen = NIOLockedValueBox((assembler: ExchangeAssembler(), finished: [UInt64: Exchange]()))

    /// From now on, nothing else may drain the bus.
    init(_ bus: TrafficBus) {
        self.bus = bus
        let (stream, continuation) = AsyncStream.makeStream(of: TrafficEvent.self)
        self.stream = stream
        bus.onFirstEvent { for event in bus.drain().events { continuation.yield(event) } }
    }

    /// Returns the next event that matches.
    @discardableResult
    func next(_ matches: (TrafficEvent) -> Bool) async throws -> TrafficEvent {
        for await event in stream {
            seen.withLockedValue { seen in
                var finished: [Exchange] = []
                seen.assembler.consume(event) { if case .finished(let exchange) = $0 { finished.append(exchange) } }
                for exchange in finished { seen.finished[exchange.number] = exchange }
            }
            if matches(event) { return event }
        }
        throw RawPeer.Ended(received: "")
    }

    /// The exchange with this number, once it has ended.
    func exchange(_ number: UInt64) async throws -> Exchange {
        while true {
            if let exchange = seen.withLockedValue({ $0.finished[number] }) { return exchange }
            try await next { _ in true }
        }
    }

    func wait(_ matches: (TunnelStatus) -> Bool) async throws {
        try await next { if case .tunnel(let status) = $0.kind { matches(status) } else { false } }
    }
}

import NIOConcurrencyHelpers
import NIOCore
import Testing

@testable import TPoTTraffic

@Suite struct TrafficBusTests {
    @Test func eventsKeepTheirOrderAndWakeTheReaderOnce() {
        let bus = TrafficBus()
        let wakes = NIOLockedValueBox(0)
        bus.onFirstEvent { wakes.withLockedValue { $0 += 1 } }
        for number in 1...3 { bus.publish(event(UInt64(number), .requestEnd)) }
        #expect(wakes.withLockedValue { $0 } == 1)
        #expect(bus.drain().events.map(\.conversation) == [1, 2, 3])
        bus.publish(event(4, .requestEnd))
        #expect(wakes.withLockedValue { $0 } == 2)
    }

    @Test func eventsBeyondTheLimitAreCountedAsLost() {
        let bus = TrafficBus(limits: TrafficBus.Limits(events: 2, bytes: 10))
        for number in 1...5 { bus.publish(event(UInt64(number), .requestEnd)) }
        let batch = bus.drain()
        #expect(batch.events.count == 2)
        #expect(batch.lost == 3)
        #expect(bus.drain().lost == 0)
    }

    @Test func theInboxIsAlsoLimitedInBytes() {
        let bus = TrafficBus(bodyLimit: 100, limits: TrafficBus.Limits(events: 100, bytes: 10))
        bus.publish(event(1, .requestBody(.bytes(ByteBuffer(repeating: 0, count: 8)))))
        bus.publish(event(2, .requestBody(.bytes(ByteBuffer(repeating: 0, count: 8)))))
        bus.publish(event(3, .requestBody(.count(1_000_000))))
        #expect(bus.drain().events.map(\.conversation) == [1, 3])
    }

    @Test func aReaderThatRegistersLateIsWoken() {
        let bus = TrafficBus()
        bus.publish(event(1, .requestEnd))
        let wakes = NIOLockedValueBox(0)
        bus.onFirstEvent { wakes.withLockedValue { $0 += 1 } }
        #expect(wakes.withLockedValue { $0 } == 1)
    }

    private func event(_ conversation: ConversationNumber, _ kind: TrafficEvent.Kind) -> TrafficEvent {
        TrafficEvent(time: .uptimeNanoseconds(0), conversation: conversation, kind: kind)
    }
}

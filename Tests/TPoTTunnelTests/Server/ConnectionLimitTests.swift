import NIOCore
import Testing

@testable import TPoTTunnel

@Suite struct ConnectionLimitTests {
    private func client(_ address: String, isExempt: Bool = false) -> ClientAddress {
        ClientAddress(ip: IPAddress(address), isExempt: isExempt)
    }

    @Test func oneAddressReachesItsLimitAndOthersDoNot() {
        var limit = ConnectionLimit(total: 10_000)
        let busy = client("192.0.2.1")
        for _ in 0..<ConnectionLimit.perAddress { #expect(limit.enter(busy) == nil) }
        #expect(limit.enter(busy) == .tooManyOfAddress)
        #expect(limit.enter(client("192.0.2.2")) == nil)
        limit.leave(busy)
        #expect(limit.enter(busy) == nil)
        #expect(limit.count == ConnectionLimit.perAddress + 1)
    }

    /// One customer has all addresses of a /64.
    @Test func addressesOfIPv6CountByTheirNetwork() {
        var limit = ConnectionLimit(total: 10_000)
        for number in 0..<ConnectionLimit.perAddress {
            #expect(limit.enter(client("2001:db8::\(String(number, radix: 16))")) == nil)
        }
        #expect(limit.enter(client("2001:db8::ffff:1")) == .tooManyOfAddress)
        #expect(limit.enter(client("2001:db8:0:1::1")) == nil)
    }

    @Test func proxiesAndTheLoopbackCountInAllOnly() {
        var limit = ConnectionLimit(total: ConnectionLimit.perAddress + 5)
        let proxy = client("127.0.0.1", isExempt: true)
        for _ in 0..<ConnectionLimit.perAddress + 5 { #expect(limit.enter(proxy) == nil) }
        #expect(limit.enter(proxy) == .tooManyInAll(ConnectionLimit.perAddress + 5))
        #expect(limit.enter(client("192.0.2.1")) == .tooManyInAll(ConnectionLimit.perAddress + 5))
        limit.leave(proxy)
        #expect(limit.enter(client("192.0.2.1")) == nil)
    }

    @Test func theLimitOfDescriptorsIsSensible() {
        #expect((64...1_000_000).contains(DescriptorLimit.current))
    }

    @Test func aLineOfTheLogIsDueOnceAMinute() {
        var throttle = LogThrottle()
        let start = NIODeadline.now()
        #expect(throttle.note(at: start) == "")
        for second in 1..<60 { #expect(throttle.note(at: start + .seconds(Int64(second))) == nil) }
        #expect(throttle.note(at: start + .seconds(60)) == " (60 times since the last such line)")
        #expect(throttle.note(at: start + .seconds(200)) == "")
    }
}

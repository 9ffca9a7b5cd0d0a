import NIOCore
import Testing

@testable import TPoTTunnel

@Suite struct RefusalLogTests {
    private func client(_ text: String) -> ClientAddress { ClientAddress(ip: IPAddress(text), isExempt: false) }

    @Test func oneLineAtOnceAndThenOneAMinute() {
        var log = RefusalLog()
        #expect(log.note("wrong key", of: client("192.0.2.1")) == "refused a tunnel to 192.0.2.1: wrong key")
        #expect(log.note("wrong key", of: client("192.0.2.2")) == "refused a tunnel to 192.0.2.2: wrong key")
        for _ in 1...94_000 { #expect(log.note("wrong key", of: client("192.0.2.1")) == nil) }
        #expect(log.note("wait", of: client("192.0.2.1")) == nil)
        #expect(log.periodEnded() == ["refused 94001 more within a minute to 192.0.2.1, the last one: wait"])
        #expect(log.note("wrong key", of: client("192.0.2.1")) == nil)
        #expect(log.note("wrong key", of: client("192.0.2.2")) != nil)
        #expect(log.periodEnded() == ["refused 1 more within a minute to 192.0.2.1, the last one: wrong key"])
        #expect(log.periodEnded() == [])
        #expect(log.isEmpty)
        #expect(log.note("wrong key", of: client("192.0.2.1")) != nil)
    }

    @Test func ipv6ClientsShareALine() {
        var log = RefusalLog()
        #expect(log.note("wrong key", of: client("2001:db8::1")) == "refused a tunnel to 2001:db8::1: wrong key")
        #expect(log.note("wrong key", of: client("2001:db8::2")) == nil)
        #expect(
            log.periodEnded() == ["refused 1 more within a minute to 2001:db8::/64, the last one: wrong key"]
        )
    }

    @Test func manyAddressesShareALine() {
        var log = RefusalLog()
        var lines = 0
        for number in 1...100_000 {
            let client = ClientAddress(ip: IPAddress(ipv4: UInt32(number)), isExempt: false)
            if log.note("wrong key", of: client) != nil { lines += 1 }
        }
        #expect(lines == RefusalLog.addressesAtMost + 1)
        let count = 100_000 - RefusalLog.addressesAtMost - 1
        #expect(
            log.periodEnded() == ["refused \(count) more within a minute to other addresses, the last one: wrong key"]
        )
    }

    @Test func aClientWithoutAnAddressIsNamed() {
        var log = RefusalLog()
        #expect(log.note("why", of: ClientAddress(ip: nil, isExempt: true)) == "refused a tunnel to a client: why")
    }
}

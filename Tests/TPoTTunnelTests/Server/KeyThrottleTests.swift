import NIOCore
import Testing

@testable import TPoTTunnel

@Suite struct KeyThrottleTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)
    private let address = IPAddress(ipv4: 0xc000_0201)

    private func seconds(_ throttle: KeyThrottle, _ now: NIODeadline) -> Int64? {
        throttle.wait(of: address, at: now).map { $0.nanoseconds / 1_000_000_000 }
    }

    @Test func waitsDoubleFromTenSecondsToFiveMinutes() {
        var throttle = KeyThrottle()
        var now = start
        for _ in 1...4 {
            throttle.wrongKey(from: address, at: now)
            #expect(seconds(throttle, now) == nil)
        }
        var waits: [Int64?] = []
        for _ in 1...8 {
            throttle.wrongKey(from: address, at: now)
            waits.append(seconds(throttle, now))
            now = now + (throttle.wait(of: address, at: now) ?? .zero)
            #expect(seconds(throttle, now) == nil)
        }
        #expect(waits == [10, 20, 40, 80, 160, 300, 300, 300])
    }

    @Test func keysThatWereBeingCheckedDoNotMakeTheWaitLonger() {
        var throttle = KeyThrottle()
        for _ in 1...40 { throttle.wrongKey(from: address, at: start) }
        #expect(seconds(throttle, start) == 10)
        throttle.wrongKey(from: address, at: start + .seconds(10))
        #expect(seconds(throttle, start + .seconds(10)) == 20)
    }

    @Test func aRightKeyClearsIt() {
        var throttle = KeyThrottle()
        for _ in 1...5 { throttle.wrongKey(from: address, at: start) }
        throttle.rightKey(from: address)
        #expect(seconds(throttle, start) == nil)
        for _ in 1...4 { throttle.wrongKey(from: address, at: start) }
        #expect(seconds(throttle, start) == nil)
    }

    @Test func aQuietAddressBeginsAnew() {
        var throttle = KeyThrottle()
        for _ in 1...4 { throttle.wrongKey(from: address, at: start) }
        let later = start + KeyThrottle.memory
        throttle.wrongKey(from: address, at: later)
        #expect(seconds(throttle, later) == nil)
        for _ in 1...4 { throttle.wrongKey(from: address, at: later) }
        #expect(seconds(throttle, later) == 10)
    }

    @Test func othersDoNotWait() {
        var throttle = KeyThrottle()
        for _ in 1...5 { throttle.wrongKey(from: address, at: start) }
        #expect(throttle.wait(of: IPAddress(ipv4: 0xc000_0202), at: start) == nil)
    }

    /// An attacker with many addresses fills the table. It forgets those that were quiet the longest.
    @Test func theTableIsBounded() {
        var throttle = KeyThrottle()
        for _ in 1...5 { throttle.wrongKey(from: address, at: start) }
        let kept = IPAddress(ipv4: 1)
        for number in 1...UInt32(KeyThrottle.addressesAtMost) {
            let now = start + .milliseconds(Int64(number))
            throttle.wrongKey(from: IPAddress(ipv4: number), at: now)
            for _ in 1...5 { throttle.wrongKey(from: kept, at: now) }
        }
        let now = start + .seconds(5)
        #expect(throttle.wait(of: address, at: now) == nil)
        #expect(throttle.wait(of: kept, at: now) != nil)
        #expect(throttle.count == KeyThrottle.addressesAtMost)
    }
}

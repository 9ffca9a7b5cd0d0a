import NIOCore
import Testing

@testable import TPoTTunnel

@Suite struct LinkLivenessTests {
    private let start = NIODeadline.uptimeNanoseconds(1_000_000_000)

    @Test func pingsEveryTenSeconds() {
        var liveness = LinkLiveness(now: start)
        #expect(liveness.duty(at: start) == .none)
        #expect(liveness.next == start + .seconds(10))
        #expect(liveness.duty(at: start + .milliseconds(9_999)) == .none)
        #expect(liveness.duty(at: start + .seconds(10)) == .ping)
        liveness.pinged(at: start + .seconds(10))
        #expect(liveness.duty(at: start + .seconds(10)) == .none)
        #expect(liveness.next == start + .seconds(20))
    }

    @Test func givesUpAfterThirtySecondsOfSilence() {
        var liveness = LinkLiveness(now: start)
        for second in [10, 20] as [Int64] {
            #expect(liveness.duty(at: start + .seconds(second)) == .ping)
            liveness.pinged(at: start + .seconds(second))
        }
        #expect(liveness.next == start + .seconds(30))
        #expect(liveness.duty(at: start + .milliseconds(29_999)) == .none)
        #expect(liveness.duty(at: start + .seconds(30)) == .giveUp)
    }

    @Test func anyByteIsASignOfLife() {
        var liveness = LinkLiveness(now: start)
        liveness.heard(at: start + .seconds(29))
        liveness.pinged(at: start + .seconds(29))
        #expect(liveness.duty(at: start + .seconds(30)) == .none)
        liveness.pinged(at: start + .seconds(50))
        #expect(liveness.next == start + .seconds(59))
        #expect(liveness.duty(at: start + .seconds(59)) == .giveUp)
    }
}

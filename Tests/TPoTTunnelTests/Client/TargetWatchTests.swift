import NIOCore
import NIOEmbedded
import TPoTTraffic
import Testing

@testable import TPoTTunnel

/// When the target is tried, and what is known about it, on a clock that the test moves.
@Suite struct TargetWatchTests {
    private final class Place {
        let eventLoop = EmbeddedEventLoop()
        private(set) var published: [TargetState] = []
        private(set) var attempts: [(String?) -> Void] = []
        private(set) lazy var watch = TargetWatch(
            eventLoop: eventLoop,
            tryConnecting: { [unowned self] in attempts.append($0) },
            publish: { [unowned self] in published.append($0) }
        )

        func pass(_ time: TimeAmount) { eventLoop.advanceTime(by: time) }

        func refuse() { attempts.last?("refused") }
        func accept() { attempts.last?(nil) }
    }

    private let place = Place()
    private var watch: TargetWatch { place.watch }

    @Test func nothingIsTriedWhileItIsNotKnownOrUp() {
        watch.tunnelIsUp()
        place.pass(.minutes(1))
        watch.connected()
        watch.connected()
        place.pass(.minutes(1))
        #expect(place.attempts.isEmpty)
        #expect(place.published == [.up])
    }

    @Test func whileItIsDownItIsTriedEveryTwoSeconds() {
        watch.tunnelIsUp()
        watch.connected()
        place.pass(.seconds(5))
        let since = place.eventLoop.now
        watch.failed("refused", isOfTLS: false)
        watch.failed("refused", isOfTLS: false)
        place.pass(.milliseconds(1_999))
        #expect(place.attempts.isEmpty)
        place.pass(.milliseconds(1))
        #expect(place.attempts.count == 1)
        // An attempt that takes long is not joined by another one.
        place.pass(.seconds(9))
        #expect(place.attempts.count == 1)
        place.refuse()
        place.pass(.seconds(2))
        #expect(place.attempts.count == 2)
        place.accept()
        place.pass(.minutes(1))
        #expect(place.attempts.count == 2)
        #expect(place.published == [.up, .down(since: since, reason: "refused"), .up])
    }

    @Test func anotherReasonIsToldAndTheTimeStays() {
        watch.tunnelIsUp()
        let since = place.eventLoop.now
        watch.failed("refused", isOfTLS: false)
        place.pass(.seconds(2))
        place.attempts.last?("no such host")
        #expect(
            place.published == [.down(since: since, reason: "refused"), .down(since: since, reason: "no such host")]
        )
    }

    @Test func aConversationThatConnectsEndsTheTries() {
        watch.tunnelIsUp()
        watch.failed("refused", isOfTLS: false)
        place.pass(.seconds(2))
        watch.connected()
        // The answer of the try that was under way comes too late to matter.
        place.refuse()
        place.pass(.minutes(1))
        #expect(place.attempts.count == 1)
        #expect(watch.state == .up)
    }

    @Test func nothingIsTriedWithoutATunnel() {
        watch.failed("refused", isOfTLS: false)
        place.pass(.minutes(1))
        #expect(place.attempts.isEmpty)
        watch.tunnelIsUp()
        #expect(place.attempts.count == 1)
        place.refuse()
        watch.tunnelIsDown()
        place.pass(.minutes(1))
        #expect(place.attempts.count == 1)
    }

    /// A bare connection would find the target up, and the next visitor would find it down again.
    @Test func afterATLSFailureOnlyAConversationFindsItUp() {
        watch.tunnelIsUp()
        watch.failed("its certificate has expired", isOfTLS: true)
        place.pass(.minutes(1))
        #expect(place.attempts.isEmpty)
        #expect(watch.state.isDown)
        watch.connected()
        #expect(watch.state == .up)
        watch.failed("refused", isOfTLS: false)
        place.pass(.seconds(2))
        #expect(place.attempts.count == 1)
    }
}

import NIOCore
import Testing

@testable import TPoTTunnel

@Suite struct LinkWindowTests {
    struct Link: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var rate: Double
        var roundTrip: Double
        var jitter = 0.0
        var peerTurn = 0.0
        var socketBytes = Double.infinity
    }

    static let links = [
        Link(testDescription: "5 MB/s, 2 ms", rate: 5e6, roundTrip: 0.002),
        Link(testDescription: "100 Mbit/s, 100 ms", rate: 12.5e6, roundTrip: 0.1),
        Link(testDescription: "1 GB/s, 0.1 ms", rate: 1e9, roundTrip: 0.0001),
        Link(testDescription: "1 Gbit/s, 20 ms", rate: 125e6, roundTrip: 0.02),
        Link(testDescription: "2 MB/s, 50 ms", rate: 2e6, roundTrip: 0.05),
        Link(testDescription: "1 Mbit/s, 50 ms", rate: 125e3, roundTrip: 0.05),
        Link(testDescription: "satellite", rate: 12.5e6, roundTrip: 0.6),
        Link(testDescription: "5 MB/s, 20 ms and up to 20 more", rate: 5e6, roundTrip: 0.02, jitter: 0.02),
        Link(testDescription: "100 Mbit/s, 100 ms and up to 30 more", rate: 12.5e6, roundTrip: 0.1, jitter: 0.03),
        Link(testDescription: "5 MB/s, cumulative pongs", rate: 5e6, roundTrip: 0.002, peerTurn: 0.01),
        Link(testDescription: "100 Mbit/s, cumulative pongs", rate: 12.5e6, roundTrip: 0.1, peerTurn: 0.02),
        Link(testDescription: "1 GB/s, cumulative pongs", rate: 1e9, roundTrip: 0.0001, peerTurn: 0.001),
        Link(testDescription: "5 MB/s, small socket", rate: 5e6, roundTrip: 0.05, socketBytes: 262_144),
    ]

    private func simulation(_ link: Link) -> LinkSimulation {
        var simulation = LinkSimulation(rate: link.rate, roundTrip: link.roundTrip)
        simulation.jitter = link.jitter
        simulation.peerTurn = link.peerTurn
        simulation.socketBytes = link.socketBytes
        return simulation
    }

    @Test(arguments: links)
    func keepsTheLinkBusyAndTheQueueShort(link: Link) {
        var simulation = simulation(link)
        simulation.run(seconds: 20 * max(link.roundTrip, 0.25))
        simulation.run(seconds: 40)
        #expect(simulation.utilisation >= 0.9)
        // The window never shrinks below its floor, and one more message may be under way.
        let floor = Double(LinkWindow.floor + LinkWindow.probeBytesAtLeast) / link.rate
        let standing = max(floor, 0.01 + link.roundTrip / 4 + link.jitter + link.peerTurn)
        #expect(simulation.queue(atMost: 0.9) <= standing)
        // While it probes for more bandwidth or for the true round trip, it neither floods the link nor stops it.
        #expect(simulation.longestQueue <= 2 * standing + 2 * (link.roundTrip + link.jitter))
        #expect(simulation.longestSilence <= 2 * standing + 2 * (link.roundTrip + link.jitter))
    }

    @Test func fillsALongLinkWithinSeconds() {
        var simulation = LinkSimulation(rate: 12.5e6, roundTrip: 0.1)
        simulation.run(seconds: 1)
        simulation.run(seconds: 1)
        #expect(simulation.utilisation >= 0.9)
    }

    @Test func followsALinkThatChanges() {
        var simulation = LinkSimulation(rate: 12.5e6, roundTrip: 0.05)
        simulation.run(seconds: 3)
        for rate in [2e6, 12.5e6, 50e6, 1e6] {
            simulation.rate = rate
            simulation.run(seconds: 3)
            simulation.run(seconds: 20)
            #expect(simulation.utilisation >= 0.9)
            #expect(simulation.queue(atMost: 0.9) <= 0.055)
        }
        // A longer round trip looks like a queue until the link is drained to measure it.
        for roundTrip in [0.12, 0.02] {
            simulation.rate = 12.5e6
            simulation.roundTrip = roundTrip
            simulation.run(seconds: 12)
            simulation.run(seconds: 10)
            #expect(simulation.utilisation >= 0.9)
        }
    }

    @Test func isReadyAfterAPause() {
        var simulation = LinkSimulation(rate: 12.5e6, roundTrip: 0.1)
        simulation.busy = 3
        simulation.idle = 5
        simulation.run(seconds: 16)
        simulation.run(seconds: 80)
        // The source is busy three eighths of the time. The first round trip of each busy period pays for the pause.
        #expect(simulation.utilisation >= 0.9 * 3 / 8)
    }

    @Test func doesNotStopForAPeerThatNeverAnswers() {
        var simulation = LinkSimulation(rate: 5e6, roundTrip: 0.01)
        simulation.run(seconds: 60, peerAnswers: false)
        #expect(simulation.longestSilence <= 1.01)
        #expect(simulation.utilisation * 5e6 >= 0.9 * Double(LinkWindow.floor))
        #expect(simulation.mostUnderWay <= 8 * LinkWindow.floor + LinkWindow.probeBytesAtLeast)
        // Once the peer answers, the link is as fast as ever.
        simulation.run(seconds: 5)
        simulation.run(seconds: 10)
        #expect(simulation.utilisation >= 0.9)
    }

    @Test func fewBytesDuringADelayDoNotShrinkIt() {
        var window = LinkWindow()
        var now = NIODeadline.uptimeNanoseconds(1_000_000_000)
        let size = window.size
        for delay in [20, 20, 500, 20, 2_000] as [Int64] {
            window.sent(1_000)
            let number = window.probe(at: now)
            now = now + .milliseconds(delay)
            window.answered(number, at: now)
            #expect(window.roundTrip == .milliseconds(delay))
            #expect(window.underWay == 0)
        }
        #expect(window.size == size)
    }

    @Test func ignoresPongsThatItDidNotAskFor() {
        var window = LinkWindow()
        window.sent(10_000)
        let number = window.probe(at: .uptimeNanoseconds(1_000))
        window.answered(0, at: .uptimeNanoseconds(2_000))
        window.answered(number + 1, at: .uptimeNanoseconds(2_000))
        #expect(window.underWay == 10_000)
        #expect(window.roundTrip == nil)
        window.answered(number, at: .uptimeNanoseconds(3_000))
        window.answered(number, at: .uptimeNanoseconds(9_000))
        #expect(window.underWay == 0)
        #expect(window.roundTrip == .nanoseconds(2_000))
    }

    @Test func onePongStandsForAllPingsBeforeIt() {
        var window = LinkWindow()
        let numbers = (0..<5).map { turn in
            window.sent(1_000)
            return window.probe(at: .uptimeNanoseconds(UInt64(turn)))
        }
        window.answered(numbers[3], at: .uptimeNanoseconds(100))
        #expect(window.underWay == 1_000)
        window.answered(numbers[1], at: .uptimeNanoseconds(200))
        #expect(window.underWay == 1_000)
    }

    @Test func keepsFewPingsUnderWay() {
        var window = LinkWindow()
        var pings = 0
        for _ in 0..<1_000 {
            window.sent(LinkWindow.ceiling)
            if window.wantsProbe {
                _ = window.probe(at: .uptimeNanoseconds(1))
                pings += 1
            }
        }
        #expect(pings == LinkWindow.probesAtMost)
        #expect(window.allowance == 0)
    }
}

import NIOCore
import TPoTWire
import Testing

@testable import TPoTTunnel

@Suite struct LinkSchedulerTests {
    private func bytes(_ count: Int) -> ByteBuffer { ByteBuffer(repeating: 0, count: count) }

    /// Takes everything that may be sent now, as `id:bytes` and `idX`.
    private func drain(_ scheduler: inout LinkScheduler, atMost: Int = .max) -> [String] {
        var seen: [String] = []
        while seen.count < atMost, let item = scheduler.nextData(limit: .max) {
            switch item {
            case .data(let flow, let bytes): seen.append("\(flow.id):\(bytes.readableBytes)")
            case .closed(let flow): seen.append("\(flow.id)X")
            }
        }
        return seen
    }

    // MARK: Order

    @Test func controlComesInTheOrderOfAConversation() {
        var scheduler = LinkScheduler()
        let flow = LinkFlow(id: 3)
        scheduler.data(bytes(10), flow)
        scheduler.flowControl(.pause(3), flow)
        scheduler.flowControl(.resume(3), flow)
        scheduler.couldNotConnect(flow)
        scheduler.open(.openHTTP(3, RemoteAddress(ip: 0, port: 0)), flow)
        #expect(scheduler.hasControl == true)
        #expect(scheduler.nextControl() == .openHTTP(3, RemoteAddress(ip: 0, port: 0)))
        #expect(scheduler.nextControl() == .couldNotConnect(3))
        #expect(scheduler.nextControl() == .resume(3))
        #expect(scheduler.nextControl() == nil)
        #expect(drain(&scheduler) == ["3:10"])
    }

    @Test func noFlowControlGoesOutAfterTheClose() {
        var scheduler = LinkScheduler()
        let flow = LinkFlow(id: 1)
        scheduler.flowControl(.pause(1), flow)
        scheduler.close(flow, discarding: true)
        #expect(drain(&scheduler) == ["1X"])
        #expect(scheduler.nextControl() == nil)
        scheduler.flowControl(.resume(1), flow)
        #expect(scheduler.nextControl() == nil)
    }

    @Test func smallPassesBulk() {
        var scheduler = LinkScheduler()
        let bulk = LinkFlow(id: 1)
        scheduler.data(bytes(200_000), bulk)
        #expect(drain(&scheduler, atMost: 2) == ["1:65536", "1:65536"])
        let small = LinkFlow(id: 2)
        scheduler.data(bytes(500), small)
        #expect(drain(&scheduler, atMost: 1) == ["2:500"])
    }

    @Test func twoBulkFlowsShareEvenly() {
        var scheduler = LinkScheduler()
        let flows = [LinkFlow(id: 1), LinkFlow(id: 2)]
        var sent = [0, 0]
        // The shares do not depend on the sizes of the pieces.
        for _ in 0..<30 { scheduler.data(bytes(60_000), flows[0]) }
        for _ in 0..<1_800 { scheduler.data(bytes(1_000), flows[1]) }
        for _ in 0..<800 {
            guard case .data(let flow, let bytes)? = scheduler.nextData(limit: .max) else { break }
            #expect(bytes.readableBytes <= scheduler.limits.quantum)
            sent[Int(flow.id) - 1] += bytes.readableBytes
        }
        #expect(sent.min() ?? 0 > 300_000)
        #expect(abs(sent[0] - sent[1]) <= 2 * scheduler.limits.quantum)
    }

    @Test func bytesSentAloneDoNotCountAgainstAFlow() {
        var scheduler = LinkScheduler()
        let first = LinkFlow(id: 1)
        let second = LinkFlow(id: 2)
        scheduler.data(bytes(2_000_000), first)
        for _ in 0..<15 { _ = scheduler.nextData(limit: .max) }
        scheduler.data(bytes(1_000_000), second)
        var sent: [ConversationID: Int] = [:]
        for _ in 0..<20 {
            guard case .data(let flow, let bytes)? = scheduler.nextData(limit: .max) else { break }
            sent[flow.id, default: 0] += bytes.readableBytes
        }
        #expect(abs(sent[1, default: 0] - sent[2, default: 0]) <= 3 * scheduler.limits.quantum)
    }

    @Test(arguments: [500, 16 * 1024])
    func aStreamOfNewFlowsDoesNotStarveTheOld(size: Int) {
        var scheduler = LinkScheduler()
        let old = [LinkFlow(id: 1), LinkFlow(id: 2)]
        for flow in old { scheduler.data(bytes(1_000_000), flow) }
        var sent: [ConversationID: Int] = [:]
        var next: ConversationID = 3
        var total = 0
        while total < 4_000_000 {
            // There are always two new flows.
            while next < 5 || sent[next - 2] != nil {
                scheduler.data(bytes(size), LinkFlow(id: next))
                next += 1
            }
            guard case .data(let flow, let bytes)? = scheduler.nextData(limit: .max) else { continue }
            sent[flow.id, default: 0] += bytes.readableBytes
            total += bytes.readableBytes
        }
        for flow in old { #expect(sent[flow.id, default: 0] >= total / 30) }
        // The new flows still overtake the old ones.
        #expect(total - sent[1, default: 0] - sent[2, default: 0] >= total / 2)
    }

    @Test func aSliceIsNoLongerThanAllowed() {
        var scheduler = LinkScheduler()
        let flow = LinkFlow(id: 1)
        scheduler.data(bytes(10_000), flow)
        for expected in [4_000, 4_000, 2_000] {
            guard case .data(_, let slice)? = scheduler.nextData(limit: 4_000) else { break }
            #expect(slice.readableBytes == expected)
        }
        #expect(scheduler.totalBytes == 0)
        #expect(flow.bytes == 0)
    }

    // MARK: Pause

    @Test func manyEndedFlowsKeepFewBytesWhileThePeerDoesNotRead() {
        var scheduler = LinkScheduler()
        let limit = LinkScheduler.Limits().closingBytes
        for number in 0..<300 {
            let flow = LinkFlow(id: ConversationID(number))
            scheduler.data(bytes(1 << 20), flow)
            scheduler.close(flow, discarding: false)
        }
        #expect(scheduler.totalBytes <= limit + 1 << 20)
        #expect(scheduler.endsWaiting == 300)
    }

    @Test func aPausedFlowKeepsItsBytes() {
        var scheduler = LinkScheduler()
        let flow = LinkFlow(id: 1)
        let other = LinkFlow(id: 2)
        scheduler.data(bytes(100), flow)
        scheduler.setPaused(true, flow)
        scheduler.data(bytes(100), flow)
        scheduler.data(bytes(5), other)
        #expect(drain(&scheduler) == ["2:5"])
        #expect(scheduler.hasData == false)
        scheduler.setPaused(true, flow)
        scheduler.setPaused(false, flow)
        scheduler.setPaused(false, flow)
        #expect(drain(&scheduler) == ["1:200"])
        #expect(scheduler.readyBytes == 0)
    }

    @Test func pausedFlowsDoNotHoldUpTheOthers() {
        var scheduler = LinkScheduler()
        for id in 1...100 as ClosedRange<ConversationID> {
            let slow = LinkFlow(id: id)
            scheduler.data(bytes(scheduler.limits.conversationBytes), slow)
            scheduler.setPaused(true, slow)
        }
        #expect(scheduler.totalBytes > scheduler.limits.totalBytesAtMost)
        let flow = LinkFlow(id: 200)
        #expect(scheduler.reading(flow) == .allowed)
        scheduler.data(bytes(1_000), flow)
        #expect(scheduler.reading(flow) == .allowed)
        // With very many paused conversations, each conversation may hold fewer bytes.
        for id in 300...330 as ClosedRange<ConversationID> {
            let slow = LinkFlow(id: id)
            scheduler.setPaused(true, slow)
            scheduler.data(bytes(scheduler.limits.conversationBytes), slow)
        }
        scheduler.data(bytes(scheduler.limits.quantum), flow)
        #expect(scheduler.reading(flow) == .untilConversationDrains)
        #expect(scheduler.reading(LinkFlow(id: 400)) == .allowed)
    }

    // MARK: Closing

    @Test func closesAfterItsData() {
        var scheduler = LinkScheduler()
        let flow = LinkFlow(id: 1)
        scheduler.data(bytes(100), flow)
        scheduler.close(flow, discarding: false)
        scheduler.data(bytes(50), flow)
        #expect(flow.isClosing)
        #expect(drain(&scheduler) == ["1:100", "1X"])
        scheduler.close(flow, discarding: false)
        #expect(drain(&scheduler).isEmpty)
    }

    @Test func closesInsteadOfItsData() {
        var scheduler = LinkScheduler()
        let flow = LinkFlow(id: 1)
        scheduler.data(bytes(100_000), flow)
        _ = scheduler.nextData(limit: 1_000)
        scheduler.close(flow, discarding: true)
        #expect(scheduler.totalBytes == 0)
        #expect(drain(&scheduler) == ["1X"])
    }

    @Test func aCloseCanStillBeginToDiscard() {
        var scheduler = LinkScheduler()
        let flow = LinkFlow(id: 1)
        scheduler.data(bytes(100), flow)
        scheduler.close(flow, discarding: false)
        scheduler.close(flow, discarding: true)
        #expect(drain(&scheduler) == ["1X"])
    }

    @Test(arguments: [true, false])
    func aPausedFlowCloses(discarding: Bool) {
        var scheduler = LinkScheduler()
        let flow = LinkFlow(id: 1)
        scheduler.setPaused(true, flow)
        scheduler.data(bytes(100), flow)
        scheduler.close(flow, discarding: discarding)
        scheduler.setPaused(true, flow)
        #expect(drain(&scheduler) == (discarding ? ["1X"] : ["1:100", "1X"]))
        #expect(scheduler.readyBytes == 0)
        #expect(scheduler.totalBytes == 0)
    }

    // MARK: Bounds

    @Test func readingIsAllowedWithinTheBounds() {
        var scheduler = LinkScheduler()
        let limits = scheduler.limits
        let full = LinkFlow(id: 1)
        scheduler.data(bytes(limits.conversationBytes - 1), full)
        #expect(scheduler.reading(full) == .allowed)
        scheduler.data(bytes(1), full)
        #expect(scheduler.reading(full) == .untilConversationDrains)

        scheduler.data(bytes(limits.totalBytes - limits.conversationBytes), LinkFlow(id: 2))
        let waiting = LinkFlow(id: 3)
        scheduler.data(bytes(1), waiting)
        #expect(scheduler.reading(waiting) == .untilOthersDrain)
        let empty = LinkFlow(id: 4)
        #expect(scheduler.reading(empty) == .allowed)
        scheduler.data(bytes(limits.totalBytesAtMost - limits.totalBytes), LinkFlow(id: 5))
        #expect(scheduler.reading(empty) == .untilOthersDrain)
    }

    @Test func ignoresEmptyData() {
        var scheduler = LinkScheduler()
        scheduler.data(ByteBuffer(), LinkFlow(id: 1))
        #expect(scheduler.hasData == false)
        #expect(drain(&scheduler).isEmpty)
    }
}

import NIOCore
import TPoTCapture
import TPoTTraffic
import TPoTWire
import TestSupport
import Testing

@Suite struct LostEventTests {
    @Test func aConversationWithoutItsBeginningContinuesWithTheNextHead() {
        var transcript = Transcript()
        // The events before these were lost.
        transcript.add(.requestBody(.count(5)))
        transcript.add(.responseEnd)
        transcript.get("/a")
        transcript.answer(200)
        let (lines, exchanges) = assemble(transcript.events)
        #expect(lines == ["1 began GET /a", "1 streaming", "1 over finished 200"])
        #expect(exchanges[1]?.origin == nil)
    }

    @Test func anAnswerWithoutItsEndEndsWithTheNextAnswer() {
        var transcript = Transcript()
        transcript.open()
        transcript.add(.targetConnected)
        transcript.get("/a")
        transcript.get("/b")
        transcript.answer(200, ends: false)
        transcript.answer(404)
        let lines = assemble(transcript.events).lines
        #expect(lines.contains("1 over aborted(TPoTCapture.ExchangeAbort.eventsLost) 200"))
        #expect(lines.last == "2 over finished 404")
    }

    @Test func afterAGapTheNextRequestGetsItsOwnAnswer() {
        var transcript = Transcript()
        transcript.open()
        transcript.add(.targetConnected)
        transcript.get("/a")
        var assembler = ExchangeAssembler()
        _ = assemble(transcript.take(), &assembler)
        assembler.noteLostEvents()
        transcript.get("/b")
        transcript.answer(404)
        #expect(
            assemble(transcript.events, &assembler).lines == [
                "1 over aborted(TPoTCapture.ExchangeAbort.eventsLost) 0", "2 began GET /b", "2 streaming",
                "2 over finished 404",
            ]
        )
    }

    @Test func aReusedIDEndsItsPreviousConversation() {
        var transcript = Transcript()
        transcript.open(id: 9)
        transcript.get()
        transcript.conversation = 2
        transcript.open(id: 9)
        var assembler = ExchangeAssembler()
        let lines = assemble(transcript.events, &assembler).lines
        #expect(lines.last == "1 over aborted(TPoTCapture.ExchangeAbort.eventsLost) 0")
        #expect(assembler.open == 1)
        #expect(assembler.waiting == 0)
    }

    @Test func aLostTunnelEndsAllConversations() {
        var transcript = Transcript()
        transcript.open()
        transcript.get()
        transcript.add(.tunnel(.reconnecting(attempt: 1, delay: .seconds(1), reason: "gone")))
        var assembler = ExchangeAssembler()
        _ = assemble(transcript.events, &assembler)
        #expect(assembler.open == 0)
    }

    @Test func requestsWithoutAnswersAreBounded() {
        var transcript = Transcript()
        transcript.open()
        for _ in 0..<5000 { transcript.get() }
        var assembler = ExchangeAssembler()
        let exchanges = assemble(transcript.events, &assembler).exchanges
        #expect(assembler.waiting == 2048)
        #expect(exchanges.values.filter { !$0.state.isOver }.count == 2048)
    }

    @Test func conversationsWithoutEndsAreBounded() {
        var assembler = ExchangeAssembler()
        for number in 1...100_000 {
            let event = TrafficEvent(
                time: Transcript.deadline(number),
                conversation: UInt64(number),
                kind: .opened(.replay(of: 1))
            )
            assembler.consume(event) { _ in }
        }
        #expect(assembler.open <= 70_000)
    }

    /// Events in any order and with gaps must neither trap nor break the counts.
    @Test(arguments: 0..<20)
    func countsAgreeAfterRandomEvents(_ run: Int) {
        let seed = testSeed("lost events")
        var random = SeededRandom(seed: seed)
        var assembler = ExchangeAssembler()
        var live: Set<UInt64> = []
        var waiting: Set<UInt64> = []
        var conversations: Set<ConversationNumber> = []
        var last: UInt64 = 0
        for step in 0..<5000 {
            let event = TrafficEvent(
                time: Transcript.deadline(step),
                conversation: random.next(upTo: 6),
                kind: random.eventKind()
            )
            assembler.consume(event) { update in
                switch update {
                case .opened(let row):
                    #expect(conversations.insert(row.number).inserted, "seed \(seed)")
                case .closed(let row):
                    #expect(conversations.remove(row.number) != nil && !row.isOpen, "seed \(seed)")
                case .began(let exchange):
                    #expect(exchange.number == last + 1, "seed \(seed)")
                    last = exchange.number
                    live.insert(exchange.number)
                    if exchange.state.isWaiting { waiting.insert(exchange.number) }
                case .content(let number, _):
                    #expect(live.contains(number), "seed \(seed)")
                case .changed(let exchange):
                    #expect(live.contains(exchange.number) && !exchange.state.isOver, "seed \(seed)")
                    if !exchange.state.isWaiting {
                        waiting.remove(exchange.number)
                    } else {
                        waiting.insert(exchange.number)
                    }
                case .finished(let exchange):
                    #expect(live.remove(exchange.number) != nil && exchange.state.isOver, "seed \(seed)")
                    waiting.remove(exchange.number)
                }
            }
            if random.next(upTo: 50) == 0 { assembler.noteLostEvents() }
            #expect(assembler.waiting == waiting.count, "seed \(seed)")
        }
        for number in 0..<6 {
            let event = TrafficEvent(time: .now(), conversation: UInt64(number), kind: .closed(.tunnelLost))
            assembler.consume(event) { if case .finished(let exchange) = $0 { live.remove(exchange.number) } }
        }
        #expect(live.isEmpty && assembler.waiting == 0 && assembler.open == 0, "seed \(seed)")
    }
}

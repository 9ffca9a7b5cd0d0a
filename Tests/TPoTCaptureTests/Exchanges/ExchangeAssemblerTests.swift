import NIOCore
import TPoTCapture
import TPoTTraffic
import TPoTWire
import TestSupport
import Testing

@Suite struct ExchangeAssemblerTests {
    @Test func oneRequestIsOneExchange() throws {
        var transcript = Transcript()
        transcript.open()
        transcript.add(.targetConnected, after: 5)
        transcript.request("POST /hook?a=1 HTTP/1.1\r\nHost: a", body: "hello", ends: false)
        transcript.add(.requestEnd, after: 10)
        transcript.add(.responseHead(Array("HTTP/1.1 201 Created\r\n\r\n".utf8)), after: 20)
        transcript.add(.responseBody(.count(1000)), after: 5)
        transcript.add(.responseEnd, after: 5)
        let (lines, exchanges) = assemble(transcript.events)
        #expect(lines == ["1 began POST /hook?a=1", "1 streaming", "1 over finished 201"])
        let exchange = try #require(exchanges[1])
        #expect(exchange.bytesIn == 36 + 5)
        #expect(exchange.bytesOut == 24 + 1000)
        #expect(exchange.remote?.description == "203.0.113.9:52110")
        let phases = ExchangePhases(exchange.times, at: .now())
        #expect(phases.send == .milliseconds(10))
        #expect(phases.wait == .milliseconds(20))
        #expect(phases.receive == .milliseconds(10))
        #expect(exchange.times.whole(at: .now()) == .milliseconds(40))
    }

    /// Requests that arrived together share the wait for the connection. If it fails, they waited for nothing else.
    @Test(arguments: [true, false]) func allWaitingRequestsShareTheTimeToConnect(connects: Bool) throws {
        var transcript = Transcript()
        transcript.open()
        transcript.get("/a")
        transcript.get("/b")
        if connects { transcript.add(.targetConnected, after: 7) }
        transcript.add(.closed(connects ? .targetClosed(complete: false) : .targetNotConnected), after: 5)
        let exchanges = assemble(transcript.events).exchanges
        for number in [UInt64(1), 2] {
            let phases = ExchangePhases(try #require(exchanges[number]).times, at: .now())
            #expect(phases.connect == .milliseconds(connects ? 7 : 5))
            #expect(phases.send == .zero)
            #expect(phases.wait == (connects ? .milliseconds(5) : nil))
            #expect(phases.receive == nil)
        }
    }

    @Test func keepAliveGivesOneExchangeForEachRequest() {
        var transcript = Transcript()
        transcript.open()
        transcript.add(.targetConnected)
        for path in ["/a", "/b"] {
            transcript.get(path)
            transcript.answer(204)
        }
        transcript.add(.closed(.visitorClosed))
        #expect(
            assemble(transcript.events).lines == [
                "1 began GET /a", "1 streaming", "1 over finished 204",
                "2 began GET /b", "2 streaming", "2 over finished 204",
            ]
        )
    }

    @Test func pipelinedRequestsAreAnsweredInOrder() {
        var transcript = Transcript()
        transcript.open()
        transcript.add(.targetConnected)
        for path in ["/a", "/b", "/c"] { transcript.get(path) }
        transcript.answer(200)
        transcript.answer(404)
        transcript.answer(500, body: "cut", ends: false)
        transcript.add(.closed(.targetClosed(complete: false)))
        #expect(
            assemble(transcript.events).lines == [
                "1 began GET /a", "2 began GET /b", "3 began GET /c",
                "1 streaming", "1 over finished 200", "2 streaming", "2 over finished 404",
                "3 streaming", "3 over aborted(TPoTCapture.ExchangeAbort.targetGone(nil)) 500",
            ]
        )
    }

    @Test func interimHeadsDoNotFinishAnExchange() throws {
        var transcript = Transcript()
        transcript.open()
        transcript.add(.targetConnected)
        transcript.request("POST / HTTP/1.1\r\nExpect: 100-continue", ends: false)
        transcript.add(.responseHead(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)))
        transcript.add(.requestBody(.count(7)))
        transcript.add(.requestEnd)
        transcript.add(.responseHead(Array("HTTP/1.1 103 Early Hints\r\n\r\n".utf8)))
        transcript.answer(200)
        let (lines, exchanges) = assemble(transcript.events)
        #expect(lines == ["1 began POST /", "1 interim", "1 interim", "1 streaming", "1 over finished 200"])
        #expect(exchanges[1]?.bytesOut == 25 + 28 + 21)
    }

    @Test func anEarlyAnswerFinishesWithTheEndOfItsRequest() {
        var transcript = Transcript()
        transcript.open()
        transcript.add(.targetConnected)
        transcript.request("POST / HTTP/1.1", body: "some", ends: false)
        transcript.answer(413)
        transcript.add(.requestBody(.count(100)))
        transcript.add(.requestEnd)
        transcript.get("/next")
        transcript.answer(200)
        let (lines, exchanges) = assemble(transcript.events)
        #expect(
            lines == [
                "1 began POST /", "1 streaming", "1 over finished 413",
                "2 began GET /next", "2 streaming", "2 over finished 200",
            ]
        )
        #expect(exchanges[1]?.bytesIn == 19 + 104)
    }

    @Test func anEarlyAnswerIsFinishedWhenTheTargetCloses() {
        var transcript = Transcript()
        transcript.open()
        transcript.request("POST / HTTP/1.1", body: "some", ends: false)
        transcript.answer(413)
        transcript.add(.closed(.targetClosed(complete: true)))
        #expect(assemble(transcript.events).lines.last == "1 over finished 413")
    }

    @Test(arguments: [("GET /chat", 101), ("CONNECT db:5432", 200)])
    func anUpgradedExchangeLastsUntilItsConversationEnds(_ request: String, _ status: Int) {
        var transcript = Transcript()
        transcript.open()
        transcript.add(.targetConnected)
        transcript.request("\(request) HTTP/1.1")
        transcript.answer(status)
        transcript.add(.visitorOpaque(.count(10)))
        transcript.add(.targetOpaque(.count(20)))
        var assembler = ExchangeAssembler()
        let (lines, exchanges) = assemble(transcript.take(), &assembler)
        #expect(lines == ["1 began \(request)", "1 upgraded"])
        #expect(exchanges[1]?.isOpaque == true)
        #expect(assembler.waiting == 0)
        transcript.add(.closed(.visitorClosed))
        let rest = assemble(transcript.events, &assembler)
        #expect(rest.lines == ["1 over finished \(status)"])
        #expect(rest.exchanges[1]?.bytesIn == request.utf8.count + 13 + 10)
        #expect(rest.exchanges[1]?.bytesOut == 21 + 20)
    }

    @Test func bytesThatAreNotHTTPAreOneExchange() {
        var transcript = Transcript()
        transcript.open()
        transcript.add(.targetConnected)
        transcript.add(.visitorOpaque(.count(300)))
        transcript.add(.visitorOpaque(.count(300)))
        transcript.answer(400)
        transcript.add(.closed(.targetClosed(complete: true)))
        let (lines, exchanges) = assemble(transcript.events)
        #expect(lines == ["1 began  ", "1 upgraded", "1 over finished 400"])
        #expect(exchanges[1]?.bytesIn == 600)
    }

    @Test func anAnswerWithoutARequestIsAnExchange() {
        var transcript = Transcript()
        transcript.open()
        transcript.add(.targetConnected)
        transcript.answer(408)
        #expect(assemble(transcript.events).lines == ["1 began  ", "1 streaming", "1 over finished 408"])
    }

    @Test(arguments: [
        (ConversationEnd.visitorClosed, ExchangeAbort.visitorGone),
        (.targetClosed(complete: false), .targetGone(nil)),
        (.targetReset("reset"), .targetGone("reset")),
        (.targetNotConnected, .targetNotConnected("refused")),
        (.tunnelLost, .tunnelLost),
        (.limit("too much"), .limit("too much")),
        (.closedByUser, .closedByUser),
    ])
    func anAbortHasTheReasonOfTheConversationsEnd(_ end: ConversationEnd, _ abort: ExchangeAbort) {
        var transcript = Transcript()
        transcript.open()
        transcript.get()
        if end == .targetNotConnected { transcript.add(.targetFailed("refused")) }
        transcript.add(.closed(end))
        var assembler = ExchangeAssembler()
        let exchanges = assemble(transcript.events, &assembler).exchanges
        #expect(exchanges[1]?.state == .aborted(abort))
        #expect(assembler.waiting == 0)
        #expect(assembler.open == 0)
    }

    /// The visitor closed its half before the answer came. The first cause counts.
    @Test(arguments: [
        (true, ConversationEnd.visitorClosed, ExchangeState.finished), (true, .visitorLeft, .aborted(.visitorGone)),
        (true, .visitorLeftUnsure, .aborted(.visitorGoneUnsure)), (true, .tunnelLost, .aborted(.visitorGoneUnsure)),
        (true, .targetClosed(complete: true), .finished),
        (false, .targetClosed(complete: false), .aborted(.visitorGone)),
        (false, .targetReset("reset"), .aborted(.visitorGone)), (false, .visitorClosed, .aborted(.visitorGone)),
        (false, .closedByUser, .aborted(.closedByUser)),
    ])
    func aVisitorThatClosedItsHalfMayHaveLeft(isAnswered: Bool, end: ConversationEnd, state: ExchangeState) throws {
        var transcript = Transcript()
        transcript.open()
        transcript.add(.targetConnected)
        transcript.get()
        transcript.add(.visitorHalfClosed, after: 2000)
        if isAnswered {
            transcript.add(.responseHead(Array("HTTP/1.1 200 OK\r\n\r\n".utf8)), after: 4000)
            transcript.add(.responseEnd)
        }
        let before = assemble(transcript.events).exchanges
        #expect(before.values.allSatisfy { !$0.state.isOver }, "the outcome is not known yet")
        transcript.add(.closed(end), after: 10)
        let exchange = try #require(assemble(transcript.events).exchanges[1])
        #expect(exchange.state == state)
        #expect(exchange.times.visitorStayed == .seconds(2))
    }

    @Test func aHeldConversationShowsHowLongItWaited() throws {
        var transcript = Transcript()
        transcript.add(.tunnel(.holding(true)))
        transcript.open()
        transcript.add(.held)
        transcript.get()
        transcript.add(.released, after: 3200)
        transcript.add(.targetConnected, after: 10)
        transcript.add(.responseHead(Array("HTTP/1.1 200 OK\r\n\r\n".utf8)), after: 30)
        transcript.add(.responseEnd)
        let (lines, exchanges) = assemble(transcript.events)
        #expect(lines == ["1 began GET /", "1 connecting", "1 waitingForAnswer", "1 streaming", "1 over finished 200"])
        let times = try #require(exchanges[1]?.times)
        #expect(times.held(at: .now()) == .milliseconds(3200))
        #expect(times.taken(at: .now()) == .milliseconds(40))
        let phases = ExchangePhases(times, at: .now())
        #expect(phases.held == .milliseconds(3200))
        #expect(phases.connect == .milliseconds(10))
        #expect(phases.wait == .milliseconds(30))
    }

    @Test func aRequestOnAnOpenConversationWaitsForTheHold() {
        var transcript = Transcript()
        transcript.open()
        transcript.add(.targetConnected)
        transcript.add(.tunnel(.holding(true)))
        transcript.get()
        var assembler = ExchangeAssembler()
        #expect(assemble(transcript.take(), &assembler).exchanges[1]?.state == .waitsForHold)
        transcript.add(.tunnel(.holding(false)), after: 500)
        let exchange = assemble(transcript.take(), &assembler).exchanges[1]
        #expect(exchange?.state == .waitingForAnswer)
        #expect(exchange?.times.held == .milliseconds(500))
    }

    @Test func aReplayDoesNotWaitForAHold() {
        var transcript = Transcript()
        transcript.add(.tunnel(.holding(true)))
        transcript.add(.opened(.replay(of: 7)))
        transcript.add(.targetConnected)
        transcript.get()
        let exchange = assemble(transcript.events).exchanges[1]
        #expect(exchange?.state == .waitingForAnswer)
        #expect(exchange?.replayOf == 7)
    }

    @Test(arguments: [
        ("X-Forwarded-For: 198.51.100.7, 10.0.0.1", "198.51.100.7"),
        ("x-real-ip:  198.51.100.7 ", "198.51.100.7"),
        ("Forwarded: proto=https;For=\"[2001:db8::1]:4711\";by=x, for=10.0.0.1", "[2001:db8::1]:4711"),
        ("Forwarded: proto=https\r\nX-Forwarded-For: 198.51.100.7", "198.51.100.7"),
        ("Forwarded: for=Unknown\r\nX-Real-IP: 198.51.100.7", "198.51.100.7"),
        ("Forwarded: for=\"_hidden\"\r\nX-Forwarded-For: 198.51.100.7", "198.51.100.7"),
    ])
    func theForwardedAddressIsShown(_ field: String, _ via: String) {
        var transcript = Transcript()
        transcript.open()
        transcript.request("GET / HTTP/1.1\r\n\(field)")
        #expect(assemble(transcript.events).exchanges[1]?.via == via)
    }

    @Test func anUnreadableAnswerKeepsItsStatusAndReportsTheFault() throws {
        var transcript = Transcript()
        transcript.open()
        transcript.add(.targetConnected)
        transcript.get("/before")
        transcript.answer(204)
        transcript.get("/big")
        transcript.add(.responseUnreadable(.headTooLarge, status: 201))
        transcript.add(.targetOpaque(.count(70_000)))
        transcript.get("/next")
        transcript.add(.targetOpaque(.count(51)), after: 7)
        transcript.get("/silent")
        transcript.add(.closed(.visitorClosed))
        let exchanges = assemble(transcript.events).exchanges
        #expect(exchanges.count == 4)
        #expect(exchanges[1]?.state == .finished)
        let big = try #require(exchanges[2])
        #expect(big.status == 201)
        #expect(big.bytesOut == 70_000)
        #expect(big.state == .aborted(.answerUnread(.headTooLarge)))
        let next = try #require(exchanges[3])
        #expect(next.status == nil)
        #expect(next.bytesOut == 51)
        #expect(next.state == .aborted(.answerUnread(nil)))
        #expect(exchanges[4]?.state == .aborted(.visitorGone))
        for abort in [ExchangeAbort.answerUnread(.headTooLarge), .answerUnread(nil)] {
            #expect(abort.text.contains("read"))
        }
    }

    @Test func anUnreadableBodyKeepsTheStatusThatWasRead() throws {
        var transcript = Transcript()
        transcript.open()
        transcript.add(.targetConnected)
        transcript.get()
        transcript.answer(200, body: "2\r\nok", ends: false)
        transcript.add(.responseUnreadable(.malformedChunk, status: nil))
        transcript.add(.targetOpaque(.count(9)))
        transcript.add(.closed(.targetClosed(complete: true)))
        let exchange = try #require(assemble(transcript.events).exchanges[1])
        #expect(exchange.status == 200)
        #expect(exchange.state == .aborted(.answerUnread(.malformedChunk)))
    }

    @Test func pausesOfBothSidesAreAddedUp() {
        var transcript = Transcript()
        transcript.open()
        transcript.request("POST / HTTP/1.1", ends: false)
        transcript.add(.targetPaused(true), after: 10)
        transcript.add(.targetPaused(false), after: 50)
        transcript.add(.requestEnd)
        transcript.answer(200, ends: false)
        transcript.add(.visitorPaused(true), after: 10)
        transcript.add(.visitorPaused(false), after: 70)
        transcript.add(.responseEnd)
        let times = assemble(transcript.events).exchanges[1]?.times
        #expect(times?.waitedForTarget == .milliseconds(50))
        #expect(times?.waitedForVisitor == .milliseconds(70))
    }

    @Test func aHoldByFilterEndsForEachRequest() throws {
        var transcript = Transcript()
        transcript.open()
        for (id, path) in [(HeldRequestID(7), "/held"), (8, "/behind")] {
            transcript.request("GET \(path) HTTP/1.1\r\nHost: a", ends: false)
            transcript.add(.requestHeld(id, isMatch: id == 7))
            transcript.add(.requestEnd, after: 1)
        }
        var exchanges = assemble(transcript.events).exchanges
        #expect(exchanges[1]?.hold == RequestHold(id: 7, isMatch: true))
        #expect(exchanges[2]?.hold == RequestHold(id: 8, isMatch: false))
        #expect(exchanges.values.allSatisfy { $0.state == .waitsForHold })
        transcript.add(.requestReleased(7), after: 2000)
        transcript.add(.targetConnected, after: 5)
        transcript.answer()
        let (lines, changed) = assemble(transcript.events)
        exchanges = changed
        #expect(lines.last == "1 over finished 200")
        #expect(exchanges[1]?.times.held == .milliseconds(2002))
        #expect(exchanges[1]?.hold == nil)
        #expect(exchanges[2]?.state == .waitsForHold)
    }
}

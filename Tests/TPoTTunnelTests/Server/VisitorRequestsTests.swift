import NIOCore
import TPoTWire
import Testing

@testable import TPoTTunnel

/// Each test is a transcript: what the visitor and the target sent, and what the server did.
@Suite struct VisitorRequestsTests {
    /// Plays both sides of one connection and records each step.
    private final class Transcript {
        private var requests = VisitorRequests(domains: ["x"])
        private(set) var lines: [String] = []
        var hasVisitorCaughtUp = true
        var isServerStopping = false
        /// The tunnels that lost their links.
        var lost: Set<String> = []

        func visitor(_ text: String) {
            requests.visitorSent(ByteBuffer(string: text))
            takeSteps()
        }

        func target(_ text: String) {
            var delivered = ""
            let progress = requests.targetSent(ByteBuffer(string: text)) { delivered += String(buffer: $0) }
            if !delivered.isEmpty { lines.append("deliver \(delivered)") }
            switch progress {
            case .none: break
            case .answered: takeSteps()
            case .ended: lines.append("end")
            case .unreadable(let fault): lines.append("unreadable \(fault)")
            }
        }

        func takeSteps() {
            let conditions = VisitorRequests.Conditions(
                hasVisitorCaughtUp: hasVisitorCaughtUp,
                isServerStopping: isServerStopping
            )
            while let step = requests.next(conditions, isAwaited: { lost.contains($0.name) }) {
                switch step {
                case .send(let bytes): lines.append("send \(String(buffer: bytes))")
                case .open(let name, _): lines.append("open \(name)")
                case .wait(let name, _): lines.append("wait \(name)")
                case .serve: lines.append("serve")
                case .refuse(let answer): lines.append(answer.map { "refuse \($0.status)" } ?? "refuse silently")
                case .reset:
                    lines.append("reset")
                    return
                }
            }
        }

        /// The steps since the last call.
        func news() -> [String] {
            defer { lines = [] }
            return lines
        }

        var heldBytes: Int { requests.answerMemoryHeld }
        var isVisitorToSend: Bool { requests.isVisitorToSend }
        var bytesAwaitingTunnel: Int? { requests.bytesAwaitingTunnel }
    }

    private static func get(_ path: String, _ host: String = "one.x", fields: String = "") -> String {
        "GET \(path) HTTP/1.1\r\nHost: \(host)\r\n\(fields)\r\n"
    }

    private static let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    private func opened(fields: String = "") -> Transcript {
        let transcript = Transcript()
        transcript.visitor(Self.get("/", fields: fields))
        #expect(transcript.news() == ["open one", "send \(Self.get("/", fields: fields))"])
        return transcript
    }

    // MARK: Tunnels that lost their links

    @Test func aWaitingRequestHoldsAllThatFollowsIt() {
        let transcript = Transcript()
        transcript.lost = ["one"]
        let post = "POST / HTTP/1.1\r\nHost: one.x\r\nContent-Length: 5\r\n\r\n"
        transcript.visitor(post + "he")
        #expect(transcript.news() == ["wait one"])
        transcript.visitor("llo" + Self.get("/b"))
        #expect(transcript.news() == [])
        #expect(transcript.bytesAwaitingTunnel == (post + "hello" + Self.get("/b")).utf8.count)
        transcript.lost = []
        transcript.takeSteps()
        #expect(transcript.news() == ["open one", "send \(post)hello\(Self.get("/b"))"])
        #expect(transcript.bytesAwaitingTunnel == nil)
        transcript.target(Self.ok + Self.ok)
        #expect(transcript.news() == ["deliver \(Self.ok + Self.ok)"])
    }

    /// The tunnel has just come back when the last bytes arrive.
    @Test func theHeadOfARequestThatWaitedIsNotTakenFromALaterRead() {
        let transcript = Transcript()
        transcript.lost = ["one"]
        let post = "POST / HTTP/1.1\r\nHost: one.x\r\nContent-Length: 5\r\n\r\n"
        transcript.visitor(post)
        transcript.lost = []
        transcript.visitor("hello" + String(repeating: "x", count: 100))
        #expect(transcript.news().prefix(2) == ["wait one", "open one"])
        let sent = Transcript()
        sent.visitor(post + "hello")
        #expect(sent.news().last == "send \(post)hello")
    }

    @Test func aRequestWaitsBehindTheAnswersOfAnotherTunnel() {
        let transcript = opened()
        transcript.lost = ["two"]
        transcript.target(Self.ok)
        transcript.visitor(Self.get("/", "two.x"))
        #expect(transcript.news() == ["deliver \(Self.ok)", "wait two"])
        transcript.isServerStopping = true
        transcript.takeSteps()
        #expect(transcript.news() == ["refuse 503"])
    }

    // MARK: Where requests go

    @Test func requestsOfOneDestinationArePipelined() {
        let transcript = Transcript()
        let second = Self.get("/b", "ONE.x:80")
        transcript.visitor(Self.get("/a") + second + "GET /c HTTP/1.1\r\n")
        #expect(transcript.news() == ["open one", "send \(Self.get("/a") + second)"])
        transcript.visitor("Host: one.x\r\n\r\n")
        #expect(transcript.news() == ["send \(Self.get("/c"))"])
        transcript.target(Self.ok + Self.ok)
        #expect(transcript.news() == ["deliver \(Self.ok + Self.ok)"])
    }

    @Test func anotherDestinationIsOpenedWhenAllIsAnswered() {
        let transcript = opened()
        transcript.target(Self.ok)
        transcript.visitor(Self.get("/", "two.x"))
        #expect(transcript.news() == ["deliver \(Self.ok)", "open two", "send \(Self.get("/", "two.x"))"])
        transcript.target(Self.ok)
        transcript.visitor(Self.get("/", "x"))
        #expect(transcript.news() == ["deliver \(Self.ok)", "serve"])
    }

    @Test(arguments: ["two.x", "x", "nobody.x", "example.org", "", "one.x\r\nHost: one.x"])
    func anotherDestinationWhileAnAnswerIsDueIsTheEnd(host: String) {
        for begun in ["", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", "HTTP/1.1 103 Early Hints\r\n\r\n"] {
            let transcript = opened()
            transcript.target(begun)
            _ = transcript.news()
            transcript.visitor(Self.get("/login", host))
            #expect(transcript.news() == ["reset"])
        }
        // The same holds within one read, and behind a request for the right destination.
        let transcript = Transcript()
        transcript.visitor(Self.get("/a") + Self.get("/b") + Self.get("/c", host))
        #expect(transcript.news() == ["open one", "reset"])
    }

    @Test func aRequestThatCannotBeReadMayBeForAnotherDestination() {
        for head in [
            "GET / HTTP/1.1\r\nBad name: x\r\n", "GET / HTTP/3.0\r\n",
            "GET http://two.x/ HTTP/1.1\r\nHost: one.x\r\n\r\n",
        ] {
            let transcript = opened()
            transcript.visitor(head)
            #expect(transcript.news() == ["reset"])
            let answered = opened()
            answered.target(Self.ok)
            answered.visitor(head)
            #expect(answered.news().last?.hasPrefix("refuse ") == true)
        }
    }

    @Test func bytesBeyondTheAnnouncedBodyWaitForTheAnswer() {
        let transcript = opened()
        transcript.visitor("}\n")
        #expect(transcript.news() == [])
        transcript.target(Self.ok)
        #expect(transcript.news() == ["deliver \(Self.ok)", "refuse 400"])
    }

    @Test func aBrokenBodyIsRefusedInTheTargetsPlace() {
        let request = Self.get("/", fields: "Transfer-Encoding: chunked\r\n")
        let transcript = opened(fields: "Transfer-Encoding: chunked\r\n")
        transcript.visitor("0\r\nno colon\r\n\r\n")
        #expect(transcript.news() == ["send 0\r\nno", "refuse 400"])
        let begun = Transcript()
        begun.visitor(request)
        begun.target("HTTP/1.1 413 No\r\nContent-Length: 2\r\n\r\n")
        begun.visitor("zz")
        _ = begun.news()
        begun.target("ok")
        #expect(begun.news() == ["deliver ok", "refuse silently"])
    }

    @Test func theServerItselfWaitsUntilTheVisitorHasItsAnswers() {
        let transcript = opened()
        transcript.target(Self.ok)
        _ = transcript.news()
        transcript.hasVisitorCaughtUp = false
        transcript.visitor(Self.get("/healthz", "x"))
        #expect(transcript.news() == [])
        transcript.hasVisitorCaughtUp = true
        transcript.takeSteps()
        #expect(transcript.news() == ["serve"])
    }

    @Test func aStoppingServerTakesNoNewRequest() {
        let transcript = opened()
        transcript.isServerStopping = true
        transcript.visitor(Self.get("/next"))
        #expect(transcript.news() == [])
        transcript.target(Self.ok)
        #expect(transcript.news() == ["deliver \(Self.ok)", "refuse 503"])
        let idle = Transcript()
        idle.isServerStopping = true
        idle.visitor(Self.get("/"))
        #expect(idle.news() == ["refuse 503"])
    }

    // MARK: What the visitor gets

    @Test func aHeadIsDeliveredOnceItIsComplete() {
        let transcript = opened()
        transcript.target("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n")
        #expect(transcript.news() == [])
        #expect(transcript.heldBytes > 0)
        transcript.target("\r\no")
        transcript.target("k")
        #expect(transcript.news() == ["deliver HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\no", "deliver k"])
        #expect(transcript.heldBytes == 0)
    }

    /// Some proxies mistake an interim answer for a final one. The final answer would then reach another visitor.
    @Test(arguments: ["HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", "HTTP/1.1 102 P\r\nContent-Length: 9\r\n\r\n"])
    func unexpectedInterimAnswersAreNotDelivered(interim: String) {
        let transcript = opened()
        transcript.target(interim)
        transcript.target("HTTP/1.1 100 Continue\r\n\r\n" + interim)
        #expect(transcript.news() == [])
        transcript.target(interim + Self.ok)
        #expect(transcript.news() == ["deliver \(Self.ok)"])
        #expect(transcript.heldBytes == 0)
    }

    @Test func anUpgradeBehindAnInterimAnswerLooksLikeAnyOther() {
        let transcript = opened(fields: "Connection: upgrade\r\nUpgrade: websocket\r\n")
        let switching = "HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n"
        transcript.target("HTTP/1.1 102 Processing\r\nContent-Length: 0\r\n\r\n\(switching)frames")
        #expect(transcript.news() == ["deliver \(switching)frames"])
    }

    @Test func a100IsDeliveredIfTheVisitorWaitsForIt() {
        let transcript = Transcript()
        let head = "PUT / HTTP/1.1\r\nHost: one.x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
        transcript.visitor(head)
        #expect(!transcript.isVisitorToSend)
        transcript.target("HTTP/1.1 100 Continue\r\n\r\n")
        #expect(transcript.news() == ["open one", "send \(head)", "deliver HTTP/1.1 100 Continue\r\n\r\n"])
    }

    @Test(arguments: [
        "HTTP/1.1 200.1 OK\r\n", "HTTP/1.1 000 OK\r\n", "HTTP/1.1 099 OK\r\n", "HTTP/1.01 200 OK\r\n", "ICY 200 OK\r\n",
        "HTTP/1.1 101 Switching\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nTransfer-Encoding: identity\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 0, 1\r\n\r\n",
    ])
    func nothingOfAHeadThatCannotBeReadIsDelivered(head: String) {
        let transcript = opened()
        transcript.target(head + Self.ok)
        #expect(transcript.news().map { $0.prefix(10) } == ["unreadable"])
    }

    @Test(arguments: [
        ("00000000000000000\r\n", "0000000000000000"), ("0;\0\r\n", "0;"), ("0\r\nA: \0\r\n", "0\r\nA: "),
        ("2\r\nokXX", "2\r\nok"), ("8000000000000000\r\n", "800000000000000"),
    ])
    func nothingIsDeliveredFromTheFirstWrongByteOfABodyOn(body: String, delivered: String) {
        let transcript = opened()
        let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        transcript.target(head + body + "\r\n\r\n" + Self.ok)
        #expect(transcript.news() == ["deliver \(head)\(delivered)", "unreadable malformedChunk"])
    }

    @Test(arguments: [
        "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok", "HTTP/1.1 200 OK\nContent-Length: 2\n\nok",
        "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\nok\r\n0\r\n\r\n",
    ])
    func anOddAnswerIsDeliveredAndIsTheLast(answer: String) {
        let transcript = Transcript()
        transcript.visitor(Self.get("/a") + Self.get("/b"))
        _ = transcript.news()
        transcript.target(answer + Self.ok)
        #expect(transcript.news() == ["deliver \(answer)", "end"])
    }

    @Test func anAnswerWithoutARequestIsNotDelivered() {
        let transcript = opened()
        transcript.target(Self.ok + "\r\n")
        #expect(transcript.news() == ["deliver \(Self.ok)"])
        transcript.target("HTTP/1.1 200")
        #expect(transcript.news() == ["end"])
    }

    @Test func lineEndsAfterAnAnswerDoNotReachTheNextDestination() {
        let transcript = opened()
        transcript.target(Self.ok + "\r\n")
        transcript.target("\r\n")
        transcript.visitor(Self.get("/", "two.x"))
        transcript.target(Self.ok)
        #expect(transcript.news().last == "deliver \(Self.ok)")
    }

    @Test func afterAnUpgradeAllPasses() {
        let transcript = opened(fields: "Connection: upgrade\r\nUpgrade: websocket\r\n")
        transcript.visitor(Self.get("/frames", "two.x"))
        #expect(transcript.news() == [])
        let switching = "HTTP/1.1 101 Switching\nUpgrade: websocket\r\n\r\n"
        transcript.target(switching + "frames")
        #expect(transcript.news() == ["deliver \(switching)frames", "send \(Self.get("/frames", "two.x"))"])
    }

    @Test func theVisitorHasToSendUntilItsRequestIsComplete() {
        let transcript = Transcript()
        #expect(!transcript.isVisitorToSend)
        transcript.visitor("GET / HT")
        #expect(transcript.isVisitorToSend)
        transcript.visitor("TP/1.1\r\nHost: one.x\r\nContent-Length: 2\r\n\r\n")
        #expect(transcript.isVisitorToSend)
        transcript.visitor("ok")
        #expect(!transcript.isVisitorToSend)
    }
}

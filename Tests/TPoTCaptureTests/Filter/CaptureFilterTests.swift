import NIOConcurrencyHelpers
import NIOCore
import TPoTCapture
import TPoTWire
import TestSupport
import Testing

@Suite struct CaptureFilterTests {
    /// 1: GET /hook 200. 2: POST /hook/stripe 404. 3: GET /events 503. 4 is waiting. 5 ended without an answer.
    private static func store() -> CaptureStore {
        let store = testStore()
        var transcript = Transcript()
        transcript.exchange("/hook", status: 200, answer: "plain Answer")
        transcript.exchange("/hook/stripe", status: 404, body: "{\"Order\": 4711}")
        transcript.exchange("/events", status: 503)
        transcript.open(id: 4, ip: 0xc633_6407)
        transcript.request("PUT /waits HTTP/1.1\r\nX-Real-IP: 10.1.2.3")
        transcript.conversation = 5
        transcript.open(id: 5)
        transcript.get("/none")
        transcript.add(.closed(.visitorClosed))
        store.consume(&transcript)
        return store
    }

    /// If the target refuses the connection, the visitor gets a 503 from the server.
    @Test func aRefusedConnectionIsFoundByStatus503() {
        let store = testStore()
        var transcript = Transcript()
        transcript.open()
        transcript.get("/down")
        transcript.add(.targetFailed("connection refused"))
        transcript.add(.closed(.targetNotConnected))
        store.consume(&transcript)
        for filter in ["status:5xx", "status:503", "status:none"] { #expect(store.list(filter) == [1], "\(filter)") }
        #expect(store.list("status:502") == [])
    }

    @Test(
        arguments: [
            ("", [5, 4, 3, 2, 1]),
            ("hook", [2, 1]), ("HOOK", [2, 1]), ("-hook", [5, 4, 3]), ("hook stripe", [2]), ("503", [3]), ("put", [4]),
            ("method:post", [2]), ("method:PO", []), ("-method:get", [4, 2]),
            ("status:404", [2]), ("status:4xx", [2]), ("status:>=404", [3, 2]), ("status:<404", [1]),
            ("status:>404", [3]),
            ("status:<=404", [2, 1]), ("status:5XX", [3]), ("status:none", [5]), ("status:waiting", [4]),
            ("-status:200", [5, 4, 3, 2]), ("status:4", [2]), ("status:40", [2]), ("status:41x", []),
            ("status:>4xx", [3]), ("status:none -none", []),
            ("path:/hook", [2, 1]), ("path:/HOOK/", [2]), ("-path:/hook", [5, 4, 3]),
            ("remote:203.0.113.", [5, 3, 2, 1]), ("remote:198.51", [4]), ("remote:10.1.", [4]), ("remote:0.113", []),
            ("body:order", [2]), ("body:\"order\\\": 47\"", []), ("body:answer", [1]), ("-body:answer", [5, 4, 3, 2]),
            ("method:get body:answer status:2xx", [1]),
            ("\"hook\"", [2, 1]), ("\"status:404\"", []), ("\"hook stripe\"", []), ("-\"hook\"", [5, 4, 3]),
            ("status:", [5, 4, 3, 2, 1]), ("-", [5, 4, 3, 2, 1]), ("\"", [5, 4, 3, 2, 1]), ("status:abc", []),
            ("foo:bar", []), ("path:\"/hook\"", [2, 1]), ("  path:/hook   method:POST ", [2]),
        ] as [(String, [UInt64])]
    )
    func aFilterFindsTheMatchingExchanges(_ filter: String, _ numbers: [UInt64]) {
        let store = Self.store()
        #expect(store.list(filter) == numbers)
        #expect(store.numbers(matching: CaptureFilter(filter)) == numbers.reversed())
    }

    @Test(arguments: [
        ("status:abc", "status takes"), ("foo:bar", "no filter foo"), ("statsu:404", "no filter statsu"),
        ("method:", "method: what?"),
    ])
    func aLikelyMistakeGetsAHint(_ filter: String, _ hint: String) {
        #expect(CaptureFilter(filter).hint?.hasPrefix(hint) == true)
    }

    @Test(arguments: ["hook", "12:30", "http://a", "a:1", "\"foo:bar\"", "-status:404", ""])
    func aValidFilterGetsNoHint(_ filter: String) {
        #expect(CaptureFilter(filter).hint == nil)
    }

    @Test func aChangedExchangeIsMatchedAgain() {
        let store = testStore()
        var transcript = Transcript()
        transcript.open()
        transcript.get()
        store.consume(&transcript)
        #expect(store.list("status:waiting") == [1])
        transcript.answer(500)
        store.consume(&transcript)
        #expect(store.list("status:waiting") == [])
        #expect(store.list("status:500") == [1])
        transcript.get("/second")
        store.consume(&transcript)
        #expect(store.list("status:500") == [1])
        transcript.answer(500)
        store.consume(&transcript)
        #expect(store.list("status:500") == [2, 1])
    }

    @Test func aGrowingBodyIsSearchedAgain() {
        let store = testStore()
        var transcript = Transcript()
        transcript.open()
        transcript.request("POST / HTTP/1.1", body: "first ", ends: false)
        store.consume(&transcript)
        #expect(store.list("body:needle") == [])
        transcript.add(.requestBody(.bytes(ByteBuffer(string: "and a needle in it"))))
        store.consume(&transcript)
        #expect(store.list("body:needle") == [1])
        #expect(store.list("body:\"late end\"") == [])
        transcript.add(.requestBody(.bytes(ByteBuffer(string: " late end"))))
        transcript.add(.requestEnd)
        transcript.answer(200)
        store.consume(&transcript)
        #expect(store.list("body:\"late end\"") == [1])
    }

    @Test func compressedBodiesAreSearchedDecoded() {
        let store = testStore()
        var transcript = Transcript()
        transcript.open()
        transcript.get()
        transcript.add(.responseHead(Array("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n".utf8)))
        transcript.add(.responseBody(.bytes(ByteBuffer(bytes: Samples.gzip))))
        transcript.add(.responseEnd)
        store.consume(&transcript)
        #expect(store.list("body:compressed") == [1])
    }

    /// Work of a store's background that the test runs piece by piece.
    private final class Pieces: Sendable {
        private let waiting = NIOLockedValueBox<[@Sendable () -> Void]>([])

        var background: CaptureBackground {
            CaptureBackground { _, work in self.waiting.withLockedValue { $0.append(work) } }
        }

        /// Returns false if there is none.
        func runOne() -> Bool {
            let work = waiting.withLockedValue { $0.isEmpty ? nil : $0.removeFirst() }
            work?()
            return work != nil
        }
    }

    @Test func aSearchGoesOnInTheBackgroundFromTheNewest() {
        let pieces = Pieces()
        let store = testStore(background: pieces.background)
        var transcript = Transcript()
        for _ in 0..<4000 { transcript.exchange("/x", answer: transcript.conversation % 400 == 0 ? "rare" : "common") }
        store.consume(&transcript)
        let query = CaptureQuery(CaptureFilter("body:rare"))
        #expect(store.page(query, count: 20).isSearching)
        var seen: [Int] = []
        while store.page(query, count: 20).isSearching, pieces.runOne() {
            let page = store.page(query, count: 20)
            seen.append(page.matching)
            #expect(page.lines.map(\.number) == page.lines.map(\.number).sorted(by: >))
            #expect(page.lines.first.map { $0.number == 4000 } ?? (seen.count < 3), "the newest are found first")
        }
        #expect(seen.count >= 4000 / 256 && seen == seen.sorted() && seen.last == 10)
        // A newer filter replaces the search under way.
        _ = store.page(CaptureQuery(CaptureFilter("body:common")), count: 20)
        #expect(pieces.runOne())
        _ = store.page(query, count: 20)
        while pieces.runOne() {}
        #expect(store.page(query, count: 20).matching == 10)
    }

    @Test func evictionRemovesMatchesFromTheIndex() {
        let store = testStore(memoryBytes: 512 * 1024)
        var transcript = Transcript()
        for _ in 0..<100 { transcript.exchange("/even") }
        store.consume(&transcript)
        _ = store.list("even")
        for _ in 0..<3000 { transcript.exchange(transcript.conversation % 2 == 0 ? "/even" : "/odd") }
        store.consume(&transcript)
        let kept = store.searched(CaptureQuery(CaptureFilter("even")), count: 5000)
        #expect(kept.lines.count == kept.matching)
        #expect(kept.lines.count == store.numbers(matching: CaptureFilter("even")).count)
    }

    @Test func anyTypedTextIsAFilter() {
        let seed = testSeed("typed filters")
        var random = SeededRandom(seed: seed)
        let store = Self.store()
        let typed = Array("-method:POST status:>=5xx \"two words\" body:x remote:1 path:/ foo:bar".utf8)
        for _ in 0..<3000 {
            let filter = String(decoding: random.mutate(typed), as: UTF8.self)
            #expect(store.list(filter).count <= 5, "seed \(seed)")
        }
    }
}

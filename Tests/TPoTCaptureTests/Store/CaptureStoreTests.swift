import NIOCore
import TPoTCapture
import TPoTWire
import TestSupport
import Testing

@Suite struct CaptureStoreTests {
    @Test func headsAndBodiesAreKeptUnchanged() throws {
        let store = testStore()
        var transcript = Transcript()
        transcript.open()
        transcript.add(.targetConnected)
        transcript.request(
            "POST /a HTTP/1.1\r\nhOST: public\r\nX-B: 1\r\nx-b:2",
            sent: "POST /a HTTP/1.1\r\nhOST: localhost\r\nX-B: 1\r\nx-b:2",
            body: "one"
        )
        transcript.add(.responseHead(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)))
        transcript.answer(200, fields: "SERVER : x\r\n", body: "two")
        store.consume(&transcript)
        let detail = try #require(store.detail(1))
        #expect(text(try #require(detail.requestHead)) == "POST /a HTTP/1.1\r\nhOST: public\r\nX-B: 1\r\nx-b:2\r\n\r\n")
        #expect(text(try #require(detail.sentRequestHead)).contains("hOST: localhost\r\n"))
        #expect(detail.interimHeads.map { text($0) } == ["HTTP/1.1 100 Continue\r\n\r\n"])
        #expect(text(try #require(detail.responseHead)) == "HTTP/1.1 200 Text\r\nSERVER : x\r\n\r\n")
        #expect(text(detail.requestBody.bytes) == "one")
        #expect(text(detail.responseBody.bytes) == "two")
        #expect(detail.row.unixNanoseconds == 1_795_435_200_000_000_000)
    }

    @Test func bodiesAreKeptUpToTheirLimit() throws {
        let store = testStore(bodyBytes: 10)
        var transcript = Transcript()
        transcript.open()
        transcript.request("POST / HTTP/1.1", body: "1234567", ends: false)
        transcript.add(.requestBody(.bytes(ByteBuffer(string: "890abc"))))
        transcript.add(.requestBody(.count(100)))
        transcript.add(.requestBody(.bytes(ByteBuffer(string: "late"))))
        store.consume(&transcript)
        let body = try #require(store.detail(1)).requestBody
        #expect(text(body.bytes) == "1234567890")
        #expect(body.count == 117)
        #expect(!body.isWhole)
    }

    @Test func withoutKeptBodiesTheirSizesAreCounted() throws {
        let store = testStore(bodyBytes: 0)
        var transcript = Transcript()
        transcript.exchange(body: "hello", answer: "world")
        store.consume(&transcript)
        let detail = try #require(store.detail(1))
        #expect(detail.requestBody.bytes.isEmpty)
        #expect(detail.requestBody.count == 5)
        #expect(detail.responseHead != nil)
    }

    @Test func pagesAreNewestFirst() {
        let store = testStore()
        var transcript = Transcript()
        for _ in 0..<10 { transcript.exchange() }
        store.consume(&transcript)
        #expect(store.list(count: 3) == [10, 9, 8])
        #expect(store.list(from: 3, count: 3) == [7, 6, 5])
        let last = store.page(from: 100, count: 4)
        #expect(last.lines.map(\.number) == [4, 3, 2, 1])
        #expect(last.from == 6)
        #expect(store.page(CaptureQuery(upTo: 6), from: 1, count: 2).lines.map(\.number) == [5, 4])
        #expect(store.page(CaptureQuery(upTo: 6), from: 0, count: 2).matching == 6)
        #expect(store.position(of: 8) == (2, true))
        #expect(store.position(of: 8, CaptureQuery(upTo: 9)) == (1, true))
        #expect(store.position(of: 99) == (0, false))
        #expect(store.page(from: -5, count: -1).lines.isEmpty)
    }

    @Test func theVersionChangesOnlyWhenTheContentDoes() {
        let store = testStore()
        let empty = store.version
        _ = store.page(count: 10)
        _ = store.totals()
        store.consume([])
        #expect(store.version == empty)
        var transcript = Transcript()
        transcript.exchange()
        store.consume(&transcript)
        let one = store.version
        #expect(one != empty)
        store.mark(1)
        #expect(store.version != one)
        let marked = store.version
        store.mark(1)
        #expect(store.version == marked)
    }

    @Test func theOldestUnmarkedExchangesAreEvicted() throws {
        let store = testStore(memoryBytes: 512 * 1024)
        var transcript = Transcript()
        transcript.exchange()
        store.consume(&transcript)
        store.mark(1)
        for _ in 0..<2000 { transcript.exchange(body: String(repeating: "b", count: 500)) }
        store.consume(&transcript)
        let totals = store.totals()
        #expect(totals.keptBytes <= totals.memoryLimit)
        #expect(totals.keptBytes > totals.memoryLimit * 9 / 10)
        #expect(totals.kept + totals.evicted == 2001)
        #expect(totals.requests == 2001)
        let list = store.list(count: 5000)
        #expect(list.first == 2001)
        #expect(list.last == 1)
        #expect(list[list.count - 2] == UInt64(2001 - (totals.kept - 2)))
        #expect(store.detail(2) == nil)
    }

    @Test func finishedExchangesAreEvictedBeforeUnfinishedOnes() {
        let store = testStore(memoryBytes: 256 * 1024)
        var transcript = Transcript()
        transcript.open()
        transcript.get("/live")
        transcript.conversation = 2
        for _ in 0..<1000 { transcript.exchange() }
        store.consume(&transcript)
        #expect(store.list(count: 5000).last == 1)
        #expect(store.totals().evicted > 0)
    }

    @Test func markedExchangesStayEvenIfTheyFillTheMemory() throws {
        let store = testStore(memoryBytes: 64 * 1024)
        var transcript = Transcript()
        for number in 1...60 as ClosedRange<UInt64> {
            transcript.exchange(body: String(repeating: "b", count: 2000))
            store.consume(&transcript)
            store.mark(number)
        }
        let totals = store.totals()
        #expect(totals.marked == totals.kept)
        // Exchanges that arrived when the memory was full have lost their rows, or at least their bodies.
        #expect(totals.keptBytes < 2 * totals.memoryLimit)
        #expect(store.detail(1)?.requestBody.isWhole == true)
        for number in 1...UInt64(60) { store.mark(number, false) }
        #expect(store.clearUnmarked() == totals.kept)
        #expect(store.totals().keptBytes == 0)
        #expect(store.totals().marked == 0)
    }

    @Test func clearingKeepsMarkedAndUnfinishedExchanges() {
        let store = testStore()
        var transcript = Transcript()
        for _ in 0..<5 { transcript.exchange() }
        transcript.open()
        transcript.get()
        store.consume(&transcript)
        store.mark(2)
        #expect(store.clearUnmarked() == 4)
        #expect(store.list() == [6, 2])
        #expect(store.mark(3) == false)
        transcript.answer(200)
        transcript.add(.closed(.visitorClosed))
        store.consume(&transcript)
        #expect(store.detail(6)?.exchange.state == .finished)
    }

    @Test func anUnfinishedExchangeThatWasEvictedStaysEvicted() {
        let store = testStore(memoryBytes: 2000)
        var transcript = Transcript()
        transcript.open()
        transcript.request("POST / HTTP/1.1", body: String(repeating: "b", count: 5000), ends: false)
        store.consume(&transcript)
        #expect(store.totals().kept == 0)
        #expect(store.totals().waiting == 1)
        transcript.add(.requestBody(.bytes(ByteBuffer(string: "more"))))
        transcript.answer(200)
        store.consume(&transcript)
        #expect(store.totals().keptBytes == 0)
    }

    @Test func keptBytesDoNotRetainReceiveBuffers() throws {
        let store = testStore()
        var transcript = Transcript()
        transcript.open()
        transcript.request("POST / HTTP/1.1", ends: false)
        var receive = ByteBuffer(repeating: 7, count: 1 << 20)
        transcript.add(.requestBody(.bytes(receive.readSlice(length: 100) ?? receive)))
        store.consume(&transcript)
        // A write copies the buffer if the store still holds a reference to it.
        let storage = receive.storageAddress
        receive.setInteger(UInt8(1), at: 0)
        #expect(receive.storageAddress == storage)
    }

    @Test func fiftyThousandExchangesStayInBounds() {
        let store = testStore()
        var transcript = Transcript()
        for _ in 0..<50 {
            for _ in 0..<1000 { transcript.exchange(status: Int(transcript.conversation % 10) == 0 ? 500 : 200) }
            store.consume(&transcript)
        }
        let totals = store.totals()
        #expect(totals.requests == 50_000)
        #expect(totals.keptBytes <= totals.memoryLimit)
        #expect(totals.kept + totals.evicted == 50_000)
        #expect(totals.open == 0)
        #expect(store.conversations(count: 10_000).total == 256)
        let page = store.page(from: totals.kept / 2, count: 50)
        #expect(page.lines.count == 50)
        #expect(page.kept == totals.kept)
    }
}

extension ByteBuffer {
    fileprivate var storageAddress: UnsafeRawPointer? {
        withUnsafeReadableBytes { $0.baseAddress }.map { $0 - readerIndex }
    }
}

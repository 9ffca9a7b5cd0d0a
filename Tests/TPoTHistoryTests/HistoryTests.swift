import Glibc
import NIOCore
import TPoTCapture
import TPoTWire
import TestSupport
import Testing

@testable import TPoTHistory

@Suite struct HistoryTests {
    /// Everything that the dashboard shows of an exchange is the same the next day, but for the clock.
    @Test func anExchangeComesBackAsItWas() throws {
        let fixture = try HistoryFixture()
        var transcript = Transcript()
        transcript.open(ip: 0xcb00_7109, port: 52110)
        transcript.add(.targetConnected, after: 3)
        transcript.request(
            "POST /hooks?a=\u{e9} HTTP/1.1\r\nHost: a\r\nX-GitHub-Event: push\r\nX-GitHub-Delivery: 7\r\n"
                + "X-Forwarded-For: 198.51.100.7",
            sent: "POST /hooks?a=\u{e9} HTTP/1.1\r\nHost: b",
            body: "one"
        )
        transcript.add(.responseHead(Array("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n".utf8)), after: 5)
        transcript.answer(500, fields: "Content-Type: text/plain\r\n", body: "two", ends: false)
        transcript.add(.responseBody(.count(1000)), after: 9)
        transcript.add(.responseEnd, after: 2)
        transcript.add(.closed(.targetClosed(complete: true)))
        fixture.write(&transcript)
        let kept = try #require(fixture.store.detail(1))
        let read = try #require(try fixture.reader().exchange(1))
        #expect(read.requestHead == kept.requestHead && read.sentRequestHead == kept.sentRequestHead)
        #expect(read.interimHeads == kept.interimHeads && read.responseHead == kept.responseHead)
        #expect(read.requestBody == kept.requestBody && read.responseBody == kept.responseBody)
        #expect(!read.responseBody.isWhole && read.responseBody.count == 1003)
        #expect(read.row.delivery == kept.row.delivery && read.row.delivery?.sender == "GitHub")
        #expect(read.row.unixNanoseconds == kept.row.unixNanoseconds)
        #expect(read.row.responseType == "text/plain")
        let (one, other) = (read.exchange, kept.exchange)
        #expect(one.method == other.method && one.target == other.target && one.status == 500)
        #expect(one.remote == other.remote && one.via == "198.51.100.7" && one.state == .finished)
        #expect(one.bytesIn == other.bytesIn && one.bytesOut == other.bytesOut)
        let end = try #require(one.times.ended)
        let keptEnd = try #require(other.times.ended)
        #expect(ExchangePhases(one.times, at: end).wait == ExchangePhases(other.times, at: keptEnd).wait)
        #expect(one.times.taken(at: end) == other.times.taken(at: keptEnd))
        #expect(one.times.whole(at: end) == .milliseconds(16))
    }

    @Test(
        arguments: [
            ExchangeState.finished, .aborted(.visitorGone), .aborted(.visitorGoneUnsure),
            .aborted(.targetNotConnected("refused")), .aborted(.targetNotSecured(nil)), .aborted(.targetGone("reset")),
            .aborted(.tunnelLost), .aborted(.answerUnread(nil)), .aborted(.limit("too long")), .aborted(.closedByUser),
            .aborted(.eventsLost),
        ] + HTTPResponseFault.allCases.map { .aborted(.answerUnread($0)) }
    )
    func anEndComesBackAsItWas(state: ExchangeState) throws {
        let stored = StoredState(state)
        #expect(StoredState(word: stored.word, reason: stored.reason).state == state)
    }

    @Test func onlyTheOwnerCanReadIt() throws {
        let folder = try TemporaryFolder()
        // An older program may have made the folder.
        mkdir(folder.path + "/.tpot", 0o755)
        let fixture = try HistoryFixture(folder)
        var transcript = Transcript()
        transcript.exchange()
        fixture.store.consume(&transcript)
        #expect(try folder.mode(of: ".tpot") == 0o700)
        for ending in ["", "-wal", "-shm"] {
            #expect(try folder.mode(of: ".tpot/history.sqlite\(ending)") == 0o600, "\(ending)")
        }
        _ = fixture.writer.finish(within: .seconds(30))
    }

    /// A number means the same today and tomorrow, here and in another process.
    @Test func numbersAreNeverUsedAgain() throws {
        let first = try HistoryFixture()
        let second = try HistoryFixture(first.folder)
        var transcript = Transcript()
        for _ in 0..<250 { transcript.exchange() }
        let events = transcript.take()
        first.store.consume(events)
        second.store.consume(events)
        #expect(first.writer.finish(within: .seconds(30)) && second.writer.finish(within: .seconds(30)))
        let third = try HistoryFixture(first.folder)
        third.store.consume(events)
        #expect(third.writer.finish(within: .seconds(30)))
        let numbers = try third.numbers()
        #expect(numbers.count == 750 && Set(numbers).count == 750)
        let last = try #require(third.store.list(count: 1).first)
        #expect(last == numbers.first, "numbers grow")
    }

    @Test func aMarkAndARepairLast() throws {
        let fixture = try HistoryFixture()
        var transcript = Transcript()
        transcript.exchange("/broken", status: 500)
        transcript.add(.opened(.replay(of: 1)))
        transcript.add(.targetConnected)
        transcript.get("/broken")
        transcript.answer(200)
        transcript.add(.closed(.targetClosed(complete: true)))
        fixture.store.consume(&transcript)
        fixture.store.mark(1)
        _ = fixture.writer.finish(within: .seconds(30))
        let reader = try fixture.reader()
        let original = try #require(try reader.exchange(1)).row
        #expect(original.isMarked && original.isFixed && !original.isFailing)
        let replay = try #require(try reader.exchange(2)).row
        #expect(replay.exchange.replayOf == 1 && replay.replay?.verdict == .fixed)
    }

    @Test(arguments: [
        ("", [5, 4, 3, 2, 1]), ("5xx", [4]), ("status:404", [2]), ("path:HOOKS", [5, 4]), ("from:github", [5]),
        ("event:push", [5]), ("-event:push", [4, 3, 2, 1]), ("method:post", [5, 4]), ("body:needle", [4]),
        ("needle", []), ("github", [5]), ("is:failed", [4, 2]), ("is:marked", [3]),
        ("remote:203.0.113.", [5, 4, 3, 2, 1]),
        ("size:>1M", []), ("took:>1h", []), ("header:x-github-event=push", [5]), ("nothing", []),
        ("status:503", []), ("status:none", []), ("status:waiting", []), ("status:>=404 path:/b", [2]),
        ("event:push 2xx", [5]),
    ])
    func aFilterFindsWhatItFindsInTheList(filter: String, numbers: [UInt64]) throws {
        let fixture = try HistoryFixture()
        var transcript = Transcript()
        transcript.exchange("/a")
        transcript.exchange("/b", status: 404)
        transcript.exchange("/c")
        transcript.exchange("/hooks", status: 500, body: "a needle in it")
        transcript.open(id: 9)
        transcript.request("POST /hooks HTTP/1.1\r\nHost: a\r\nX-GitHub-Event: push", body: "{}")
        transcript.answer()
        transcript.add(.closed(.targetClosed(complete: true)))
        fixture.store.consume(&transcript)
        fixture.store.mark(3)
        let list = fixture.store.list(filter)
        _ = fixture.writer.finish(within: .seconds(30))
        #expect(try fixture.numbers(filter) == numbers)
        #expect(list == numbers)
        // The other way round the indexes are used.
        #expect(try fixture.numbers(filter) { $0.isOldestFirst = true } == numbers.reversed())
        if let newest = numbers.first {
            #expect(try fixture.numbers(filter, limit: 1) == [newest])
            #expect(try fixture.numbers(filter) { $0.before = newest } == Array(numbers.dropFirst()))
            #expect(try fixture.numbers(filter) { $0.after = newest }.isEmpty)
        }
        #expect(try fixture.numbers(filter) { $0.tunnel = "shop" } == numbers)
        #expect(try fixture.numbers(filter) { $0.tunnel = "other" }.isEmpty)
        #expect(try fixture.numbers(filter) { $0.since = .max }.isEmpty)
    }

    @Test func theOldestUnmarkedGoFirst() throws {
        let fixture = try HistoryFixture(limits: HistoryLimits(bytes: 1, age: 1))
        var transcript = Transcript()
        transcript.exchange("/old")
        transcript.exchange("/marked")
        fixture.store.consume(&transcript)
        fixture.store.mark(2)
        _ = fixture.writer.finish(within: .seconds(30))
        let later = try HistoryFixture(fixture.folder, limits: HistoryLimits(bytes: 1, age: 1))
        later.writer.pruneAll()
        #expect(try later.numbers() == [2])
    }

    @Test func whatIsClearedFromTheListIsKept() throws {
        let fixture = try HistoryFixture()
        var transcript = Transcript()
        transcript.exchange()
        transcript.exchange()
        fixture.store.consume(&transcript)
        #expect(fixture.store.clearUnmarked() == 2)
        #expect(fixture.writer.finish(within: .seconds(30)))
        #expect(try fixture.numbers() == [2, 1])
        #expect(fixture.notices.withLockedValue { $0 }.isEmpty)
    }

    /// Without a dashboard nobody looks at what is saved, so it takes no memory.
    @Test func whatIsSavedIsForgottenWithoutADashboard() throws {
        let fixture = try HistoryFixture(isOnlyForSaving: true)
        var transcript = Transcript()
        for _ in 0..<200 { transcript.exchange(answer: "an answer") }
        transcript.open()
        transcript.request("GET /pending HTTP/1.1\r\nHost: a")
        fixture.store.consume(&transcript)
        #expect(fixture.writer.finish(within: .seconds(60)))
        #expect(try fixture.numbers(limit: 1000).count == 200)
        #expect(fixture.store.detail(200) == nil && fixture.store.detail(201) != nil)
        #expect(fixture.store.totals().evicted == 0)
    }

    /// Without a dashboard, what comes faster than it can be written is left out, and that is said once.
    @Test func whatComesTooFastIsCountedAndSaidOnce() throws {
        let fixture = try HistoryFixture(isOnlyForSaving: true)
        var transcript = Transcript()
        for _ in 0..<6000 { transcript.exchange() }
        fixture.store.consume(&transcript)
        #expect(fixture.writer.finish(within: .seconds(60)))
        let kept = try fixture.numbers(limit: 10_000).count
        #expect(kept > 4096 && kept < 6000)
        let notices = fixture.notices.withLockedValue { $0 }
        #expect(notices.last == .lost(6000 - kept) && notices.count <= 2)
    }

    @Test func aFileOfANewerVersionIsLeftAlone() throws {
        let fixture = try HistoryFixture()
        _ = fixture.writer.finish(within: .seconds(30))
        try fixture.execute("PRAGMA user_version = 99")
        #expect(throws: HistoryError.newer(version: 99)) { _ = try HistoryFixture(fixture.folder) }
        #expect(throws: HistoryError.newer(version: 99)) { _ = try fixture.reader() }
    }

    @Test(arguments: [
        "no database at all, but longer than the head of one: " + String(repeating: "x", count: 4096), "x",
    ])
    func anotherFileIsLeftAlone(text: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(text, to: ".tpot/history.sqlite")
        #expect(throws: HistoryError.self) { _ = try HistoryFixture(folder) }
        #expect(try folder.text(of: ".tpot/history.sqlite") == text)
    }

    /// Bytes of the file that are damaged are never taken for something else, and never end the program.
    @Test func aDamagedFileIsReadWithoutHarm() async throws {
        let fixture = try HistoryFixture()
        var transcript = Transcript()
        for index in 0..<40 { transcript.exchange("/\(index)", body: String(repeating: "b", count: 900)) }
        fixture.write(&transcript)
        try fixture.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        let bytes = try FileBytes.read(fixture.file.path)
        let refuted = await counterexample(of: "a damaged history", rounds: 60) { random in
            let folder = try TemporaryFolder()
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...200, using: &random) {
                damaged[Int.random(in: 0..<damaged.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            try FileBytes.write(damaged, to: folder.path + "/history.sqlite")
            do {
                let reader = try HistoryReader(HistoryFile(path: folder.path + "/history.sqlite"), meaning: .inspection)
                _ = try reader.summary()
                try reader.search(HistoryQuery(CaptureFilter("body:b")), limit: 100) { content in
                    _ = try reader.exchange(content.number)
                    return true
                }
            } catch is HistoryError {}
        }
        #expect(refuted == nil)
    }
}

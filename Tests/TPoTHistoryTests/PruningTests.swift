import TPoTCapture
import TestSupport
import Testing

@testable import TPoTHistory

/// What is removed, and what is not.
@Suite struct PruningTests {
    private func transcript(_ count: Int, bytes: Int) -> Transcript {
        var transcript = Transcript()
        for index in 0..<count { transcript.exchange("/\(index)", body: String(repeating: "b", count: bytes)) }
        return transcript
    }

    /// The file never outgrows its limit, however much comes, and most of what fits stays.
    @Test(arguments: [100_000, 200])
    func onlyWhatIsBeyondTheSizeGoes(bytes: Int) throws {
        let limit = 4 * 1024 * 1024
        let fixture = try HistoryFixture(limits: HistoryLimits(bytes: limit))
        var events = transcript(max(100, 4096 * 200 / bytes), bytes: bytes)
        fixture.store.consume(&events)
        if bytes < 1000 {
            for _ in 0..<2 {
                events = transcript(4096, bytes: bytes)
                fixture.store.consume(&events)
            }
        }
        #expect(fixture.writer.finish(within: .seconds(60)))
        let pages = try #require(try Database(fixture.file.path, .readOnly).number("PRAGMA page_count"))
        #expect(pages * 4096 <= limit + 4 * 1024 * 1024 - limit / 4 + 200_000, "one lot beyond it")
        let later = try HistoryFixture(fixture.folder, limits: HistoryLimits(bytes: limit))
        later.writer.pruneAll()
        let numbers = try later.numbers(limit: 100_000)
        let bytesKept = try HistoryConnection(fixture.file).usedBytes()
        #expect(bytesKept <= limit && bytesKept > limit * 6 / 10, "\(bytesKept)")
        #expect(numbers.first == fixture.store.list(count: 1).first, "the newest one is there")
        #expect(later.file.bytes < 3 * limit)
    }

    /// Where marked exchanges fill the history, new ones still find room.
    @Test func markedExchangesDoNotPushOutAllOthers() throws {
        let limit = 4 * 1024 * 1024
        let fixture = try HistoryFixture(limits: HistoryLimits(bytes: limit))
        var events = transcript(30, bytes: 250_000)
        fixture.store.consume(&events)
        for number in 1...20 { fixture.store.mark(UInt64(number)) }
        #expect(fixture.writer.finish(within: .seconds(60)))
        let later = try HistoryFixture(fixture.folder, limits: HistoryLimits(bytes: limit))
        later.writer.pruneAll()
        let numbers = try later.numbers()
        #expect(numbers.count { $0 <= 20 } == 20 && numbers.contains(30) && !numbers.contains(21))
    }

    @Test func whatIsTooOldGoes() throws {
        let fixture = try HistoryFixture(limits: HistoryLimits(age: 60))
        var events = transcript(3, bytes: 10)
        fixture.store.consume(&events)
        fixture.store.mark(2)
        #expect(fixture.writer.finish(within: .seconds(60)))
        let later = try HistoryFixture(fixture.folder, limits: HistoryLimits(age: 60))
        later.clock.move(to: 100_000)
        later.writer.pruneAll()
        #expect(try later.numbers() == [2])
    }

    /// What frees the file's pages also makes the file smaller.
    @Test func aSmallerLimitMakesTheFileSmaller() throws {
        let fixture = try HistoryFixture()
        var events = transcript(100, bytes: 100_000)
        fixture.store.consume(&events)
        #expect(fixture.writer.finish(within: .seconds(60)))
        let later = try HistoryFixture(fixture.folder, limits: HistoryLimits(bytes: 1024 * 1024))
        later.writer.pruneAll()
        let pages = try #require(try Database(fixture.file.path, .readOnly).number("PRAGMA page_count"))
        #expect(pages * 4096 <= 1024 * 1024)
    }

    /// The name and the URL of a tunnel go with its last request, and come back with its next one.
    @Test func aRunGoesWithItsLastExchange() throws {
        let fixture = try HistoryFixture()
        var events = transcript(2, bytes: 10)
        fixture.store.consume(&events)
        fixture.writer.writeAll()
        let runs = { try Database(fixture.file.path, .readOnly).number("SELECT count(*) FROM runs") }
        #expect(try runs() == 1)
        let cleared = try fixture.file.clear(HistoryFile.Selection())
        #expect(cleared.count == 2 && cleared.isErased)
        #expect(try runs() == 0)
        events = transcript(1, bytes: 10)
        fixture.write(&events)
        #expect(try runs() == 1 && fixture.numbers { $0.tunnel = "shop" }.count == 1)
    }

    /// Who is told that something is gone can rely on it.
    @Test func whatAReaderStillNeedsIsNotSaidToBeErased() throws {
        let fixture = try HistoryFixture()
        var events = transcript(2, bytes: 10)
        fixture.write(&events)
        let other = try Database(fixture.file.path, .readOnly)
        try other.run("BEGIN")
        #expect(try other.number("SELECT count(*) FROM exchanges") == 2)
        #expect(try fixture.file.clear(HistoryFile.Selection()) == .init(count: 2, isErased: false))
        try other.run("COMMIT")
        #expect(try fixture.file.clear(HistoryFile.Selection()) == .init(count: 0, isErased: true))
    }

    /// When the public URL changes, requests are found under the one that they came to.
    @Test func eachPublicURLHasItsRequests() throws {
        let fixture = try HistoryFixture()
        for (url, path) in [("https://one.example", "/1"), ("https://two.example", "/2")] {
            var transcript = Transcript()
            transcript.add(.tunnel(.online(url: url)))
            transcript.exchange(path)
            fixture.store.consume(&transcript)
            fixture.writer.writeAll()
        }
        #expect(try fixture.numbers { $0.tunnel = "https://one.example" } == [1])
        #expect(try fixture.numbers { $0.tunnel = "https://two.example" } == [2])
        #expect(try fixture.numbers { $0.tunnel = "shop" } == [2, 1])
    }
}

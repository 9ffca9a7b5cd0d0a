import Dispatch
import TPoTCapture
import TPoTTraffic
import TestSupport
import Testing

@testable import TPoTHistory

/// Several programs use one history.
@Suite struct SharedHistoryTests {
    private func transcript(_ count: Int) -> Transcript {
        var transcript = Transcript()
        for _ in 0..<count { transcript.exchange() }
        return transcript
    }

    /// Another program that locks the history for a while costs nothing but time, and not that of the tunnel.
    @Test func nothingIsLostWhileAnotherProgramWrites() throws {
        let fixture = try HistoryFixture()
        let other = try Database(fixture.file.path, .readWrite)
        try other.run("BEGIN IMMEDIATE")
        var transcript = transcript(500)
        let time = ContinuousClock().measure { fixture.store.consume(&transcript) }
        #expect(time < .seconds(1), "nobody waits for the lock")
        #expect(!fixture.writer.isKept(500), "its number may still be that of another process")
        try other.run("COMMIT")
        #expect(fixture.writer.finish(within: .seconds(30)))
        #expect(try fixture.numbers() == (1...500).reversed())
        #expect(fixture.writer.isKept(500) && fixture.notices.withLockedValue { $0 }.isEmpty)
    }

    /// Numbers that another process has reserved in the meantime are not used for what is written.
    @Test func aNumberThatTwoProcessesHaveIsNotWritten() throws {
        let fixture = try HistoryFixture()
        let other = try Database(fixture.file.path, .readWrite)
        try other.run("BEGIN IMMEDIATE; UPDATE numbers SET next = next + 50")
        var transcript = transcript(300)
        fixture.store.consume(&transcript)
        try other.run("COMMIT")
        #expect(fixture.writer.finish(within: .seconds(30)))
        let numbers = try fixture.numbers()
        #expect(numbers.count == 250 && !numbers.contains { (101...150).contains($0) })
        #expect(fixture.notices.withLockedValue { $0 } == [.lost(50)])
    }

    /// A program that never ends what it writes keeps the history closed. The end of the tunnel does not wait for it.
    @Test func theEndDoesNotWaitForALock() throws {
        let fixture = try HistoryFixture()
        let other = try Database(fixture.file.path, .readWrite)
        try other.run("BEGIN IMMEDIATE")
        var transcript = transcript(3)
        fixture.store.consume(&transcript)
        #expect(!fixture.writer.finish(within: .milliseconds(200)))
    }

    /// After an error the numbers of requests mean nothing in other commands, and so are not given out.
    @Test func afterAnErrorNothingIsKept() throws {
        let fixture = try HistoryFixture()
        var events = transcript(1)
        fixture.store.consume(&events)
        fixture.writer.writeAll()
        #expect(fixture.writer.isKept(1))
        try fixture.execute("DROP TABLE contents")
        events = transcript(2)
        fixture.store.consume(&events)
        fixture.writer.writeAll()
        #expect(!fixture.writer.isKept(2))
        events = transcript(2)
        fixture.write(&events)
        let notices = fixture.notices.withLockedValue { $0 }
        guard notices.count == 1, case .ended = notices[0] else {
            Issue.record("\(notices)")
            return
        }
    }

    @Test func aLineDividesThisRunFromEarlierOnes() throws {
        let first = try HistoryFixture()
        #expect(first.writer.earlierLine == nil)
        var events = transcript(3)
        first.write(&events)
        let second = try HistoryFixture(first.folder)
        events = transcript(1)
        second.write(&events)
        let line = try #require(second.writer.earlierLine)
        let numbers = try second.numbers()
        #expect(numbers.count { $0 < line } == 3 && numbers.count { $0 > line } == 1)
    }

    /// What changes about an exchange of an earlier run does not make it one of this run.
    @Test func anExchangeKeepsItsRun() throws {
        let fixture = try HistoryFixture()
        var events = transcript(1)
        fixture.write(&events)
        var content = try #require(try fixture.reader().exchange(1))
        content.row.isMarked = true
        content.row.exchange.status = 500
        let connection = try HistoryConnection(fixture.file)
        try connection.write([content], of: try connection.begin(HistoryRun(name: "other", target: "b"), now: 0))
        let row = try #require(try fixture.reader().exchange(1)).row
        #expect(row.isMarked && row.exchange.status == 200)
        #expect(try fixture.numbers { $0.tunnel = "shop" } == [1])
        #expect(try fixture.numbers { $0.tunnel = "other" }.isEmpty)
    }

    /// Programs that start at the same time make one history, and who only reads finds none or a whole one.
    @Test func manyStartAtOnce() throws {
        for _ in 0..<10 {
            let folder = try TemporaryFolder()
            let file = HistoryFile(home: folder.path)
            DispatchQueue.concurrentPerform(iterations: 8) { index in
                do throws(HistoryError) {
                    if index % 2 == 0 {
                        _ = try file.openToWrite()
                    } else {
                        _ = try file.openToRead()
                    }
                } catch {
                    if error != .missing || index % 2 == 0 { Issue.record("\(error)") }
                }
            }
        }
    }

    @Test func anEmptyFileIsNoHistory() throws {
        let folder = try TemporaryFolder()
        try folder.write("", to: ".tpot/history.sqlite")
        #expect(throws: HistoryError.missing) { _ = try HistoryFile(home: folder.path).openToRead() }
        _ = try HistoryFixture(folder)
    }
}

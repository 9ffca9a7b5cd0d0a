import NIOConcurrencyHelpers
import TPoTCapture
import TPoTInspect
import TPoTTraffic
import TestSupport

@testable import TPoTHistory

/// A history in a folder of its own, with a capture that is written to it.
final class HistoryFixture {
    let folder: TemporaryFolder
    let file: HistoryFile
    let clock = TestClock()
    let notices = NIOLockedValueBox<[HistoryWriter.Notice]>([])
    private(set) var writer: HistoryWriter
    private(set) var store: CaptureStore

    init(_ folder: TemporaryFolder? = nil, limits: HistoryLimits = HistoryLimits(), isOnlyForSaving: Bool = false)
        throws
    {
        self.folder = try folder ?? TemporaryFolder()
        file = HistoryFile(home: self.folder.path)
        let notices = notices
        writer = try HistoryWriter(
            file,
            HistoryRun(url: "https://shop.example", name: "shop", target: "http://localhost:8080"),
            limits: limits,
            clock: clock.clock
        ) { notice in notices.withLockedValue { $0.append(notice) } }
        store = CaptureStore(
            clock: clock.clock,
            meaning: .inspection,
            background: .immediate,
            numbers: writer.numbers,
            isOnlyForSaving: isOnlyForSaving
        )
        writer.follow(store)
    }

    /// Lets the capture see traffic, and waits until it is written.
    func write(_ transcript: inout Transcript) {
        store.consume(&transcript)
        _ = writer.finish(within: .seconds(30))
    }

    /// Runs a statement on the file, as another program would.
    func execute(_ sql: String) throws { try Database(file.path, .readWrite).run(sql) }

    func reader() throws -> HistoryReader { try HistoryReader(file, meaning: .inspection) }

    /// The numbers that a filter finds, as they come.
    func numbers(_ filter: String = "", limit: Int = 1000, _ change: (inout HistoryQuery) -> Void = { _ in }) throws
        -> [UInt64]
    {
        var query = HistoryQuery(CaptureFilter(filter))
        change(&query)
        var numbers: [UInt64] = []
        try reader().search(query, limit: limit) { content in
            numbers.append(content.number)
            return true
        }
        return numbers
    }
}

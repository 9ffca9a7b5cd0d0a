import NIOPosix
import TPoTCapture
import TPoTHistory
import TPoTInspect

/// The history for calls that run at the same time. Reading may wait for the disk, so it has threads of its own.
struct AgentHistory: Sendable {
    /// Never released: it lasts as long as the program.
    private static let threads: NIOThreadPool = {
        let threads = NIOThreadPool(numberOfThreads: 4)
        threads.start()
        return threads
    }()

    let file: HistoryFile

    init(_ file: HistoryFile) {
        self.file = file
    }

    /// Runs what blocks on another thread, to its end even if the call is cancelled meanwhile.
    static func blocking<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
        try await Task { try await threads.runIfActive(body) }.value
    }

    func read<Result: Sendable>(
        _ body: @escaping @Sendable (HistoryReader) throws -> Result
    ) async throws -> Result {
        let file = file
        return try await Self.blocking {
            do {
                return try body(try HistoryReader(file, meaning: .inspection))
            } catch let error as HistoryError {
                throw HistoryCommandRunner.failure(error, file)
            }
        }
    }

    /// An exchange with its contents.
    func exchange(_ number: UInt64) async throws -> CapturedExchange {
        try await read { reader in try Self.exchange(number, reader) }
    }

    static func exchange(_ number: UInt64, _ reader: HistoryReader) throws -> CapturedExchange {
        if let exchange = try reader.exchange(number) { return exchange }
        throw ToolFault("there is no request \(number) in \(reader.file.path); list_requests shows what is there")
    }

    /// The newest that match, the newest first.
    func rows(_ query: HistoryQuery, limit: Int) async throws -> (rows: [CaptureRow], hasMore: Bool) {
        try await read { reader in try Self.rows(query, limit: limit, reader) }
    }

    static func rows(
        _ query: HistoryQuery,
        limit: Int,
        _ reader: HistoryReader
    ) throws -> (rows: [CaptureRow], hasMore: Bool) {
        var rows: [CaptureRow] = []
        try reader.search(query, limit: limit + 1) { content in
            rows.append(content.row)
            return true
        }
        return (Array(rows.prefix(limit)), rows.count > limit)
    }
}

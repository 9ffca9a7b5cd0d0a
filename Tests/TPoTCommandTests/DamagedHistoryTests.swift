import TPoTCapture
import TPoTInspect
import TPoTWire
import TestSupport
import Testing

@testable import TPoTCommand
@testable import TPoTHistory

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A file that someone or something has changed is shown as well as it can be, and never ends a program.
@Suite struct DamagedHistoryTests {
    private let place: HistoryPlace
    private let file: HistoryFile

    init() throws {
        place = try HistoryPlace()
        file = HistoryFile(home: place.folder.path)
        try place.write(target: "localhost:8080") { transcript in
            for index in 0..<3 { transcript.call("/\(index)", fields: "X-GitHub-Event: push\r\n") }
        }
    }

    private static let extremes = [Int64.min, Int64.min + 1, -1, 0, 1 << 62, Int64.max - 1, Int64.max]

    /// All that is computed from a row.
    private static func read(_ file: HistoryFile) throws {
        let reader = try HistoryReader(file, meaning: .inspection)
        let summary = try reader.summary()
        for time in [summary.oldest, summary.newest].compactMap({ $0 }) { _ = UTCTime.rfc3339(unixNanoseconds: time) }
        let mask = SecretMask()
        for filter in ["", "size:over-1K", "took:over-1s", "5xx", "is:failed", "remote:1", "body:x", "x"] {
            try reader.search(HistoryQuery(CaptureFilter(filter)), limit: 100) { content in
                _ = ExchangeText.line(content.row, mask)
                _ = ExchangeJSON.line(content.row, mask)
                guard let whole = try reader.exchange(content.number) else { return true }
                _ = ShownJSON.line(whole, ShownParts(), mask)
                var export = HARExport(options: .init(mask: mask, version: "1"), now: .now())
                _ = export.head() + export.entry(whole) + export.tail()
                return true
            }
        }
    }

    @Test(arguments: ExchangeColumns.names) func anExtremeValueIsNoEnd(column: String) throws {
        for value in Self.extremes {
            try Database(file.path, .readWrite).run(
                "UPDATE OR IGNORE exchanges SET \(column) = \(value == .min ? "-9223372036854775807 - 1" : "\(value)")"
            )
            try Self.read(file)
        }
    }

    @Test(arguments: ["requestBytes", "responseBytes", "pieces", "interimHeads", "requestHead"])
    func anExtremeContentIsNoEnd(column: String) throws {
        for value in Self.extremes {
            try Database(file.path, .readWrite).run(
                "UPDATE contents SET \(column) = \(value == .min ? "-1" : "\(value)")"
            )
            try Self.read(file)
        }
    }

    @Test func theCommandsShowWhatTheyCan() async throws {
        try Database(file.path, .readWrite).run(
            "UPDATE exchanges SET arrived = -9223372036854775807 - 1, bytesIn = 9223372036854775807"
        )
        for command in ["history", "requests", "requests --json", "requests size:over-1K", "show 1", "show 1 --har"] {
            #expect(try await place.tpot(command).status == 0, "\(command)")
        }
    }

    /// Random bytes in place of some of the file's.
    @Test func damageAnywhereIsNoEnd() async throws {
        try Database(file.path, .readWrite).run("PRAGMA wal_checkpoint(TRUNCATE)")
        let bytes = Array(try Data(contentsOf: URL(filePath: file.path)))
        let refuted = await counterexample(of: "a damaged history that is shown", rounds: 60) { random in
            var damaged = bytes
            for _ in 0..<Int.random(in: 1...60, using: &random) {
                damaged[Int.random(in: 100..<damaged.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            let folder = try TemporaryFolder()
            let file = HistoryFile(path: folder.path + "/history.sqlite")
            try Data(damaged).write(to: URL(filePath: file.path))
            do {
                try DamagedHistoryTests.read(file)
            } catch is HistoryError {}
        }
        #expect(refuted == nil)
    }
}

import ArgumentParser
import Glibc
import NIOCore
import TPoTCapture
import TPoTDashboard
import TPoTHistory
import TPoTInspect
import TPoTSystem
import TPoTWire

/// Carries out `tpot export`.
enum ExportCommandRunner {
    static func run(
        _ query: HistoryQuery,
        limit: Int,
        to path: String,
        replacing replaces: Bool,
        mask: SecretMask,
        in context: ProcessContext
    ) async throws {
        let reader = try HistoryCommandRunner.reader(in: context)
        let path = context.expand(path, relativeTo: nil)
        guard replaces || access(path, F_OK) != 0 else {
            throw CommandError(.usage, "\(path) exists; say --force to replace it, or name another file")
        }
        // Only numbers are kept: the newest come first, and are to be written last.
        var numbers: [UInt64] = []
        do {
            try reader.search(query, limit: limit) { content in
                numbers.append(content.number)
                return true
            }
        } catch let error as HistoryError {
            throw HistoryCommandRunner.failure(error, reader.file)
        }
        guard !numbers.isEmpty else {
            ErrorLines.standard.print("tpot: no request matches, so \(path) is not written")
            throw ExitCode(ExitStatus.nothingFound.rawValue)
        }
        let count: Int
        do {
            count = try write(numbers.reversed(), of: reader, to: path, replacing: replaces, mask: mask)
        } catch let error as FileError {
            throw CommandError(.badConfig, "\(path) is not written: \(error.reason)")
        }
        let secrets = mask == .off ? "included" : "masked (--export-secrets leaves them in)"
        StandardStream.output.print(
            line: "\(Formats.count(count, "request")) written to \(VisibleText.text(path)), secrets \(secrets)"
        )
    }

    private static func write(
        _ numbers: [UInt64],
        of reader: HistoryReader,
        to path: String,
        replacing replaces: Bool,
        mask: SecretMask
    ) throws -> Int {
        let temporary = TemporaryFiles()
        let part = try temporary.add { () throws(FileError) in
            try PrivateFile.createUnfinished(in: FileSystem.folder(of: path))
        }
        // Nothing half written is left behind.
        let signals = StopSignals { _ in
            temporary.end()
            exit(ExitStatus.interrupted)
        }
        defer {
            temporary.end()
            withExtendedLifetime(signals) {}
        }
        var export = HARExport(options: .init(mask: mask, version: Tpot.version), now: .now())
        var count = 0
        try part.append(export.head())
        for number in numbers {
            let exchange = try HistoryCommandRunner.naming(reader.file) { () throws(HistoryError) in
                try reader.exchange(number)
            }
            // It may have been removed meanwhile.
            guard let exchange else { continue }
            let url = try HistoryCommandRunner.run(of: number, reader)?.url
            try part.append(export.entry(exchange, publicURL: url))
            count += 1
        }
        try part.append(export.tail())
        try part.finish(at: path, replacing: replaces)
        return count
    }
}

extension ExitStatus {
    /// As a shell reports a program that SIGINT has ended.
    fileprivate static let interrupted: Int32 = 128 + SIGINT
}

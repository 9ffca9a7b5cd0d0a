import ArgumentParser
import TPoTCapture
import TPoTDashboard
import TPoTHistory
import TPoTInspect
import TPoTSystem
import TPoTWire

/// Carries out the commands that read the history.
enum HistoryCommandRunner {
    /// The history of this user. Throws if there is none, or if it cannot be read.
    static func reader(in context: ProcessContext) throws(CommandError) -> HistoryReader {
        let file = try file(in: context)
        return try naming(file) { () throws(HistoryError) in try HistoryReader(file, meaning: .inspection) }
    }

    static func none(_ file: HistoryFile) -> CommandError {
        CommandError(.serverUnreachable, "there is no history yet (\(file.path)): `tpot http` writes it")
    }

    static func file(in context: ProcessContext) throws(CommandError) -> HistoryFile {
        guard let home = context.home else {
            throw CommandError(.usage, "there is no home folder (HOME is not set), so there is no history")
        }
        return HistoryFile(home: home)
    }

    /// Names the file in errors.
    static func naming<Result>(
        _ file: HistoryFile,
        _ body: () throws(HistoryError) -> Result
    ) throws(CommandError) -> Result {
        do throws(HistoryError) {
            return try body()
        } catch {
            throw failure(error, file)
        }
    }

    /// Ends the command if there is no such request.
    static func exchange(_ number: UInt64, _ reader: HistoryReader) throws -> CapturedExchange {
        let found = try naming(reader.file) { () throws(HistoryError) in try reader.exchange(number) }
        guard let found else {
            ErrorLines.standard.print("tpot: there is no request \(number) in \(reader.file.path)")
            throw ExitCode(ExitStatus.nothingFound.rawValue)
        }
        return found
    }

    /// The tunnel that a request came through.
    static func run(of number: UInt64, _ reader: HistoryReader) throws(CommandError) -> HistoryRun? {
        try naming(reader.file) { () throws(HistoryError) in try reader.run(of: number) }
    }

    /// The target that a request was sent to.
    static func target(of number: UInt64, _ reader: HistoryReader) throws(CommandError) -> TargetAddress {
        let text = try run(of: number, reader)?.target ?? ""
        do throws(AddressError) {
            return try TargetAddress(text)
        } catch {
            throw CommandError(.badConfig, "\(reader.file.path): the target of request \(number) cannot be read")
        }
    }

    static func failure(_ error: HistoryError, _ file: HistoryFile) -> CommandError {
        guard error != .missing else { return none(file) }
        return CommandError(.badConfig, "\(file.path): \(error.text)")
    }

    /// The number of seconds of an option.
    static func age(_ text: String?, _ option: String) throws(CommandError) -> Int? {
        guard let text else { return nil }
        guard let age = Age(text) else {
            throw CommandError(.usage, "\(option): \(text.debugDescription) is not a time; write 7d, 12h or 30m")
        }
        return age.seconds
    }

    /// When it was so many seconds ago, in nanoseconds since 1970.
    static func time(ago seconds: Int?) -> Int64? {
        seconds.map { TrafficClock.system.read().unixNanoseconds - Int64($0) * 1_000_000_000 }
    }

    // MARK: tpot history

    static func show(json: Bool, in context: ProcessContext) async throws {
        let reader = try reader(in: context)
        let summary = try naming(reader.file) { () throws(HistoryError) in try reader.summary() }
        if json {
            var line = JSONLine(type: "history", unixNanoseconds: TrafficClock.system.read().unixNanoseconds)
            line.add("path", reader.file.path)
            line.add("requests", summary.count)
            line.add("marked", summary.marked)
            line.add("bytes", summary.bytes)
            if let oldest = summary.oldest { line.add("oldest", UTCTime.rfc3339(unixNanoseconds: oldest)) }
            if let newest = summary.newest { line.add("newest", UTCTime.rfc3339(unixNanoseconds: newest)) }
            var bytes: [UInt8] = []
            line.append(to: &bytes)
            _ = StandardStream.output.put(bytes)
            return
        }
        var parts = [Formats.count(summary.count, "request")]
        if summary.marked > 0 { parts.append("\(Formats.grouped(summary.marked)) marked") }
        if let oldest = summary.oldest, let newest = summary.newest {
            parts.append(
                "from \(LocalTime.seconds(unixNanoseconds: oldest)) to \(LocalTime.seconds(unixNanoseconds: newest))"
            )
        }
        parts.append(Formats.exactBytes(summary.bytes))
        StandardStream.output.print(line: "\(reader.file.path): \(parts.joined(separator: ", "))")
    }

    static func clear(
        tunnel: String?,
        olderThan seconds: Int?,
        includesMarked: Bool,
        isSure: Bool,
        in context: ProcessContext
    ) async throws {
        let file = try file(in: context)
        guard file.exists else { throw none(file) }
        let selection = HistoryFile.Selection(
            tunnel: tunnel,
            before: time(ago: seconds),
            includesMarked: includesMarked
        )
        guard isSure else {
            let count = try naming(file) { () throws(HistoryError) in try file.count(selection) }
            throw CommandError(.usage, "this would remove \(Formats.count(count, "request")); say --yes to do it")
        }
        let cleared = try naming(file) { () throws(HistoryError) in try file.clear(selection) }
        StandardStream.output.print(line: "\(Formats.count(cleared.count, "request")) removed from \(file.path)")
        guard !cleared.isErased else { return }
        throw CommandError(
            .temporaryFailure,
            "something of them may still be in \(file.path)-wal, because another program is reading it; try again"
        )
    }
}

import ArgumentParser
import NIOConcurrencyHelpers
import TPoTCapture
import TPoTControl
import TPoTHistory
import TPoTInspect
import TPoTSystem
import TPoTWire

/// Carries out `tpot requests --follow`: what there is, and then what ends in running tunnels.
enum FollowCommandRunner {
    static func follow(
        _ query: HistoryQuery,
        _ wanted: ControlSearch,
        limit: Int,
        mask: SecretMask,
        in context: ProcessContext
    ) async throws {
        let all = await ControlCommandRunner.running(in: context)
        let tunnels = try ControlCommandRunner.tunnels(query.tunnel, among: all)
        var streams: [(RunningTunnel, ControlEvents)] = []
        for tunnel in tunnels {
            do throws(ControlClient.Failure) {
                // Before looking back, so that nothing is missed in between.
                streams.append((tunnel, try await tunnel.client.events(wanted.events)))
            } catch {
                throw ControlCommandRunner.failure(error, tunnel)
            }
        }
        defer { for (_, events) in streams { events.close() } }
        let printed = NIOLockedValueBox(Printed())
        let limit = min(limit, ControlSearch.limit)
        for (key, line) in try await lookBack(query, wanted, tunnels, limit: limit, mask: mask, in: context) {
            try printed.withLockedValue { printed in
                try printed.print(line, key)
                printed.keys.insert(key)
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (tunnel, events) in streams {
                group.addTask {
                    for await event in events {
                        guard event.type == "message" else {
                            ErrorLines.standard.print(
                                "tpot: \(tunnel.status.title): some requests came too fast and are missing here"
                            )
                            continue
                        }
                        try printed.withLockedValue { try $0.print(event.data, Key(event.number ?? 0, tunnel)) }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// What names an exchange: its number, and where numbers mean nothing in other runs, the process.
    private struct Key: Hashable, Comparable {
        var number: UInt64
        var process: Int32?

        init(_ number: UInt64, _ tunnel: RunningTunnel? = nil) {
            self.number = number
            process = tunnel.flatMap { $0.status.isPersistent ? nil : $0.status.process }
        }

        static func < (left: Key, right: Key) -> Bool {
            (left.number, left.process ?? 0) < (right.number, right.process ?? 0)
        }
    }

    private struct Printed {
        /// What came before the events; an event may tell of it again.
        var keys: Set<Key> = []

        mutating func print(_ line: [UInt8], _ key: Key) throws {
            // They are told once more at most, so it need not be kept.
            guard keys.remove(key) == nil else { return }
            let (_, error) = StandardStream.output.put(line + [UInt8(ascii: "\n")])
            if error != 0 { throw ExitCode(ExitStatus.outputClosed.rawValue) }
        }
    }

    /// The newest that are over, of the history and of the tunnels themselves, which know some that are not saved yet.
    private static func lookBack(
        _ query: HistoryQuery,
        _ wanted: ControlSearch,
        _ tunnels: [RunningTunnel],
        limit: Int,
        mask: SecretMask,
        in context: ProcessContext
    ) async throws -> [(Key, [UInt8])] {
        var lines: [Key: [UInt8]] = [:]
        if let file = try? HistoryCommandRunner.file(in: context), file.exists {
            try HistoryCommandRunner.reader(in: context).search(query, limit: limit) { content in
                let line =
                    wanted.json
                    ? ExchangeJSON.line(content.row, mask).dropLast() : Array(ExchangeText.line(content.row, mask).utf8)
                lines[Key(content.number)] = line
                return true
            }
        }
        for tunnel in tunnels {
            let body = try await ControlCommandRunner.ask(tunnel, .GET, wanted.exchanges(last: limit))
            for line in body.split(separator: UInt8(ascii: "\n")) {
                guard let number = number(line, json: wanted.json) else { continue }
                lines[Key(number, tunnel)] = Array(line)
            }
        }
        return lines.sorted { $0.key < $1.key }.suffix(limit).map { ($0.key, $0.value) }
    }

    private static func number(_ line: ArraySlice<UInt8>, json: Bool) -> UInt64? {
        guard json else {
            return line.split(separator: 0x20).first.flatMap { UInt64(String(decoding: $0, as: UTF8.self)) }
        }
        guard case .number(let text)? = try? JSONParser.object(String(decoding: line, as: UTF8.self)).object["number"]
        else {
            return nil
        }
        return UInt64(text)
    }
}

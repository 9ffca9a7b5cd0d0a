import ArgumentParser
import NIOConcurrencyHelpers
import TPoTControl
import TPoTSystem

/// Which exchanges of running tunnels are wanted, and how they are printed.
struct ControlSearch: Sendable {
    /// The most that a tunnel lists at once.
    static let limit = 1_000

    /// Checked already.
    var filter: String
    /// How long ago, as people write it.
    var since: String?
    var after: UInt64?
    var json: Bool

    private var parameters: String {
        "filter=\(ControlClient.escaped(filter))&format=\(json ? "lines" : "text")"
    }

    var events: String { "/v1/events?\(parameters)" }

    /// Those that are over already.
    /// - Parameter last: the most of them, from the newest on; nil for the first one.
    func exchanges(last: Int? = nil) -> String {
        var path = "/v1/exchanges?\(parameters)&finished=true&limit=\(last ?? 1)"
        if since != nil || after != nil { path += "&earlier=true" }
        if let since { path += "&since=\(ControlClient.escaped(since))" }
        if last == nil { path += "&after=\(after ?? 0)" }
        return path
    }

    /// Whether an event is among them. The events know nothing of numbers.
    func includes(_ event: ControlEvents.Element) -> Bool {
        guard let after else { return true }
        return (event.number ?? .max) > after
    }
}

/// Carries out `tpot wait`.
enum WaitCommandRunner {
    static func wait(
        for wanted: ControlSearch,
        tunnel name: String?,
        seconds: Int,
        in context: ProcessContext
    ) async throws {
        let tunnel = try await ControlCommandRunner.tunnel(name, in: context)
        let events: ControlEvents
        do throws(ControlClient.Failure) {
            // Before looking back: what ends in between comes both ways, and nothing is missed.
            events = try await tunnel.client.events(wanted.events)
        } catch {
            throw ControlCommandRunner.failure(error, tunnel)
        }
        let isLate = NIOLockedValueBox(false)
        let timer = Task {
            try await Task.sleep(for: .seconds(seconds))
            isLate.withLockedValue { $0 = true }
            events.close()
        }
        defer {
            timer.cancel()
            events.close()
        }
        if let found = try await lookBack(for: wanted, tunnel) { return print(found) }
        for await event in events {
            if event.type == "message", wanted.includes(event) { return print(event.data) }
            // Some events are missing, but their exchanges can be looked up.
            if event.type == "lost", let found = try await lookBack(for: wanted, tunnel) { return print(found) }
        }
        guard isLate.withLockedValue({ $0 }) else {
            throw CommandError(.serverUnreachable, "\(tunnel.status.title) ended before a request matched")
        }
        ErrorLines.standard.print("tpot: no request matched within \(seconds) s")
        throw ExitCode(ExitStatus.nothingFound.rawValue)
    }

    private static func lookBack(
        for wanted: ControlSearch,
        _ tunnel: RunningTunnel
    ) async throws(CommandError) -> [UInt8]? {
        let found = try await ControlCommandRunner.ask(tunnel, .GET, wanted.exchanges())
        return found.isEmpty ? nil : found
    }

    private static func print(_ line: [UInt8]) {
        StandardStream.output.put(line.last == UInt8(ascii: "\n") ? line : line + [UInt8(ascii: "\n")])
    }
}

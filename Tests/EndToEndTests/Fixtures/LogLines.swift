import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix

/// A log whose lines a test reads: `debug tunnel opened client=127.0.0.1 tunnel=shop`.
final class LogLines: Sendable {
    private struct State {
        var lines: [String] = []
        var waiter: (text: String, promise: EventLoopPromise<String>)?
    }

    private struct Handler: LogHandler {
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info
        let log: LogLines

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let fields = metadata.merging(event.metadata ?? [:]) { $1 }.sorted { $0.key < $1.key }
            log.add("\(event.level) \(event.message)" + fields.map { " \($0.key)=\($0.value)" }.joined())
        }
    }

    private let state = NIOLockedValueBox(State())

    /// The lines so far.
    var lines: [String] { state.withLockedValue { $0.lines } }

    func logger(_ level: Logger.Level) -> Logger {
        var logger = Logger(label: "test") { _ in Handler(log: self) }
        logger.logLevel = level
        return logger
    }

    struct Missed: Error, CustomStringConvertible {
        let description: String
    }

    /// Returns the first line that contains a text, as soon as it is there. Waits for at most a minute; only one call
    /// may wait at a time.
    @discardableResult
    func line(with text: String) async throws -> String {
        let promise = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: String.self)
        state.withLockedValue { state in
            if let line = state.lines.first(where: { $0.contains(text) }) {
                promise.succeed(line)
            } else {
                state.waiter = (text, promise)
            }
        }
        let timeout = promise.futureResult.eventLoop.scheduleTask(in: .minutes(1)) {
            promise.fail(Missed(description: "no line with \(text) among\n\(self.lines.joined(separator: "\n"))"))
        }
        defer { timeout.cancel() }
        return try await promise.futureResult.get()
    }

    /// Returns when so many lines contain a text.
    func lines(with text: String, count: Int) async throws {
        while lines.count(where: { $0.contains(text) }) < count { try await Task.sleep(for: .milliseconds(5)) }
    }

    private func add(_ line: String) {
        let promise: EventLoopPromise<String>? = state.withLockedValue { state in
            state.lines.append(line)
            guard let waiter = state.waiter, line.contains(waiter.text) else { return nil }
            state.waiter = nil
            return waiter.promise
        }
        promise?.succeed(line)
    }
}

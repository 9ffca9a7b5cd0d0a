import Dispatch
import NIOConcurrencyHelpers
import TPoTSystem

/// Writes messages to standard output, one after the other. Nothing else may write there.
final class MCPOutput: Sendable {
    private let queue = DispatchQueue(label: "tpot.mcp.output")
    private let isClosed = NIOLockedValueBox(false)
    private let whenClosed: @Sendable () -> Void

    /// - Parameter whenClosed: called when the reader has gone.
    init(whenClosed: @escaping @Sendable () -> Void) {
        self.whenClosed = whenClosed
    }

    /// Writes a message and returns when that is done: a client that does not read is not read, either.
    func putNow(_ line: [UInt8]) { queue.sync { write(line) } }

    /// The same without blocking a thread.
    func put(_ line: [UInt8]) async {
        await withCheckedContinuation { continuation in
            queue.async { [self] in
                write(line)
                continuation.resume()
            }
        }
    }

    private func write(_ line: [UInt8]) {
        guard !isClosed.withLockedValue({ $0 }) else { return }
        guard StandardStream.output.put(line).error != 0 else { return }
        isClosed.withLockedValue { $0 = true }
        whenClosed()
    }
}

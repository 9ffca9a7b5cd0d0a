import Dispatch
import NIOConcurrencyHelpers
import Testing

@testable import TPoTCommand

@Suite(.timeLimit(.minutes(5))) struct ErrorLinesTests {
    /// A pipe that is not read until ``open()`` is called.
    private final class Pipe: Sendable {
        let written = NIOLockedValueBox<[UInt8]>([])
        private let gate = DispatchSemaphore(value: 0)

        func write(_ bytes: [UInt8]) {
            gate.wait()
            gate.signal()
            written.withLockedValue { $0 += bytes }
        }

        func open() { gate.signal() }

        var text: String { String(decoding: written.withLockedValue { $0 }, as: UTF8.self) }
    }

    @Test func printingDoesNotBlockAndLostLinesAreCounted() {
        let pipe = Pipe()
        let lines = ErrorLines(write: pipe.write)
        lines.print("first")
        let line = String(repeating: "x", count: 1023)
        for _ in 1...3_000 { lines.print(line) }
        lines.flush(within: .milliseconds(10))
        #expect(pipe.text == "")
        pipe.open()
        lines.flush(within: .seconds(60))
        let written = pipe.text.split(separator: "\n")
        let kept = written.count { $0 == line }
        #expect(written.first == "first")
        // The lines that waited, and those that were being written meanwhile.
        #expect(kept >= 1023 && kept <= 2 * 1024)
        #expect(pipe.text.contains("tpot: \(3_000 - kept) lines were lost: standard error was not read\n"))
        lines.print("last")
        lines.flush(within: .seconds(60))
        #expect(pipe.text.hasSuffix("\nlast\n"))
    }
}

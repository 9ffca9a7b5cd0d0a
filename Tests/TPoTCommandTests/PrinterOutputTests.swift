import Glibc
import NIOConcurrencyHelpers
import Testing

@testable import TPoTCommand

@Suite struct PrinterOutputTests {
    /// Standard output on a disk whose free space the test sets.
    private final class Disk: Sendable {
        struct State {
            var room = Int.max
            var error: Int32 = ENOSPC
            var text = ""
            var messages: [String] = []
            var closed = 0
        }

        let state = NIOLockedValueBox(State())

        var output: PrinterOutput {
            PrinterOutput(
                write: { bytes in
                    self.state.withLockedValue { state in
                        let count = min(bytes.count, state.room)
                        state.text += String(decoding: bytes.prefix(count), as: UTF8.self)
                        state.room -= count
                        return (count, count == bytes.count ? 0 : state.error)
                    }
                },
                diagnostics: { text in self.state.withLockedValue { $0.messages.append(text) } },
                whenClosed: { self.state.withLockedValue { $0.closed += 1 } }
            )
        }

        func has(room: Int) { state.withLockedValue { $0.room = room } }
        var text: String { state.withLockedValue { $0.text } }
        var messages: [String] { state.withLockedValue { $0.messages } }
    }

    @Test func aFullDiskIsReportedOnceAndLostLinesAreCounted() {
        let disk = Disk()
        let output = disk.output
        output.put(Array("one\n".utf8))
        disk.has(room: 2)
        output.put(Array("two\nthree\n".utf8))
        output.put(Array("four\n".utf8))
        #expect(disk.messages.count == 1)
        #expect(disk.messages.first?.contains("No space left on device") == true)
        disk.has(room: .max)
        output.put(Array("five\n".utf8))
        #expect(disk.text == "one\ntw\nfive\n", "a new line begins after the one that was cut")
        #expect(disk.messages.last == "standard output can be written again; 3 lines were lost")
        #expect(!output.finish())
        #expect(disk.messages.count == 2)
        disk.has(room: 0)
        output.put(Array("six\n".utf8))
        #expect(!output.finish())
        #expect(disk.messages.last == "1 line was lost: standard output could not be written")
        #expect(disk.state.withLockedValue { $0.closed } == 0)
    }

    @Test func aClosedPipeEndsTheOutputOnceWithoutAMessage() {
        let disk = Disk()
        let output = disk.output
        disk.state.withLockedValue { $0.error = EPIPE }
        disk.has(room: 4)
        output.put(Array("one\ntwo\n".utf8))
        output.put(Array("three\n".utf8))
        #expect(disk.state.withLockedValue { $0.closed } == 1)
        #expect(disk.messages == [])
        #expect(output.finish())
        #expect(disk.text == "one\n")
    }
}

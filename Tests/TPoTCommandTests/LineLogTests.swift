import Logging
import NIOConcurrencyHelpers
import NIOCore
import TPoTCapture
import Testing

@testable import TPoTCommand

@Suite struct LineLogTests {
    private let written = NIOLockedValueBox<[UInt8]>([])

    private func logger(_ level: Logger.Level = .info, _ format: LogFormat = .json) -> Logger {
        let clock = TrafficClock { TrafficClock.Reading(monotonic: .now(), unixNanoseconds: 1_795_435_293_000_000_000) }
        var logger = Logger(label: "test") { _ in
            LineLog(format, clock: clock) { [written] bytes in written.withLockedValue { $0 += bytes } }
        }
        logger.logLevel = level
        return logger
    }

    private var text: String { String(decoding: written.withLockedValue { $0 }, as: UTF8.self) }

    private static let start = #"{"type":"log","time":"2026-11-23T12:01:33.000Z","#

    @Test func aJSONLineHasItsMetadata() {
        var logger = logger()
        logger.debug("below the level")
        logger.info("listening")
        logger[metadataKey: "tunnel"] = "shop"
        logger.warning(
            "it took \("long")",
            metadata: ["ms": .stringConvertible(12.5), "count": .stringConvertible(3), "client": "203.0.113.9"]
        )
        #expect(
            text == Self.start + #""level":"info","message":"listening"}"# + "\n" + Self.start
                + #""level":"warning","message":"it took long","client":"203.0.113.9","count":3,"ms":12.5,"tunnel":"shop"}"#
                + "\n"
        )
    }

    @Test func aTextMessageStaysOnOneLine() {
        var logger = logger(.info, .text)
        logger[metadataKey: "tunnel"] = "shop"
        logger.notice("a\nb\u{1b}[2J", metadata: ["client": "x\r\ny"])
        #expect(text.hasPrefix("2026-11-23T12:01:33.000Z notice: a"))
        #expect(text.hasSuffix(" tunnel=shop\n") && text.contains(" client=x"))
        #expect(!text.dropLast().contains { $0.isNewline || $0 == "\u{1b}" })
    }

    @Test func aJSONMessageStaysOnOneLine() {
        logger().error("a\n\"b\"\u{1b}[2J", metadata: ["odd\"\n": "\u{202e}", "time": "mine", "list": ["a", "b"]])
        #expect(
            text == Self.start + #""level":"error","message":"a\n\"b\"\u001b[2J","list":"[\"a\", \"b\"]","#
                + #""odd\"\n":"\u202e"}"# + "\n"
        )
    }
}

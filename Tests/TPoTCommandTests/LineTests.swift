import NIOCore
import Testing

@testable import TPoTCommand
@testable import TPoTWire

@Suite struct LineTests {
    /// 2026-11-23 12:01:33.042 UTC
    private let time: Int64 = 1_795_435_293_042_000_000

    private var request: RequestSummary {
        RequestSummary(
            unixNanoseconds: time,
            conversation: 7,
            remote: RemoteAddress(ip: 0xcb00_7109, port: 52110),
            method: Array("POST".utf8),
            path: Array("/webhooks".utf8),
            status: 200,
            microseconds: 35_000,
            received: 1210,
            sent: 312
        )
    }

    private func text(_ request: RequestSummary) -> String {
        var lines = TextLines(utcOffset: { _ in 0 })
        var output: [UInt8] = []
        lines.append(request, to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    private func json(_ request: RequestSummary) -> String {
        var line: [UInt8] = []
        JSONLine(request).append(to: &line)
        return String(decoding: line, as: UTF8.self)
    }

    @Test(arguments: [
        (0, "0ms", "0"), (4, "0ms", "0.004"), (420, "0.42ms", "0.42"), (1_003, "1ms", "1.003"),
        (9_050, "9.05ms", "9.05"),
        (10_900, "10ms", "10.9"), (30_012_413, "30012ms", "30012.413"),
    ])
    func shortTimesHaveDecimals(microseconds: Int64, inText: String, inJSON: String) {
        var request = request
        request.microseconds = microseconds
        #expect(text(request).contains(" /webhooks \(inText) "))
        #expect(json(request).contains(#""ms":\#(inJSON),"#))
    }

    @Test func anAnsweredRequest() {
        #expect(
            text(request) == "[2026-11-23 12:01:33] 200 POST /webhooks 35ms 203.0.113.9:52110 in=1210 out=312\n"
        )
        #expect(
            json(request) == #"{"type":"request","time":"2026-11-23T12:01:33.042Z","conversation":7,"#
                + #""remote":"203.0.113.9:52110","method":"POST","path":"/webhooks","status":200,"ms":35,"#
                + #""in":1210,"out":312}"# + "\n"
        )
    }

    @Test func anUnansweredRequest() {
        var request = request
        request.status = nil
        request.why = .visitorLeft
        request.leftAfterMicroseconds = 2_040_000
        #expect(
            text(request)
                == "[2026-11-23 12:01:33] --- POST /webhooks 35ms 203.0.113.9:52110 in=1210 out=312 why=visitor-left after=2.0s\n"
        )
        #expect(
            json(request).contains(#""status":null,"ms":35,"in":1210,"out":312,"why":"visitor-left","afterMs":2040}"#)
        )
    }

    @Test func aReplay() {
        var request = request
        request.remote = nil
        request.replayOf = 3
        #expect(text(request).contains(" replay-of-3 in="))
        #expect(json(request).contains(#","replayOf":3}"#))
        #expect(!json(request).contains("remote"))
    }

    @Test func aHostileRequest() throws {
        var request = request
        request.method = Array("GET\u{1b}]0;x\u{7}".utf8)
        request.path = [0x2f, 0x22, 0x5c, 0xff, 0x0a] + Array("\u{202e}".utf8)
        #expect(text(request).contains(#" GET\x1b]0;x\x07 /"\\\xff\x0a\u{202e} 35ms "#))
        #expect(text(request).count { $0 == "\n" } == 1)
        #expect(json(request).contains(#""method":"GET\u001b]0;x\u0007","path":"/\"\\%FF\n\u202e""#))
        #expect(json(request).count { $0 == "\n" } == 1)
        guard case .object(let object) = try JSONParser.parse(json(request)) else {
            Issue.record("not an object")
            return
        }
        #expect(object["path"] == .string("/\"\\%FF\n\u{202e}"))
    }

    @Test func textLinesUseLocalTime() {
        var lines = TextLines(utcOffset: { _ in -5 * 3600 })
        var output: [UInt8] = []
        lines.append(request, to: &output)
        #expect(String(decoding: output, as: UTF8.self).hasPrefix("[2026-11-23 07:01:33] "))
    }
}

import TPoTWire
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite struct TunnelAuthorizationTests {
    private struct Recorded: Decodable {
        var authKey: String
        var nonceHex: String
        var nonceBase64: String
        var ts: Int64
        var tokenBase64: String
        var header: String
    }

    private func recorded() throws -> Recorded {
        try JSONDecoder().decode(Recorded.self, from: Recordings.data("19-auth-header.json"))
    }

    @Test func theRecordedHeaderIsMade() throws {
        let recorded = try recorded()
        let nonce = RecordedMessage(dir: .c2s, hex: recorded.nonceHex).bytes
        let made = try TunnelAuthorization(key: recorded.authKey, milliseconds: recorded.ts, nonce: nonce)
        #expect(made.headerValue == recorded.header)
    }

    @Test func theRecordedHeaderIsRead() throws {
        let recorded = try recorded()
        let read = try #require(TunnelAuthorization(header: recorded.header))
        #expect(read.nonce == recorded.nonceBase64)
        #expect(read.milliseconds == recorded.ts)
        #expect(read.token == recorded.tokenBase64)
        #expect(read.headerValue == recorded.header)
        #expect(try read.isMade(withKey: recorded.authKey))
    }

    @Test func theHeaderOfTheRecordedHandshakeIsRead() throws {
        let request = String(decoding: try Recordings.messages("00-handshake")[0].bytes, as: UTF8.self)
        let line = try #require(request.split(separator: "\r\n").first { $0.hasPrefix("Authorization: ") })
        let read = try #require(TunnelAuthorization(header: String(line.dropFirst("Authorization: ".count))))
        #expect(read.milliseconds == 1_795_477_259_305)
    }

    @Test func aWrongKeyTokenOrTimeIsRefused() throws {
        let recorded = try recorded()
        let read = try #require(TunnelAuthorization(header: recorded.header))
        #expect(try !read.isMade(withKey: recorded.authKey + "x"))
        #expect(try !read.isMade(withKey: ""))

        var other = read
        other.timestamp = String(recorded.ts + 1)
        #expect(try !other.isMade(withKey: recorded.authKey))
        other = read
        other.token = "A" + read.token.dropFirst()
        #expect(try !other.isMade(withKey: recorded.authKey))
        other = read
        // The first half alone is correct, but not enough.
        other.token = String(read.token.prefix(84))
        #expect(try !other.isMade(withKey: recorded.authKey))
        other.token = "not base64!"
        #expect(try !other.isMade(withKey: recorded.authKey))
    }

    private static func header(_ text: String) -> String { "TPoT-1 " + Data(text.utf8).base64EncodedString() }

    @Test(arguments: [
        "", "TPoT-1", "TPoT-1 ", "TPoT-1 %%%", "Basic QQ==", "Bearer abc", "TPoT-2 QUEKMQpBQQ==", "TPoT-1 QUEKMQpBQQ",
        header("nonce"), header("nonce\n1700000000000"), header("\n1700000000000\ntoken"), header("nonce\n\ntoken"),
        header("nonce\n1700000000000\n"), header("nonce\n-1\ntoken"), header("nonce\n1.5\ntoken"),
        header("nonce\n17000000000000000\ntoken"), header("nonce\n1\ntoken\nmore"),
        header(String(repeating: "n", count: 1000) + "\n1\ntoken"),
        "TPoT-1 " + Data([0xff, 0xfe, 0x0a, 0x31, 0x0a, 0x41]).base64EncodedString(),
    ])
    func invalidHeadersAreRefused(header: String) {
        #expect(TunnelAuthorization(header: header) == nil)
    }

    @Test func anotherSpellingHasTheSameReplayKey() throws {
        let recorded = try recorded()
        let read = try #require(TunnelAuthorization(header: recorded.header))
        var spelled = read
        spelled.timestamp = "0" + read.timestamp
        #expect(spelled.replayKey == read.replayKey)
        spelled = read
        spelled.nonce = read.nonce + "\r"
        #expect(spelled.replayKey == read.replayKey)

        var other = read
        other.timestamp = String(recorded.ts + 1)
        #expect(other.replayKey != read.replayKey)
        other = read
        other.nonce = "B" + read.nonce.dropFirst()
        #expect(other.replayKey != read.replayKey)
    }
}

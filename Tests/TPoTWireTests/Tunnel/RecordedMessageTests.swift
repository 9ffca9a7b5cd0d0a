import NIOCore
import TPoTWire
import Testing

@Suite struct RecordedMessageTests {
    @Test(arguments: Recordings.names)
    func recordedMessagesAreDecodedAndEncodedToTheSameBytes(name: String) throws {
        var decoder = TunnelMessageDecoder()
        for recorded in try Recordings.messages(name) {
            let message = try #require(try decode([ByteBuffer(bytes: recorded.bytes)], with: &decoder).first)
            var encoded = ByteBuffer()
            message.write(into: &encoded)
            #expect(encoded == ByteBuffer(bytes: recorded.bytes))
            #expect(message.encodedLength == encoded.readableBytes)
        }
    }

    @Test(arguments: Recordings.names)
    func messagesSplitAtAnyByteAreDecoded(name: String) throws {
        for recorded in try Recordings.messages(name) {
            let whole = ByteBuffer(bytes: recorded.bytes)
            let expected = try decode([whole])
            // After its first bytes, a shortened message only has filler.
            let cuts = min(whole.readableBytes, recorded.len == nil ? .max : 24)
            for cut in 0...cuts {
                var rest = whole
                let first = rest.readSlice(length: cut) ?? ByteBuffer()
                #expect(try decode([first, rest]) == expected)
            }
        }
    }

    @Test(arguments: Recordings.names)
    func messagesInSingleBytesAreDecoded(name: String) throws {
        for recorded in try Recordings.messages(name) where recorded.len == nil {
            let bytes = recorded.bytes
            #expect(try decode(bytes.map { ByteBuffer(bytes: [$0]) }) == decode(bytes))
        }
    }

    @Test func aRefusedTargetIsDecoded() throws {
        let messages = try Recordings.messages("08-upstream-refused").flatMap { try decode($0.bytes) }
        #expect(messages.first == Subdomain("bench").map(TunnelMessage.greeting))
        #expect(messages.suffix(2) == [.couldNotConnect(1), .closed(1)])
        guard case .openHTTP(1, let remote) = messages[1], case .data(1, let head) = messages[2] else {
            Issue.record("not an open and its data")
            return
        }
        #expect(remote.host == "127.0.0.1")
        #expect(String(buffer: head).hasPrefix("GET "))
    }

    @Test func repeatedPausesEndWithOneContinue() throws {
        let messages = try Recordings.messages("12-pause-resume-download").flatMap { try decode($0.bytes) }
        #expect(messages.count { $0 == .pause(1) } == 18)
        #expect(messages.count { $0 == .resume(1) } == 1)
    }

    @Test func theGreetingInTheHandshakeIsDecoded() throws {
        let answer = try #require(try Recordings.messages("00-handshake").last?.bytes)
        // The frame after the head: final, binary, 14 bytes without a mask.
        #expect(Array(answer.suffix(16).prefix(2)) == [0x82, 0x0e])
        let greeting = try decode(Array(answer.suffix(14)))
        #expect(greeting == Subdomain("bench").map { [.greeting($0)] })
    }
}

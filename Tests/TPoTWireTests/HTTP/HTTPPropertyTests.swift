import TestSupport
import Testing

@testable import TPoTWire

/// Random conversations: valid ones are read as they were written, damaged ones lose no bytes, and splitting the bytes
/// changes nothing.
@Suite struct HTTPPropertyTests {
    @Test func validConversationsAreReadAsWritten() async {
        let counterexample = await counterexample(of: "HTTP conversations", rounds: 1000) { random in
            let written = random.conversation()
            for cut in [Segmentation.whole, .random(random.next())] {
                let read = HTTPTranscript(written.steps, cut: cut)
                func place() -> String { "\(cut), \(written.steps.map { text($0.bytes) })" }
                try require(read.targetEnds() == .complete, "not complete: \(place())")
                try require(read.visitorBytes == written.bytes(of: .visitor), "request bytes lost: \(place())")
                try require(read.targetBytes == written.bytes(of: .target), "answer bytes lost: \(place())")
                try require(read.visitorLines == written.visitorLines, "\(read.visitorLines): \(place())")
                try require(Self.shape(read.targetLines) == written.targetLines, "\(read.targetLines): \(place())")
                try require(read.answersDue == 0 && read.bytesHeld == 0, "something is due: \(place())")
            }
        }
        #expect(counterexample == nil)
    }

    @Test func splittingDoesNotChangeHowBytesAreRead() async {
        let counterexample = await counterexample(of: "bytes as HTTP", rounds: 1500) { random in
            let steps = random.hostileSteps()
            var limits = HTTPConversationReader.Limits()
            if random.once(in: 4) {
                limits.headBytes = 1 + random.roll(120)
                limits.requestsOutstanding = 1 + random.roll(3)
                limits.chunkLineBytes = 1 + random.roll(12)
                limits.trailerBytes = 2 + random.roll(12)
            }
            try Self.check(steps, cut: .random(random.next()), limits)
        }
        #expect(counterexample == nil)
    }

    /// Inputs that random tests have found, and typical problems of HTTP readers.
    @Test(
        arguments: [
            [.visitor("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), .target("HTTP/1.1 200 OK\r\n\r")],
            [.visitor("\r"), .target("\r"), .visitor("\n"), .target("\n")],
            [
                .visitor("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"),
                .target("HTTP/1.1 200 "),
            ],
            [
                .visitor("HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n"),
                .target(
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nHTTP/1.1 204 No\r\nContent-Length: 9\r\n\r\n"
                ),
            ],
        ] as [[HTTPTranscript.Step]]
    )
    func knownProblems(steps: [HTTPTranscript.Step]) throws {
        for cut in [Segmentation.bytewise] + (1...40).map(Segmentation.at) { try Self.check(steps, cut: cut, .init()) }
    }

    /// Checks that no bytes are lost or added, and that splitting them changes nothing.
    private static func check(
        _ steps: [HTTPTranscript.Step],
        cut: Segmentation,
        _ limits: HTTPConversationReader.Limits
    ) throws {
        let whole = HTTPTranscript(steps, limits: limits)
        let pieces = HTTPTranscript(steps, cut: cut, limits: limits)
        func place() -> String {
            "\(cut), \(limits), \(steps.map { "\($0.side) \(text($0.bytes).debugDescription)" })"
        }
        try require(
            pieces.visitorLines == whole.visitorLines,
            "\(pieces.visitorLines), \(whole.visitorLines): \(place())"
        )
        try require(pieces.targetLines == whole.targetLines, "\(pieces.targetLines), \(whole.targetLines): \(place())")
        try require(pieces.heads == whole.heads && pieces.answers == whole.answers, "other heads: \(place())")
        try require(pieces.visitorBytes == whole.visitorBytes, "other request bytes: \(place())")
        try require(pieces.bytesHeld == whole.bytesHeld, "\(pieces.bytesHeld), \(whole.bytesHeld) held: \(place())")
        try require(pieces.answersDue == whole.answersDue, "other answers due: \(place())")
        try require(pieces.answerBegun == whole.answerBegun, "answer begun or not: \(place())")
        try require(pieces.requestIncomplete == whole.requestIncomplete, "request complete or not: \(place())")
        try require(pieces.isWaitingForAnswer == whole.isWaitingForAnswer, "waiting or not: \(place())")
        try require(pieces.isOpaque == whole.isOpaque, "opaque or not: \(place())")
        // A head over its limit becomes opaque, so the held bytes are limited unless the reader waits for an answer.
        let isBounded = whole.isWaitingForAnswer || whole.bytesHeld <= limits.headBytes
        try require(isBounded, "\(whole.bytesHeld) bytes held: \(place())")
        try require(pieces.targetEnds() == whole.targetEnds(), "another ending: \(place())")
        try require(pieces.targetLines == whole.targetLines, "another end of the answers: \(place())")
        try require(pieces.targetBytes == whole.targetBytes, "other answer bytes: \(place())")

        let visitorSent = steps.filter { $0.side == .visitor }.flatMap(\.bytes)
        let targetSent = steps.filter { $0.side == .target }.flatMap(\.bytes)
        let visitorBytes = whole.visitorBytes + visitorSent.suffix(whole.bytesHeld)
        try require(visitorBytes == visitorSent, "request bytes lost or added: \(place())")
        try require(targetSent.starts(with: whole.targetBytes), "answer bytes added: \(place())")
        // Bytes after an unreadable answer need not be passed on.
        let isSound = whole.targetLines.allSatisfy { line in
            ["end", "body ", "opaque "].contains(where: line.hasPrefix) || line.first?.isNumber == true
        }
        try require(!isSound || whole.targetBytes == targetSent, "answer bytes lost: \(place())")
    }

    /// Keeps only the status of each answer's head, because answers without a body are written with various framings.
    private static func shape(_ lines: [String]) -> [String] {
        lines.map { $0.first?.isNumber == true ? String($0.prefix(3)) : $0 }
    }
}

/// A valid conversation, and the lines of its transcript.
private struct WrittenConversation {
    var steps: [HTTPTranscript.Step] = []
    var visitorLines: [String] = []
    /// A head is represented by its status only.
    var targetLines: [String] = []

    func bytes(of side: HTTPTranscript.Side) -> [UInt8] { steps.filter { $0.side == side }.flatMap(\.bytes) }
}

extension SeededRandom {
    /// One to five requests with their answers, pipelined or not. The last one may change protocols or end by closing.
    fileprivate mutating func conversation() -> WrittenConversation {
        var written = WrittenConversation()
        var waiting = ""
        let count = 1 + roll(5)
        for number in 1...count {
            let last = number == count ? pick(["", "", "upgrade", "close"]) : ""
            let method = last == "upgrade" ? "GET" : pick(["GET", "POST", "HEAD", "PUT", "OPTIONS", "M-SEARCH"])
            written.steps.append(.visitor(request(method, asksForUpgrade: last == "upgrade", in: &written)))
            waiting += answer(to: method, last, in: &written)
            if number == count || !once(in: 3) {
                written.steps.append(.target(waiting))
                waiting = ""
            }
        }
        if written.targetLines.last == "opaque" {
            let (sent, got) = (bytes(upTo: 40), bytes(upTo: 40))
            written.steps += [.init(side: .visitor, bytes: sent), .init(side: .target, bytes: got)]
            written.targetLines.removeLast()
            if !sent.isEmpty { written.visitorLines.append("opaque \(text(sent))") }
            if !got.isEmpty { written.targetLines.append("opaque \(text(got))") }
        }
        return written
    }

    private mutating func request(
        _ method: String,
        asksForUpgrade: Bool,
        in written: inout WrittenConversation
    ) -> String {
        let target = "/" + word()
        let host = pick(["a.example", "b.example:8080", "[::1]:1"])
        let (framing, body) = asksForUpgrade || once(in: 2) ? ("", "") : framedBody()
        var fields = (0..<roll(4)).map { _ in field() } + ["\(pick(["Host", "host", "HOST"])): \(host)\r\n"]
        fields += (0..<roll(3)).map { _ in field() }
        if asksForUpgrade { fields += ["Connection: keep-alive, Upgrade\r\n", "Upgrade: x\r\n"] }
        let kind =
            framing.isEmpty ? "none" : framing.hasPrefix("T") ? "chunked" : "length(\(body.unicodeScalars.count))"
        written.visitorLines.append("\(method) \(target) host=\(host) \(kind)" + (asksForUpgrade ? " upgrade" : ""))
        if !body.isEmpty { written.visitorLines.append("body \(body)") }
        written.visitorLines.append("end")
        return "\(method) \(target) HTTP/1.1\r\n" + fields.joined() + framing + "\r\n" + body
    }

    private mutating func answer(to method: String, _ last: String, in written: inout WrittenConversation) -> String {
        var answer = ""
        for _ in 0..<(once(in: 4) ? 1 + roll(3) : 0) {
            written.targetLines.append("103")
            answer += "HTTP/1.1 103 Early Hints\r\n" + field() + "\r\n"
        }
        if last == "upgrade", once(in: 2) {
            written.targetLines += ["101", "end", "opaque"]
            return answer + "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n"
        }
        let hasNone = method == "HEAD" || once(in: 5)
        let status = hasNone && method != "HEAD" ? pick([204, 304]) : pick([200, 404, 500, 426, 599])
        written.targetLines.append("\(status)")
        let head = "HTTP/1.1 \(status) \(word())\r\n" + (0..<roll(4)).map { _ in field() }.joined()
        var (framing, body) = framedBody()
        if hasNone {
            body = ""
            if status == 204 { framing = "" }
        } else if last == "close" {
            (framing, body) = ("", text(bytes(upTo: 60)))
        }
        if !body.isEmpty { written.targetLines.append("body \(body)") }
        written.targetLines.append("end")
        return answer + head + framing + "\r\n" + body
    }

    /// A framing field, and the body as it is on the wire.
    private mutating func framedBody() -> (framing: String, body: String) {
        var content = bytes(upTo: once(in: 20) ? 5000 : 60)
        guard once(in: 2) else { return ("Content-Length: \(content.count)\r\n", text(content)) }
        var wire = ""
        while !content.isEmpty {
            let chunk = content.prefix(1 + roll(30))
            content.removeFirst(chunk.count)
            let size = String(chunk.count, radix: 16, uppercase: once(in: 2))
            wire += String(repeating: "0", count: roll(3)) + size + pick(["", "", ";a", ";a=\"b;\""]) + "\r\n"
            wire += text(chunk) + "\r\n"
        }
        let trailers = once(in: 3) ? field() + field() : ""
        return ("Transfer-Encoding: \(pick(["chunked", "Chunked"]))\r\n", wire + "0\r\n" + trailers + "\r\n")
    }

    private mutating func word() -> String {
        String((0...roll(12)).map { _ in pick(Array("abcdefghijklmnopqrstuvwxyzABCXYZ0123456789-_.~%&=/")) })
    }

    private mutating func field() -> String {
        "X-\(roll(100)): " + pick(["", word(), word() + " " + word(), "\u{E4}\u{FF} b", "\"q, r\""]) + "\r\n"
    }

    // MARK: Damaged conversations

    private static let fragments = [
        "\r\n", "\n", "\r", "\0", " ", "\t", ":", ",", ";", "\r\n\r\n", "GET / HTTP/1.1\r\n", "POST /a HTTP/1.1\r\n",
        "HEAD / HTTP/1.0\r\n", "CONNECT b:1 HTTP/1.1\r\n", "Host: a\r\n", "host:b\r\n", "Content-Length: 3\r\n",
        "Content-Length: 3, 3\r\n", "Content-Length: 18446744073709551616\r\n", "Content-Length: -1\r\n",
        "Transfer-Encoding: chunked\r\n", "Transfer-Encoding: identity\r\n", "Connection: upgrade\r\nUpgrade: x\r\n",
        "Connection: close\r\n", "Expect: 100-continue\r\n", "A: b\r\n c\r\n", "A : b\r\n", ": b\r\n", "A\r\n",
        "HTTP/1.1 200 OK\r\n", "HTTP/1.1 101 S\r\n\r\n", "HTTP/1.1 100 C\r\n\r\n", "HTTP/1.1 204 N\r\n\r\n",
        "HTTP/1.1 99 X\r\n", "HTTP/1.01 200 OK\r\n", "HTTP/1.1 200.1\r\n", "HTTP/2 200\r\n", "HTTP/1.0 200 OK\r\n\r\n",
        "0\r\n\r\n", "3\r\nabc\r\n", "3;x=y\r\nabc\r\n", "00000000000000003\r\nabc\r\n", "ffffffffffffffff\r\n",
        "0\r\nT: x\r\n\r\n",
        "0\r\nT\r\n\r\n", "3\r\nabcd", "abc", "\u{FF}\u{80}",
    ]

    /// Damaged valid conversations, or random sequences of meaningful fragments.
    fileprivate mutating func hostileSteps() -> [HTTPTranscript.Step] {
        if once(in: 2) {
            var steps = conversation().steps
            for _ in 0...roll(2) {
                let index = roll(steps.count)
                steps[index].bytes = mutate(steps[index].bytes)
            }
            return steps
        }
        return (0...roll(5)).map { _ in
            let text = (0...roll(8)).map { _ in pick(Self.fragments) }.joined()
            return once(in: 2) ? .visitor(text) : .target(text)
        }
    }
}

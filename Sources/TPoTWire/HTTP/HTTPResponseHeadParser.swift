import NIOCore

/// Reads the head of an answer line by line, as far as it has come, and goes on where it stopped.
///
/// Lenient, because nothing is decided here but where the answer ends: a bare LF ends a line, white space may stand
/// anywhere around a colon, lines that make no sense are passed over. Only what is not HTTP/1 at all is given up.
struct HTTPResponseHeadParser: Sendable {
    enum Outcome {
        case incomplete
        case complete(length: Int)
        case notHTTP
    }

    private enum Stage {
        case leadingLines, statusLine, fields
    }

    private static let prefix: StaticString = "HTTP/1."

    private var stage = Stage.leadingLines
    private var lineStart = 0
    private var scanned = 0
    private var status = 0
    private var reasonRange = 0..<0
    private var minorVersion: UInt8 = 1
    private var notes = HTTPFieldNotes()
    /// The field of the last line, if it was one of those: a folded line goes on with it (RFC 9112, 5.2).
    private var lastField: HTTPKnownField?

    /// The line ends that have been skipped. Until something else comes no answer has begun.
    private(set) var leadingBytes = 0

    /// `bytes` begin where the head begins, and are those of the last call and more.
    mutating func parse(_ bytes: UnsafeRawBufferPointer, limit: Int) -> Outcome {
        let window = UnsafeRawBufferPointer(rebasing: bytes.prefix(limit))
        skipLeadingLines(window)
        if stage == .statusLine, !parseStatusLine(window) { return .notHTTP }
        if stage == .fields, let length = parseFields(window) { return .complete(length: length) }
        return bytes.count > limit ? .notHTTP : .incomplete
    }

    /// Some send a line end more after a body than they announced. Looks at no byte twice.
    mutating func skipLeadingLines(_ bytes: UnsafeRawBufferPointer) {
        guard stage == .leadingLines else { return }
        while lineStart < bytes.count, bytes[lineStart].isNewline { lineStart += 1 }
        if lineStart < bytes.count { stage = .statusLine }
        scanned = lineStart
        leadingBytes = lineStart
    }

    /// Returns false when this is no status line, as soon as the first bytes show it.
    private mutating func parseStatusLine(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let prefixLength = Self.prefix.utf8CodeUnitCount
        for offset in 0..<min(prefixLength, bytes.count - lineStart) {
            guard bytes[lineStart + offset] == Self.prefix.utf8Start[offset] else { return false }
        }
        guard let lineFeed = bytes.firstOffset(of: ASCII.lineFeed, in: scanned..<bytes.count) else {
            scanned = bytes.count
            return true
        }
        let end = contentEnd(ofLine: lineStart..<lineFeed, in: bytes)
        let minor = lineStart + prefixLength
        guard minor < end, bytes[minor].isDigit else { return false }
        var code = minor + 1
        while code < end, bytes[code].isBlank { code += 1 }
        guard code > minor + 1, code + 3 <= end else { return false }
        status = 0
        for offset in code..<code + 3 {
            guard bytes[offset].isDigit else { return false }
            status = status * 10 + Int(bytes[offset] &- 0x30)
        }
        guard status >= 100, code + 3 == end || bytes[code + 3].isBlank else { return false }
        reasonRange = bytes.trimming(code + 3..<end)
        minorVersion = bytes[minor] &- 0x30
        stage = .fields
        lineStart = lineFeed + 1
        scanned = lineStart
        return true
    }

    /// Returns the length of the head when its blank line is there.
    private mutating func parseFields(_ bytes: UnsafeRawBufferPointer) -> Int? {
        while let lineFeed = bytes.firstOffset(of: ASCII.lineFeed, in: scanned..<bytes.count) {
            let line = lineStart..<contentEnd(ofLine: lineStart..<lineFeed, in: bytes)
            guard !line.isEmpty else { return lineFeed + 1 }
            noteField(line, in: bytes)
            lineStart = lineFeed + 1
            scanned = lineStart
        }
        scanned = bytes.count
        return nil
    }

    private mutating func noteField(_ line: Range<Int>, in bytes: UnsafeRawBufferPointer) {
        if bytes[line.lowerBound].isBlank {
            if let lastField { notes.note(lastField, value: bytes.trimming(line), in: bytes) }
            return
        }
        guard let colon = bytes.firstOffset(of: ASCII.colon, in: line) else {
            lastField = nil
            return
        }
        lastField = HTTPKnownField(bytes.trimming(line.lowerBound..<colon), in: bytes)
        if let lastField { notes.note(lastField, value: colon + 1..<line.upperBound, in: bytes) }
    }

    private func contentEnd(ofLine line: Range<Int>, in bytes: UnsafeRawBufferPointer) -> Int {
        let hasCarriageReturn = !line.isEmpty && bytes[line.upperBound - 1] == ASCII.carriageReturn
        return hasCarriageReturn ? line.upperBound - 1 : line.upperBound
    }
}

extension HTTPResponseHeadParser {
    /// What the head says about an answer to such a request, once it is complete (RFC 9112, 6.3).
    func head(raw: ByteBuffer, answering request: HTTPOutstandingRequest?) -> HTTPResponseHead {
        let isInterim = status < 200 && status != 101
        let opensTunnel = status == 101 || (request?.isConnect == true && (200..<300).contains(status))
        let hasNoBody = status < 200 || opensTunnel || status == 204 || status == 304 || request?.isHead == true
        return HTTPResponseHead(
            raw: raw,
            status: status,
            reasonRange: reasonRange,
            minorVersion: minorVersion,
            framing: hasNoBody ? .none : notes.answerFraming,
            isInterim: isInterim,
            opensTunnel: opensTunnel,
            wantsClose: notes.wantsClose(minorVersion: minorVersion)
        )
    }
}

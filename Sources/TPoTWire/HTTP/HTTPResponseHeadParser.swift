import NIOCore

/// Reads the head of an answer line by line. Each call continues where the last one stopped.
///
/// A deviation that does not move the end of the answer is tolerated and noted: an LF without CR, a folded line,
/// unusual white space, a line that is not a field. It is a fault if another reader might find a different end.
struct HTTPResponseHeadParser: Sendable {
    enum Outcome {
        case incomplete
        case complete(length: Int)
        case fault(HTTPResponseFault)
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
    /// The field of the last line, if it was a known one. A folded line continues it (RFC 9112, 5.2).
    private var lastField: HTTPKnownField?
    /// Nothing had to be tolerated.
    private var isExact = true

    /// Bytes of line ends that were skipped. An answer begins with the first byte after them.
    private(set) var leadingBytes = 0

    /// The status, once the status line has been read. Nil for an interim answer.
    var finalStatus: Int? { stage == .fields && !isInterim ? status : nil }

    private var isInterim: Bool { status < 200 && status != 101 }

    /// - Parameter bytes: everything from the start of the head, including the bytes of the last call.
    mutating func parse(_ bytes: UnsafeRawBufferPointer, limit: Int) -> Outcome {
        let window = UnsafeRawBufferPointer(rebasing: bytes.prefix(limit))
        do throws(HTTPResponseFault) {
            skipLeadingLines(window)
            if stage == .statusLine { try parseStatusLine(window) }
            if stage == .fields, let length = try parseFields(window) { return .complete(length: length) }
            return bytes.count > limit ? .fault(.headTooLarge) : .incomplete
        } catch {
            return .fault(error)
        }
    }

    /// Some servers send an extra line end after a body. No byte is read twice.
    mutating func skipLeadingLines(_ bytes: UnsafeRawBufferPointer) {
        guard stage == .leadingLines else { return }
        while lineStart < bytes.count, bytes[lineStart].isNewline { lineStart += 1 }
        if lineStart < bytes.count { stage = .statusLine }
        scanned = lineStart
        leadingBytes = lineStart
        if lineStart > 0 { isExact = false }
    }

    /// Throws as soon as the first bytes show that this is not a status line.
    private mutating func parseStatusLine(_ bytes: UnsafeRawBufferPointer) throws(HTTPResponseFault) {
        let prefixLength = Self.prefix.utf8CodeUnitCount
        for offset in 0..<min(prefixLength, bytes.count - lineStart) {
            guard bytes[lineStart + offset] == Self.prefix.utf8Start[offset] else { throw .malformedStatusLine }
        }
        guard let lineFeed = bytes.firstOffset(of: ASCII.lineFeed, in: scanned..<bytes.count) else {
            scanned = bytes.count
            return
        }
        let end = try contentEnd(ofLine: lineStart..<lineFeed, in: bytes)
        let minor = lineStart + prefixLength
        guard minor < end, bytes[minor].isDigit else { throw .malformedStatusLine }
        var code = minor + 1
        while code < end, bytes[code].isBlank { code += 1 }
        guard code > minor + 1, code + 3 <= end else { throw .malformedStatusLine }
        if code != minor + 2 || bytes[minor + 1] != ASCII.space { isExact = false }
        status = 0
        for offset in code..<code + 3 {
            guard bytes[offset].isDigit else { throw .malformedStatusLine }
            status = status * 10 + Int(bytes[offset] &- 0x30)
        }
        guard status >= 100, code + 3 == end || bytes[code + 3].isBlank else { throw .malformedStatusLine }
        if code + 3 == end || bytes[code + 3] != ASCII.space || bytes.hasControl(in: code + 3..<end) { isExact = false }
        reasonRange = bytes.trimming(code + 3..<end)
        minorVersion = bytes[minor] &- 0x30
        stage = .fields
        lineStart = lineFeed + 1
        scanned = lineStart
    }

    /// Returns the length of the head once its blank line has come.
    private mutating func parseFields(_ bytes: UnsafeRawBufferPointer) throws(HTTPResponseFault) -> Int? {
        while let lineFeed = bytes.firstOffset(of: ASCII.lineFeed, in: scanned..<bytes.count) {
            let line = lineStart..<(try contentEnd(ofLine: lineStart..<lineFeed, in: bytes))
            guard !line.isEmpty else {
                guard bytes.firstOffset(of: ASCII.nul, in: 0..<lineFeed) == nil else { throw .malformedHeaderField }
                return lineFeed + 1
            }
            try noteField(line, in: bytes)
            lineStart = lineFeed + 1
            scanned = lineStart
        }
        scanned = bytes.count
        return nil
    }

    private mutating func noteField(_ line: Range<Int>, in bytes: UnsafeRawBufferPointer) throws(HTTPResponseFault) {
        var colon = line.lowerBound
        while colon < line.upperBound, bytes[colon].isToken { colon += 1 }
        guard colon > line.lowerBound, colon < line.upperBound, bytes[colon] == ASCII.colon else {
            return try noteOddLine(line, in: bytes)
        }
        lastField = HTTPKnownField(line.lowerBound..<colon, in: bytes)
        if let lastField { notes.note(lastField, value: colon + 1..<line.upperBound, in: bytes) }
    }

    /// Handles a folded line, white space before the colon, or a line that is not a field. It must not be a field that
    /// ends the body, nor look like one to a reader that skips what it does not understand.
    private mutating func noteOddLine(_ line: Range<Int>, in bytes: UnsafeRawBufferPointer) throws(HTTPResponseFault) {
        isExact = false
        let isFolded = bytes[line.lowerBound].isBlank
        let endsBody = isFolded && (lastField == .contentLength || lastField == .transferEncoding)
        guard !endsBody, !Self.looksLikeFraming(line, in: bytes) else { throw .malformedHeaderField }
        if isFolded {
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

    /// Whether the line contains the name of a field that ends the body, once the bytes that no name can have are
    /// removed.
    private static func looksLikeFraming(_ line: Range<Int>, in bytes: UnsafeRawBufferPointer) -> Bool {
        let letters = bytes[line].filter(\.isToken)
        return letters.withUnsafeBytes { letters in
            letters.contains("content-length", in: 0..<letters.count)
                || letters.contains("transfer-encoding", in: 0..<letters.count)
        }
    }

    /// The end of a line without its CR. A CR elsewhere is a fault, because some readers end the line there (RFC 9112,
    /// 2.2).
    private mutating func contentEnd(
        ofLine line: Range<Int>,
        in bytes: UnsafeRawBufferPointer
    ) throws(HTTPResponseFault) -> Int {
        guard let carriageReturn = bytes.firstOffset(of: ASCII.carriageReturn, in: line) else {
            isExact = false
            return line.upperBound
        }
        guard carriageReturn == line.upperBound - 1 else { throw .malformedHeaderField }
        return carriageReturn
    }
}

extension HTTPResponseHeadParser {
    /// The parsed head of an answer to `request` (RFC 9112, 6.3). Call it once the head is complete.
    func head(
        raw: ByteBuffer,
        answering request: HTTPOutstandingRequest?
    ) throws(HTTPResponseFault) -> HTTPResponseHead {
        let opensTunnel = status == 101 || (request?.isConnect == true && (200..<300).contains(status))
        let hasNoBody = status < 200 || opensTunnel || status == 204 || status == 304 || request?.isHead == true
        return HTTPResponseHead(
            raw: raw,
            status: status,
            reasonRange: reasonRange,
            minorVersion: minorVersion,
            framing: hasNoBody ? .none : try notes.answerFraming(minorVersion: minorVersion),
            isInterim: isInterim,
            opensTunnel: opensTunnel,
            wantsClose: notes.wantsClose(minorVersion: minorVersion),
            isExact: isExact && (hasNoBody || !notes.hasRepeatedLength)
        )
    }
}

import NIOCore

/// Reads the head of a request line by line. Each call continues where the last one stopped.
///
/// No byte is read twice, so a head that comes byte by byte costs about as much as one that comes whole. A fault is
/// reported when the bytes that prove it are there, in byte order, so the result does not depend on how they were
/// split.
struct HTTPRequestHeadParser: Sendable {
    enum Outcome {
        case incomplete
        case complete(length: Int)
        case fault(HTTPRequestFault)
    }

    private enum Stage {
        case leadingLines, method, requestLine, fields
    }

    private var stage = Stage.leadingLines
    private var lineStart = 0
    /// Everything before this offset has been examined.
    private var scanned = 0
    /// Known once the space after it has come.
    private(set) var method = HTTPMethod.other
    private var methodRange = 0..<0
    private var targetRange = 0..<0
    private var minorVersion: UInt8 = 1
    private var notes = HTTPFieldNotes()
    private var framing = HTTPBodyFraming.none

    /// Bytes of empty lines that were skipped. A request begins with the first byte after them.
    private(set) var leadingBytes = 0

    /// - Parameter bytes: everything from the start of the head, including the bytes of the last call.
    mutating func parse(_ bytes: UnsafeRawBufferPointer, limit: Int) -> Outcome {
        // Reading no further than the limit makes the outcome independent of how much has come already.
        let window = UnsafeRawBufferPointer(rebasing: bytes.prefix(limit))
        do throws(HTTPRequestFault) {
            if let length = try parseStages(window) { return .complete(length: length) }
            return bytes.count > limit ? .fault(.headTooLarge) : .incomplete
        } catch {
            return .fault(error)
        }
    }

    private mutating func parseStages(_ bytes: UnsafeRawBufferPointer) throws(HTTPRequestFault) -> Int? {
        if stage == .leadingLines { skipLeadingLines(bytes) }
        if stage == .method { try parseMethod(bytes) }
        if stage == .requestLine { try parseRequestLine(bytes) }
        return stage == .fields ? try parseFields(bytes) : nil
    }

    private mutating func skipLeadingLines(_ bytes: UnsafeRawBufferPointer) {
        while lineStart < bytes.count {
            if bytes[lineStart] != ASCII.carriageReturn {
                stage = .method
                break
            }
            guard lineStart + 1 < bytes.count else { break }
            guard bytes[lineStart + 1] == ASCII.lineFeed else {
                stage = .method
                break
            }
            lineStart += 2
        }
        scanned = lineStart
        leadingBytes = lineStart
    }

    /// Checks each byte as it comes. Input that is not HTTP usually fails here, without waiting for the end of a line.
    private mutating func parseMethod(_ bytes: UnsafeRawBufferPointer) throws(HTTPRequestFault) {
        while scanned < bytes.count, bytes[scanned].isToken { scanned += 1 }
        guard scanned < bytes.count else { return }
        guard bytes[scanned] == ASCII.space, scanned > lineStart else { throw .malformedRequestLine }
        methodRange = lineStart..<scanned
        method = HTTPMethod(methodRange, in: bytes)
        stage = .requestLine
    }

    private mutating func parseRequestLine(_ bytes: UnsafeRawBufferPointer) throws(HTTPRequestFault) {
        guard let lineFeed = bytes.firstOffset(of: ASCII.lineFeed, in: scanned..<bytes.count) else {
            scanned = bytes.count
            return
        }
        // Checked from the end: CR, "HTTP/d.d", one space, and a target of at least one byte after the method's space.
        let end = lineFeed - 1
        let version = end - 8
        let target = methodRange.upperBound + 1
        guard version - 1 > target, bytes[end] == ASCII.carriageReturn, bytes[version - 1] == ASCII.space,
            bytes[version] == UInt8(ascii: "H"), bytes[version + 1] == UInt8(ascii: "T"),
            bytes[version + 2] == UInt8(ascii: "T"), bytes[version + 3] == UInt8(ascii: "P"),
            bytes[version + 4] == UInt8(ascii: "/"), bytes[version + 5].isDigit, bytes[version + 6] == ASCII.dot,
            bytes[version + 7].isDigit
        else { throw .malformedRequestLine }
        // Any bytes but controls and spaces are allowed: some clients send Latin-1 or UTF-8, and the target decides.
        targetRange = target..<version - 1
        for offset in targetRange where bytes[offset] <= ASCII.space || bytes[offset] == ASCII.delete {
            throw .malformedRequestLine
        }
        guard bytes[version + 5] == UInt8(ascii: "1") else { throw .unsupportedVersion }
        minorVersion = bytes[version + 7] &- 0x30
        stage = .fields
        lineStart = lineFeed + 1
        scanned = lineStart
    }

    /// Returns the length of the head once its blank line has come.
    private mutating func parseFields(_ bytes: UnsafeRawBufferPointer) throws(HTTPRequestFault) -> Int? {
        while let lineFeed = bytes.firstOffset(of: ASCII.lineFeed, in: scanned..<bytes.count) {
            // The first CR of a line must end it. Readers differ about a lone CR or LF (RFC 9112, 2.2).
            let end = lineFeed - 1
            guard bytes.firstOffset(of: ASCII.carriageReturn, in: lineStart..<lineFeed) == end else {
                throw .malformedHeaderField
            }
            guard end > lineStart else {
                framing = try notes.requestFraming(minorVersion: minorVersion)
                return lineFeed + 1
            }
            try parseField(lineStart..<end, in: bytes)
            lineStart = lineFeed + 1
            scanned = lineStart
        }
        scanned = bytes.count
        return nil
    }

    private mutating func parseField(
        _ line: Range<Int>,
        in bytes: UnsafeRawBufferPointer
    ) throws(HTTPRequestFault) {
        var colon = line.lowerBound
        while colon < line.upperBound, bytes[colon].isToken { colon += 1 }
        let name = line.lowerBound..<colon
        guard colon < line.upperBound, bytes[colon] == ASCII.colon, !name.isEmpty else {
            throw .malformedHeaderField
        }
        let value = colon + 1..<line.upperBound
        guard !bytes.hasControl(in: value) else { throw .malformedHeaderField }
        guard let field = HTTPKnownField(name, in: bytes) else { return }
        notes.note(field, value: value, in: bytes)
    }
}

extension HTTPRequestHeadParser {
    /// The parsed head. Call it once the head is complete.
    func head(raw: ByteBuffer) -> HTTPRequestHead {
        HTTPRequestHead(
            raw: raw,
            method: method,
            methodRange: methodRange,
            targetRange: targetRange,
            minorVersion: minorVersion,
            hostRange: notes.host,
            hostCount: notes.hostCount,
            framing: framing,
            // HTTP/1.0 has no upgrades (RFC 9110, 7.8).
            asksForUpgrade: method == .connect
                || (notes.connectionUpgrade && notes.hasUpgrade && minorVersion > 0),
            wantsClose: notes.wantsClose(minorVersion: minorVersion),
            expectsContinue: notes.expectsContinue && minorVersion > 0
        )
    }
}

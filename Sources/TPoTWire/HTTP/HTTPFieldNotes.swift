/// The fields that decide where a message goes, where it ends, and what happens to the connection.
enum HTTPKnownField {
    case host, expect, upgrade, connection, contentLength, transferEncoding

    /// The length of the name selects the candidate, so most fields cost one integer comparison.
    @inline(__always)
    init?(_ name: Range<Int>, in bytes: UnsafeRawBufferPointer) {
        switch name.count {
        case 4 where bytes.spells("host", in: name): self = .host
        case 6 where bytes.spells("expect", in: name): self = .expect
        case 7 where bytes.spells("upgrade", in: name): self = .upgrade
        case 10 where bytes.spells("connection", in: name): self = .connection
        case 14 where bytes.spells("content-length", in: name): self = .contentLength
        case 17 where bytes.spells("transfer-encoding", in: name): self = .transferEncoding
        default: return nil
        }
    }
}

/// What the fields of one head say, noted line by line. Requests are then judged strictly, answers leniently.
struct HTTPFieldNotes {
    private enum Length {
        case absent
        case value(UInt64)
        /// The same length more than once.
        case repeated(UInt64)
        case differing, invalid
    }

    /// The value of the first `Host`.
    private(set) var host: Range<Int>?
    private(set) var hostCount = 0
    private(set) var hasUpgrade = false
    private(set) var expectsContinue = false
    private(set) var connectionClose = false
    private(set) var connectionKeepAlive = false
    private(set) var connectionUpgrade = false
    private var length = Length.absent
    private var hasCodings = false
    private var endsInChunked = false
    /// The codings are ambiguous: chunked is not the last one or is misspelled, an item is empty, or there is a quote,
    /// inside which a comma does not separate items.
    private var hasOddCodings = false

    mutating func note(_ field: HTTPKnownField, value: Range<Int>, in bytes: UnsafeRawBufferPointer) {
        switch field {
        case .host:
            if hostCount == 0 { host = bytes.trimming(value) }
            hostCount += 1
        case .upgrade: hasUpgrade = true
        case .expect: noteExpectations(value, in: bytes)
        case .connection: noteConnection(value, in: bytes)
        case .contentLength: noteLengths(value, in: bytes)
        case .transferEncoding: noteCodings(value, in: bytes)
        }
    }

    private mutating func noteExpectations(_ value: Range<Int>, in bytes: UnsafeRawBufferPointer) {
        var items = HTTPListItems(of: value, in: bytes)
        while let item = items.next() {
            if bytes.spells("100-continue", in: item) { expectsContinue = true }
        }
    }

    private mutating func noteConnection(_ value: Range<Int>, in bytes: UnsafeRawBufferPointer) {
        var items = HTTPListItems(of: value, in: bytes)
        while let item = items.next() {
            if bytes.spells("close", in: item) { connectionClose = true }
            if bytes.spells("keep-alive", in: item) { connectionKeepAlive = true }
            if bytes.spells("upgrade", in: item) { connectionUpgrade = true }
        }
    }

    /// An answer may repeat equal values, in a list or in several lines (RFC 9110, 8.6).
    private mutating func noteLengths(_ value: Range<Int>, in bytes: UnsafeRawBufferPointer) {
        var items = HTTPListItems(of: value, in: bytes)
        while let item = items.next() {
            guard let number = Self.decimal(item, in: bytes) else {
                length = .invalid
                return
            }
            switch length {
            case .absent: length = .value(number)
            case .value(let earlier), .repeated(let earlier):
                length = earlier == number ? .repeated(number) : .differing
            case .differing, .invalid: break
            }
        }
    }

    private mutating func noteCodings(_ value: Range<Int>, in bytes: UnsafeRawBufferPointer) {
        hasCodings = true
        if bytes.firstOffset(of: ASCII.doubleQuote, in: value) != nil { hasOddCodings = true }
        var items = HTTPListItems(of: value, in: bytes)
        while let item = items.next() {
            guard !item.isEmpty else {
                hasOddCodings = true
                continue
            }
            if endsInChunked { hasOddCodings = true }
            endsInChunked = bytes.spells("chunked", in: item)
            if !endsInChunked, bytes.contains("chunked", in: item) { hasOddCodings = true }
        }
    }

    /// Digits only, below 2⁶³, because other readers may use signed integers.
    private static func decimal(_ range: Range<Int>, in bytes: UnsafeRawBufferPointer) -> UInt64? {
        guard !range.isEmpty else { return nil }
        var number: UInt64 = 0
        for offset in range {
            guard bytes[offset].isDigit else { return nil }
            let (shifted, tooLarge) = number.multipliedReportingOverflow(by: 10)
            let (sum, carried) = shifted.addingReportingOverflow(UInt64(bytes[offset] &- 0x30))
            guard !tooLarge, !carried else { return nil }
            number = sum
        }
        return number <= UInt64(Int64.max) ? number : nil
    }

    /// Strict: refuses everything that the target might read differently (RFC 9112, 6.1 to 6.3).
    func requestFraming(minorVersion: UInt8) throws(HTTPRequestFault) -> HTTPBodyFraming {
        if hasCodings {
            guard case .absent = length, minorVersion > 0, endsInChunked, !hasOddCodings else {
                throw .ambiguousFraming
            }
            return .chunked
        }
        switch length {
        case .absent: return .none
        case .value(let number): return .length(number)
        case .repeated, .differing: throw .ambiguousFraming
        case .invalid: throw .invalidContentLength
        }
    }

    /// Where an answer with a body ends. Throws if two readers might find different ends (RFC 9112, 6.1 to 6.3).
    func answerFraming(minorVersion: UInt8) throws(HTTPResponseFault) -> HTTPBodyFraming {
        if hasCodings {
            guard case .absent = length, minorVersion > 0, !hasOddCodings else { throw .ambiguousFraming }
            return endsInChunked ? .chunked : .untilClose
        }
        switch length {
        case .absent: return .untilClose
        case .value(let number), .repeated(let number): return .length(number)
        case .differing: throw .ambiguousFraming
        case .invalid: throw .invalidContentLength
        }
    }

    /// The same length was given more than once. All readers that accept this find the same end.
    var hasRepeatedLength: Bool {
        if case .repeated = length { true } else { false }
    }

    /// Whether the sender wants the connection to close after this message (RFC 9112, 9.3).
    func wantsClose(minorVersion: UInt8) -> Bool {
        connectionClose || (minorVersion == 0 && !connectionKeepAlive)
    }
}

/// Finds the end of a chunked body (RFC 9112, 7.1). Sizes, extensions, data and trailers are passed over, not kept.
///
/// Lines are read byte by byte; data is skipped. Every byte is judged on its own, so the result does not depend on how
/// the bytes were split.
struct HTTPChunkScanner: Sendable {
    enum Fault: Sendable { case malformed, trailersTooLarge }

    private enum State: Sendable {
        case size
        /// White space after the size. In a request only an extension may follow it.
        case sizePadding
        case sizeExtension
        case sizeLineFeed
        case data
        case dataCarriageReturn
        case dataLineFeed
        case trailerStart
        case trailerName
        case trailerValue
        case trailerLineFeed
        case lastLineFeed
        case complete
        case failed(Fault)
    }

    private var state = State.size
    private var remaining: UInt64 = 0
    private var digits = 0
    /// Bytes of the current size line, or of all the trailers.
    private var lineBytes = 0
    /// Every deviation from the grammar is a fault. True for requests.
    private let isStrict: Bool
    private let lineLimit: Int
    private let trailerLimit: Int

    /// False once a deviation was tolerated: white space after a size, or a bare LF at the end of a size line, of a
    /// chunk or of the trailers. All readers that accept these find the same end.
    ///
    /// A bare LF inside an extension or a trailer is a fault, because some readers go on to the next CRLF.
    private(set) var isExact = true

    init(isStrict: Bool, limits: HTTPConversationReader.Limits) {
        self.isStrict = isStrict
        lineLimit = limits.chunkLineBytes
        trailerLimit = limits.trailerBytes
    }

    /// The blank line after the last chunk and its trailers has been read.
    var isComplete: Bool {
        if case .complete = state { return true }
        return false
    }

    var fault: Fault? {
        if case .failed(let fault) = state { return fault }
        return nil
    }

    /// Returns how many of the bytes belong to the body: all of them, those up to its end, or those before the first
    /// invalid byte.
    mutating func scan(_ bytes: UnsafeRawBufferPointer) -> Int {
        var offset = 0
        while offset < bytes.count {
            switch state {
            case .complete, .failed:
                return offset
            case .data:
                let step = min(remaining, UInt64(bytes.count - offset))
                offset += Int(step)
                remaining -= step
                if remaining == 0 { state = .dataCarriageReturn }
            default:
                step(over: bytes[offset])
                if case .failed = state { return offset }
                offset += 1
            }
        }
        return offset
    }

    private mutating func step(over byte: UInt8) {
        switch state {
        case .size, .sizePadding, .sizeExtension, .sizeLineFeed: stepSizeLine(byte)
        case .dataCarriageReturn, .dataLineFeed: stepDataEnd(byte)
        case .trailerStart, .trailerName, .trailerValue, .trailerLineFeed, .lastLineFeed: stepTrailers(byte)
        case .data, .complete, .failed: break
        }
    }

    private mutating func stepSizeLine(_ byte: UInt8) {
        lineBytes += 1
        guard lineBytes <= lineLimit else { return fail() }
        switch (state, byte) {
        case (.sizeLineFeed, _):
            if byte == ASCII.lineFeed { endSizeLine() } else { fail() }
        case (.size, _) where byte.hexDigitValue != nil:
            // The size must be below 2⁶³, because other readers may use signed integers. A 17th digit is a fault, even
            // after leading zeros.
            digits += 1
            guard digits <= 16, remaining < 1 << 59 else { return fail() }
            remaining = remaining << 4 | UInt64(byte.hexDigitValue ?? 0)
        case (.size, _) where digits == 0:
            fail()
        case (.sizePadding, ASCII.carriageReturn):
            tolerate(.sizeLineFeed)
        case (_, ASCII.carriageReturn):
            state = .sizeLineFeed
        case (.size, ASCII.lineFeed), (.sizePadding, ASCII.lineFeed):
            tolerate(.size)
            if !isStrict { endSizeLine() }
        case (.sizeExtension, _):
            if byte.isControl { fail() }
        case (_, ASCII.semicolon):
            state = .sizeExtension
        case (_, ASCII.space), (_, ASCII.tab):
            state = .sizePadding
        default:
            fail()
        }
    }

    private mutating func endSizeLine() {
        lineBytes = 0
        state = remaining == 0 ? .trailerStart : .data
    }

    private mutating func stepDataEnd(_ byte: UInt8) {
        switch (state, byte) {
        case (.dataCarriageReturn, ASCII.carriageReturn):
            state = .dataLineFeed
        case (.dataLineFeed, ASCII.lineFeed):
            beginSizeLine()
        case (.dataCarriageReturn, ASCII.lineFeed):
            tolerate(.size)
            if !isStrict { beginSizeLine() }
        default:
            fail()
        }
    }

    private mutating func beginSizeLine() {
        state = .size
        remaining = 0
        digits = 0
        lineBytes = 0
    }

    private mutating func stepTrailers(_ byte: UInt8) {
        lineBytes += 1
        guard lineBytes <= trailerLimit else {
            state = .failed(.trailersTooLarge)
            return
        }
        switch (state, byte) {
        case (.lastLineFeed, _):
            if byte == ASCII.lineFeed { state = .complete } else { fail() }
        case (.trailerLineFeed, _):
            if byte == ASCII.lineFeed { state = .trailerStart } else { fail() }
        case (.trailerStart, ASCII.carriageReturn):
            state = .lastLineFeed
        case (.trailerStart, ASCII.lineFeed):
            tolerate(.complete)
        case (.trailerName, ASCII.colon):
            state = .trailerValue
        case (.trailerStart, _), (.trailerName, _):
            if byte.isToken { state = .trailerName } else { fail() }
        case (.trailerValue, ASCII.carriageReturn):
            state = .trailerLineFeed
        default:
            if byte.isControl { fail() }
        }
    }

    /// Continues with `next`, or fails if the scanner is strict.
    private mutating func tolerate(_ next: State) {
        guard !isStrict else { return fail() }
        isExact = false
        state = next
    }

    private mutating func fail() {
        state = .failed(.malformed)
    }
}

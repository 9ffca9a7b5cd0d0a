/// Finds the end of a chunked body (RFC 9112, 7.1): steps over sizes, extensions, data and trailers, keeps none of them.
///
/// Lines are read byte by byte, data is skipped. Each byte is judged alone, so the result cannot depend on how the
/// bytes were cut.
struct HTTPChunkScanner: Sendable {
    enum Fault: Sendable { case malformed, trailersTooLarge }

    private enum State: Sendable {
        case size
        /// White space after the size: only an extension may follow it in a request.
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
    /// Requests only: nothing is tolerated.
    private let isStrict: Bool
    private let lineLimit: Int
    private let trailerLimit: Int

    /// Nothing had to be tolerated: a size line, a chunk or the trailers that end with LF alone, a padded size. Those who
    /// accept them see the same end. A lone LF within an extension or a trailer is different: some read on to the CRLF.
    private(set) var isExact = true

    init(isStrict: Bool, limits: HTTPConversationReader.Limits) {
        self.isStrict = isStrict
        lineLimit = limits.chunkLineBytes
        trailerLimit = limits.trailerBytes
    }

    /// The blank line after the last chunk and the trailers has passed.
    var isComplete: Bool {
        if case .complete = state { return true }
        return false
    }

    var fault: Fault? {
        if case .failed(let fault) = state { return fault }
        return nil
    }

    /// Says how many of the bytes belong to the body: all, or those until its end, or those before the first wrong one.
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
            // Below 2⁶³, because others may compute with a sign; and no seventeenth digit, not even after zeros.
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

    /// Goes on with `next`, but not in a request.
    private mutating func tolerate(_ next: State) {
        guard !isStrict else { return fail() }
        isExact = false
        state = next
    }

    private mutating func fail() {
        state = .failed(.malformed)
    }
}

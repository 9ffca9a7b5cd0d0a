import NIOCore

/// The visitor's half of an ``HTTPConversationReader``.
struct HTTPRequestReader: Sendable {
    private enum Phase: Sendable {
        case head
        case length(UInt64)
        case chunked(HTTPChunkScanner)
        /// The body is complete and `.end` is due.
        case ended
        case opaque
    }

    private var phase = Phase.head
    private var parser = HTTPRequestHeadParser()
    private(set) var pending = HTTPPendingBytes()
    /// The method of the last request whose head was complete or invalid.
    private var lastMethod = HTTPMethod.other
    private let limits: HTTPConversationReader.Limits

    init(limits: HTTPConversationReader.Limits) {
        self.limits = limits
    }

    mutating func append(_ bytes: ByteBuffer) {
        pending.append(bytes)
    }

    /// Call it when the appended bytes have to wait.
    mutating func compactPending() { pending.compact() }

    /// Everything appended and not read. The reader must not be used afterwards.
    mutating func takePending() -> ByteBuffer { pending.takeAll() ?? ByteBuffer() }

    /// The next byte begins a request, unless it is opaque.
    var isBetweenRequests: Bool {
        if case .head = phase { return true }
        return false
    }

    var isOpaque: Bool {
        if case .opaque = phase { return true }
        return false
    }

    /// A request has begun and is not complete. Empty lines before a request line do not begin one.
    var isInsideRequest: Bool {
        switch phase {
        case .head: pending.count > parser.leadingBytes
        case .length, .chunked, .ended: true
        case .opaque: false
        }
    }

    /// The method of the latest request, as soon as it is known.
    var method: HTTPMethod { isBetweenRequests && isInsideRequest ? parser.method : lastMethod }

    mutating func becomeOpaque() {
        phase = .opaque
    }

    mutating func next() -> RequestEvent? {
        switch phase {
        case .head: return nextHead()
        case .length(let remaining): return nextBody(remaining: remaining)
        case .chunked(let scanner): return nextChunks(scanner)
        case .ended:
            phase = .head
            return .end
        case .opaque:
            return pending.takeAll().map { .opaque($0) }
        }
    }

    private mutating func nextHead() -> RequestEvent? {
        guard pending.count > 0 else { return nil }
        switch pending.withBytes({ parser.parse($0, limit: limits.headBytes) }) {
        case .incomplete:
            pending.compact()
            return nil
        case .fault(let fault):
            phase = .opaque
            lastMethod = parser.method
            return .invalid(fault)
        case .complete(let length):
            let head = parser.head(raw: pending.take(length))
            parser = HTTPRequestHeadParser()
            lastMethod = head.method
            phase =
                switch head.framing {
                case .none, .untilClose, .length(0): .ended
                case .length(let length): .length(length)
                case .chunked: .chunked(HTTPChunkScanner(isStrict: true, limits: limits))
                }
            return .head(head)
        }
    }

    private mutating func nextBody(remaining: UInt64) -> RequestEvent? {
        var remaining = remaining
        guard let bytes = pending.take(upTo: &remaining) else { return nil }
        phase = remaining == 0 ? .ended : .length(remaining)
        return .body(bytes)
    }

    private mutating func nextChunks(_ scanner: HTTPChunkScanner) -> RequestEvent? {
        if let fault = scanner.fault {
            phase = .opaque
            return .invalid(fault == .trailersTooLarge ? .trailersTooLarge : .malformedChunk)
        }
        var scanner = scanner
        let bytes = pending.take(through: &scanner)
        phase = scanner.isComplete ? .ended : .chunked(scanner)
        if let bytes { return .body(bytes) }
        return scanner.fault == nil ? nil : nextChunks(scanner)
    }
}

import NIOCore

/// The target's half of a ``HTTPConversationReader``.
struct HTTPResponseReader: Sendable {
    /// How the bytes stood when the target ended.
    enum Rest {
        /// Nothing was under way.
        case nothing
        /// An answer was complete: by its framing, or because closing is how it ends.
        case completeAnswer
        /// The framing says that more was due.
        case cutAnswer
        /// Not interpreted, so nothing can be said.
        case opaque
    }

    private enum Phase: Sendable {
        case head
        case length(UInt64)
        case chunked(HTTPChunkScanner)
        case untilClose
        /// The answer is complete, `.end` is due.
        case ended(thenOpaque: Bool)
        case opaque
    }

    private var phase = Phase.head
    private var parser = HTTPResponseHeadParser()
    private var pending = HTTPPendingBytes()
    private let limits: HTTPConversationReader.Limits

    init(limits: HTTPConversationReader.Limits) {
        self.limits = limits
    }

    mutating func append(_ bytes: ByteBuffer) {
        pending.append(bytes)
    }

    var isOpaque: Bool {
        if case .opaque = phase { return true }
        return false
    }

    /// Bytes that have come and belong to no answer that has begun. Empty lines before a status line do not count.
    mutating func bytesBetweenAnswers() -> Int {
        guard case .head = phase, pending.count > 0 else { return 0 }
        pending.withBytes { parser.skipLeadingLines($0) }
        return pending.count > parser.leadingBytes ? pending.count : 0
    }

    /// - Parameter request: the one that the next answer would belong to.
    mutating func next(answering request: HTTPOutstandingRequest?) -> ResponseEvent? {
        switch phase {
        case .head: return nextHead(answering: request)
        case .length(let remaining): return nextBody(remaining: remaining)
        case .chunked(let scanner): return nextChunks(scanner)
        case .untilClose:
            return pending.takeAll().map { .body($0) }
        case .ended(let thenOpaque):
            phase = thenOpaque ? .opaque : .head
            return .end
        case .opaque:
            return pending.takeAll().map { .opaque($0) }
        }
    }

    private mutating func nextHead(answering request: HTTPOutstandingRequest?) -> ResponseEvent? {
        guard pending.count > 0 else { return nil }
        switch pending.withBytes({ parser.parse($0, limit: limits.headBytes) }) {
        case .incomplete:
            return nil
        case .notHTTP:
            phase = .opaque
            return next(answering: request)
        case .complete(let length):
            let head = parser.head(raw: pending.take(length), answering: request)
            parser = HTTPResponseHeadParser()
            guard !head.isInterim else { return .head(head) }
            phase =
                switch head.framing {
                case .none, .length(0): .ended(thenOpaque: head.opensTunnel)
                case .length(let length): .length(length)
                case .chunked: .chunked(HTTPChunkScanner(isStrict: false, limits: limits))
                case .untilClose: .untilClose
                }
            return .head(head)
        }
    }

    private mutating func nextBody(remaining: UInt64) -> ResponseEvent? {
        var remaining = remaining
        guard let bytes = pending.take(upTo: &remaining) else { return nil }
        phase = remaining == 0 ? .ended(thenOpaque: false) : .length(remaining)
        return .body(bytes)
    }

    private mutating func nextChunks(_ scanner: HTTPChunkScanner) -> ResponseEvent? {
        var scanner = scanner
        let bytes = pending.take(through: &scanner)
        if scanner.isComplete {
            phase = .ended(thenOpaque: false)
        } else if scanner.fault != nil {
            phase = .opaque
        } else {
            phase = .chunked(scanner)
        }
        if let bytes { return .body(bytes) }
        return isOpaque ? pending.takeAll().map { .opaque($0) } : nil
    }

    /// No more bytes will come: what is held of a head becomes opaque, an answer that ends by closing ends.
    mutating func end() -> Rest {
        switch phase {
        case .head:
            phase = .opaque
            return pending.count > parser.leadingBytes ? .cutAnswer : .nothing
        case .length, .chunked:
            phase = .opaque
            return .cutAnswer
        case .untilClose, .ended:
            phase = .ended(thenOpaque: true)
            return .completeAnswer
        case .opaque:
            return .opaque
        }
    }
}

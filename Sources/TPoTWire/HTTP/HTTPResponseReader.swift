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
    /// A head that was refused as a whole; it comes as opaque.
    private var refused: ByteBuffer?
    /// Of the answer under way, or of the last one: nothing had to be tolerated.
    private(set) var isExact = true
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

    var endsByClosing: Bool {
        if case .untilClose = phase { return true }
        return false
    }

    /// Bytes that have come and were not pulled: at most a head, once all was pulled.
    var bytesHeld: Int { pending.count }

    /// Bytes of memory that those keep alive.
    var memoryHeld: Int { pending.memory }

    /// Bytes that have come and belong to no answer that has begun. Empty lines before a status line do not count.
    mutating func bytesBetweenAnswers() -> Int {
        guard case .head = phase, pending.count > 0 else { return 0 }
        pending.withBytes { parser.skipLeadingLines($0) }
        return pending.count > parser.leadingBytes ? pending.count : 0
    }

    /// Forgets the line ends that have come since the last answer.
    mutating func dropLineEnds() {
        guard case .head = phase, pending.count == parser.leadingBytes else { return }
        _ = pending.takeAll()
        parser = HTTPResponseHeadParser()
    }

    /// - Parameters:
    ///   - request: the one that the next answer would belong to.
    ///   - offered: the protocols that it asked for, in lower case.
    mutating func next(answering request: HTTPOutstandingRequest?, offered: [[UInt8]]) -> ResponseEvent? {
        switch phase {
        case .head: return nextHead(answering: request, offered: offered)
        case .length(let remaining): return nextBody(remaining: remaining)
        case .chunked(let scanner): return nextChunks(scanner)
        case .untilClose:
            return pending.takeAll().map { .body($0) }
        case .ended(let thenOpaque):
            phase = thenOpaque ? .opaque : .head
            return .end
        case .opaque:
            if let head = refused {
                refused = nil
                return .opaque(head)
            }
            return pending.takeAll().map { .opaque($0) }
        }
    }

    private mutating func nextHead(answering request: HTTPOutstandingRequest?, offered: [[UInt8]]) -> ResponseEvent? {
        guard pending.count > 0 else { return nil }
        switch pending.withBytes({ parser.parse($0, limit: limits.headBytes) }) {
        case .incomplete:
            pending.compact()
            return nil
        case .fault(let fault):
            phase = .opaque
            return .invalid(fault, status: parser.finalStatus)
        case .complete(let length):
            let raw = pending.take(length)
            let head: HTTPResponseHead
            do throws(HTTPResponseFault) {
                head = try parser.head(raw: raw, answering: request)
                if head.status == 101, !Self.protocols(ofHead: raw).isOffered(in: offered) {
                    throw .upgradeNotRequested
                }
            } catch {
                phase = .opaque
                refused = raw
                return .invalid(error, status: parser.finalStatus)
            }
            parser = HTTPResponseHeadParser()
            isExact = head.isExact
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
            if !scanner.isExact { isExact = false }
        } else {
            phase = .chunked(scanner)
        }
        if let bytes { return .body(bytes) }
        guard let fault = scanner.fault else { return nil }
        phase = .opaque
        return .invalid(fault == .trailersTooLarge ? .trailersTooLarge : .malformedChunk, status: nil)
    }

    /// The protocols of the `Upgrade` fields, in lower case, and at most so many.
    static func protocols(ofHead head: ByteBuffer, atMost most: Int = .max) -> [[UInt8]] {
        var protocols: [[UInt8]] = []
        for value in HTTPHeaderFields(ofHead: head).all(named: "upgrade") {
            value.withUnsafeBytes { bytes in
                var items = HTTPListItems(of: 0..<bytes.count, in: bytes)
                while protocols.count < most, let item = items.next() {
                    protocols.append(bytes[item].map(\.lowercased))
                }
            }
        }
        return protocols
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

extension [[UInt8]] {
    /// Whether there is at least one protocol, and each of them was offered.
    fileprivate func isOffered(in offered: [[UInt8]]) -> Bool { !isEmpty && allSatisfy(offered.contains) }
}

import NIOCore

/// The target's half of an ``HTTPConversationReader``.
struct HTTPResponseReader: Sendable {
    /// The state of this direction when the target ended.
    enum Rest {
        /// No answer was in progress.
        case nothing
        /// The answer was complete by its framing, or it ends by closing.
        case completeAnswer
        /// The framing says that more was due.
        case cutAnswer
        /// The bytes were not interpreted, so nothing is known.
        case opaque
    }

    private enum Phase: Sendable {
        case head
        case length(UInt64)
        case chunked(HTTPChunkScanner)
        case untilClose
        /// The answer is complete and `.end` is due.
        case ended(thenOpaque: Bool)
        case opaque
    }

    private var phase = Phase.head
    private var parser = HTTPResponseHeadParser()
    private var pending = HTTPPendingBytes()
    /// A complete head that was refused. It is handed out as opaque.
    private var refused: ByteBuffer?
    /// Nothing had to be tolerated in the answer in progress, or in the last one.
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

    /// Bytes appended and not pulled. After pulling until nil, at most an incomplete head.
    var bytesHeld: Int { pending.count }

    /// Bytes of memory that the held bytes keep alive.
    var memoryHeld: Int { pending.memory }

    /// Bytes that belong to no answer in progress. Empty lines before a status line do not count.
    mutating func bytesBetweenAnswers() -> Int {
        guard case .head = phase, pending.count > 0 else { return 0 }
        pending.withBytes { parser.skipLeadingLines($0) }
        return pending.count > parser.leadingBytes ? pending.count : 0
    }

    /// Drops the line ends that have come since the last answer.
    mutating func dropLineEnds() {
        guard case .head = phase, pending.count == parser.leadingBytes else { return }
        _ = pending.takeAll()
        parser = HTTPResponseHeadParser()
    }

    /// - Parameters:
    ///   - request: the request that the next answer belongs to.
    ///   - offered: the protocols that it offered to switch to, in lower case.
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

    /// The first `most` protocols of the `Upgrade` fields, in lower case.
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

    /// No more bytes will come. The bytes of an incomplete head become opaque, and an answer that ends by closing ends.
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

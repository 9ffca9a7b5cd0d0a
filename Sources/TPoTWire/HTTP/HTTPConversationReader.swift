import NIOCore

/// Finds where the HTTP/1 messages of one conversation start and end, in both directions (RFC 9112).
///
///     visitor ──► visitorSent ──► nextFromVisitor ──► head, body, end …      requests, read strictly
///                                      │ outstanding
///     visitor ◄── nextFromTarget ◄── targetSent ◄── target                   answers, read while their end is certain
///
/// It changes and drops nothing: the pulled bytes joined together are the bytes that were sent, whatever they contain.
/// Bytes are held only while a head is incomplete and, on the visitor's side, during ``isWaitingForAnswer``.
/// It needs both directions: the request decides whether an answer has a body, and the answer decides whether the
/// visitor's next bytes are still HTTP.
///
/// After each append, pull that direction until nil. After the head and after the end of each answer, pull the visitor
/// again before the next answer, because held requests may have been released. The target's bytes are taken as answers
/// to the requests already pulled.
///
/// It is not copyable: it has a few hundred bytes, and a class that holds one would otherwise copy it on each access.
package struct HTTPConversationReader: ~Copyable, Sendable {
    package struct Limits: Hashable, Sendable {
        /// A whole head, including the empty lines before it and the blank line after it.
        package var headBytes = 64 * 1024
        /// Requests whose answers are not complete. The next request is held. More pipelining than this is an attack.
        package var requestsOutstanding = 1024
        /// The line with a chunk's size and its extensions, which are hardly ever used.
        package var chunkLineBytes = 4 * 1024
        /// Protocols that an upgrade may choose from. A head has room for 32,768. Keeping them all and comparing them
        /// with those of the answer would take megabytes and seconds.
        package var protocolsOffered = 16
        /// All trailers of one body together.
        package var trailerBytes = 64 * 1024

        package init() {}
    }

    /// The state of the conversation when the target ended.
    package enum Ending: Hashable, Sendable {
        /// Nothing more was due: all answers were complete, or the last one ended by closing. Also if the direction was
        /// opaque, because nothing is known then.
        case complete
        /// In the middle of a head, a body with a length, or chunks: the visitor must not take it for a complete
        /// answer.
        case cut
        /// Between answers, with at least one request unanswered.
        case unanswered
    }

    private enum Answer {
        case none
        /// An answer to no known request, such as a 408 on an idle connection.
        case unasked
        case ofOldestRequest
    }

    private let limits: Limits
    private var visitor: HTTPRequestReader
    private var target: HTTPResponseReader
    /// Oldest first. Empty once a tunnel was opened.
    private var outstanding = CircularBuffer<HTTPOutstandingRequest>(initialCapacity: 2)
    /// The final answer in progress.
    private var answer = Answer.none
    /// The newest request asked for an upgrade and the head of its answer has not come. The bytes after the request may
    /// be HTTP or anything else.
    private var awaitsUpgrade = false
    /// The protocols that the request offered to switch to, in lower case.
    private var offeredProtocols: [[UInt8]] = []

    package init(limits: Limits = .init()) {
        self.limits = limits
        visitor = HTTPRequestReader(limits: limits)
        target = HTTPResponseReader(limits: limits)
    }

    // MARK: What is known

    /// Requests whose final answer is not complete, including the answer in progress. After the target has sent bytes
    /// that are not HTTP, the number only grows until ``targetEnded()``. After an upgrade it is 0.
    package var answersDue: Int { outstanding.count }

    /// A final answer to the oldest request has begun and is not complete. Interim answers do not count.
    package var answerBegun: Bool { answer == .ofOldestRequest }

    /// The answer in progress, or the last one, follows the strict grammar of RFC 9112. If not, its end is still
    /// certain, but its sender is not to be relied on.
    package var isAnswerExact: Bool { target.isExact }

    /// The next answer is to a HEAD request: it has no body.
    package var isHeadDue: Bool { outstanding.first?.isHead == true }

    /// The latest request is HEAD, even if its head is incomplete or invalid.
    package var isLatestHead: Bool { visitor.method == .head }

    /// The request that is answered next asked for a 100 before it sends its body.
    package var isContinueDue: Bool { outstanding.first?.asksForContinue == true }

    /// The answer in progress ends when the target closes.
    package var endsByClosing: Bool { target.endsByClosing }

    /// Target bytes appended and not yet pulled.
    package var targetBytesHeld: Int { target.bytesHeld }

    /// Part of a request has come and the rest has not. Held bytes do not count.
    package var requestIncomplete: Bool { !isWaitingForAnswer && visitor.isInsideRequest }

    /// The visitor's next bytes are held: an upgrade was asked for and the head of its final answer has not come, or
    /// too many requests are outstanding. The caller should stop reading the visitor when ``bytesHeld`` grows.
    package var isWaitingForAnswer: Bool {
        // If the target does not speak HTTP, answers cannot be recognised and the wait would never end.
        visitor.isBetweenRequests && !target.isOpaque
            && (awaitsUpgrade || outstanding.count >= limits.requestsOutstanding)
    }

    /// The visitor's bytes are no longer interpreted: a tunnel was opened, or a request could not be parsed.
    package var isOpaque: Bool { visitor.isOpaque }

    /// The target's bytes are no longer interpreted, so the ends of its answers are not known.
    package var isTargetOpaque: Bool { target.isOpaque }

    /// Visitor bytes appended and not yet pulled.
    package var bytesHeld: Int { visitor.pending.count }

    /// Bytes of memory that the bytes of ``bytesHeld`` keep alive.
    package var visitorMemoryHeld: Int { visitor.pending.memory }

    /// Bytes of memory that the bytes of ``targetBytesHeld`` keep alive.
    package var targetMemoryHeld: Int { target.memoryHeld }

    /// Target bytes not yet pulled that belong to no answer in progress. If no answer is due, they are unsolicited.
    package mutating func bytesBetweenAnswers() -> Int { target.bytesBetweenAnswers() }

    /// Drops the line ends that the target has sent since its last answer. Some servers send one after a body.
    package mutating func dropLineEndsBetweenAnswers() { target.dropLineEnds() }

    // MARK: From the visitor

    /// Appends to what has not been pulled; nothing is copied when nothing is pending.
    package mutating func visitorSent(_ bytes: ByteBuffer) {
        visitor.append(bytes)
    }

    /// Removes and returns the bytes not yet pulled, so that another reader can take over the connection.
    package mutating func takeHeldBytes() -> ByteBuffer { visitor.takePending() }

    /// Nil when more bytes, or an answer, must come first.
    package mutating func nextFromVisitor() -> RequestEvent? {
        guard !isWaitingForAnswer else {
            visitor.compactPending()
            return nil
        }
        let event = visitor.next()
        if case .head(let head) = event { requestBegan(head) }
        return event
    }

    private mutating func requestBegan(_ head: HTTPRequestHead) {
        // The limit is only reached if the target does not speak HTTP. The number has no meaning then.
        guard outstanding.count < limits.requestsOutstanding else { return }
        outstanding.append(HTTPOutstandingRequest(head))
        awaitsUpgrade = head.asksForUpgrade
        guard head.asksForUpgrade else { return }
        offeredProtocols = HTTPResponseReader.protocols(ofHead: head.raw, atMost: limits.protocolsOffered)
    }

    // MARK: From the target

    /// Appends to what has not been pulled; nothing is copied when nothing is pending.
    package mutating func targetSent(_ bytes: ByteBuffer) {
        target.append(bytes)
    }

    /// Nil when more bytes are needed.
    package mutating func nextFromTarget() -> ResponseEvent? {
        // Only the newest request can ask for an upgrade, because nothing is read after it.
        let asksForUpgrade = outstanding.first?.asksForUpgrade == true
        let event = target.next(answering: outstanding.first, offered: asksForUpgrade ? offeredProtocols : [])
        switch event {
        case .head(let head) where !head.isInterim: answerBegan(head)
        case .end: answerEnded()
        default: break
        }
        return event
    }

    private mutating func answerBegan(_ head: HTTPResponseHead) {
        if outstanding.first?.asksForUpgrade == true { awaitsUpgrade = false }
        guard !head.opensTunnel else { return tunnelOpened() }
        answer = outstanding.isEmpty ? .unasked : .ofOldestRequest
    }

    private mutating func tunnelOpened() {
        visitor.becomeOpaque()
        outstanding.removeAll()
        answer = .none
    }

    private mutating func answerEnded() {
        if answer == .ofOldestRequest { _ = outstanding.popFirst() }
        answer = .none
    }

    /// Another target answers from now on. Call it only when all answers are complete. Bytes that the old target sent
    /// after them are dropped.
    package mutating func targetReplaced() {
        target = HTTPResponseReader(limits: limits)
    }

    /// The target has ended. Call it once, after everything that the target sent has been pulled, and pull again then:
    /// the `.end` of an answer that ends by closing follows, or the bytes of an incomplete head as `.opaque`.
    package mutating func targetEnded() -> Ending {
        switch target.end() {
        case .cutAnswer:
            return .cut
        case .opaque:
            outstanding.removeAll()
            answer = .none
            return .complete
        case .completeAnswer:
            answerEnded()
            return outstanding.isEmpty ? .complete : .unanswered
        case .nothing:
            return outstanding.isEmpty ? .complete : .unanswered
        }
    }
}

/// What must be known about a request until its answer is complete. One byte, because a thousand may be outstanding.
struct HTTPOutstandingRequest: OptionSet, Sendable {
    let rawValue: UInt8

    /// Its answer has no body.
    private static let head = HTTPOutstandingRequest(rawValue: 1 << 0)
    /// A 2xx answer to it opens a tunnel.
    private static let connect = HTTPOutstandingRequest(rawValue: 1 << 1)
    private static let upgrade = HTTPOutstandingRequest(rawValue: 1 << 2)
    private static let expectsContinue = HTTPOutstandingRequest(rawValue: 1 << 3)

    init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    init(_ head: HTTPRequestHead) {
        self = []
        if head.method == .head { insert(.head) }
        if head.method == .connect { insert(.connect) }
        if head.asksForUpgrade { insert(.upgrade) }
        if head.expectsContinue { insert(.expectsContinue) }
    }

    var isHead: Bool { contains(.head) }
    var isConnect: Bool { contains(.connect) }
    /// The bytes after it cannot be interpreted before the head of its answer has come.
    var asksForUpgrade: Bool { contains(.upgrade) }
    /// The visitor may wait for a 100 before it sends the body.
    var asksForContinue: Bool { contains(.expectsContinue) }
}

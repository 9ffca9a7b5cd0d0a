import NIOCore

/// Says where the HTTP/1 messages of one conversation start and end, in both directions (RFC 9112).
///
///     visitor ──► visitorSent ──► nextFromVisitor ──► head, body, end …      requests, read strictly
///                                      │ outstanding
///     visitor ◄── nextFromTarget ◄── targetSent ◄── target                   answers, read as far as their end is certain
///
/// It changes nothing and drops nothing: what is pulled, put together, is what was sent, whatever it is. Bytes are held
/// only while a head is incomplete, and on the visitor's side while ``isWaitingForAnswer``. Both directions are needed:
/// the request decides whether an answer has a body, the answer whether what the visitor sends is still HTTP.
///
/// Pull each direction until nil after each append, and the visitor again after each answer's head and end, before the
/// next answer: those may let held requests go. What was pulled from the visitor is what the target's bytes answer.
///
/// Not copyable: it is a few hundred bytes, and a class that holds one would otherwise copy it for each question it asks.
package struct HTTPConversationReader: ~Copyable, Sendable {
    package struct Limits: Hashable, Sendable {
        /// A whole head, with the empty lines before and the blank line after it.
        package var headBytes = 64 * 1024
        /// Requests whose answers are not complete; the next one is held. More pipelining than that is an attack.
        package var requestsOutstanding = 1024
        /// The line with a chunk's size and its extensions, which nobody uses.
        package var chunkLineBytes = 4 * 1024
        /// Protocols that an upgrade may choose from. A head has room for 32,768; to keep them, and to compare each of an
        /// answer's with each of them, would take megabytes and seconds.
        package var protocolsOffered = 16
        /// All trailers of one body.
        package var trailerBytes = 64 * 1024

        package init() {}
    }

    /// How the conversation stood when the target ended.
    package enum Ending: Hashable, Sendable {
        /// Nothing was due any more: answers complete, or ended by closing, or nothing can be said because the
        /// direction was opaque.
        case complete
        /// In the middle of a head, a length or chunks: the visitor must not take it for a whole answer.
        case cut
        /// Between answers, and at least one request has none.
        case unanswered
    }

    private enum Answer {
        case none
        /// Of no request that was seen, like a 408 on an idle connection.
        case unasked
        case ofOldestRequest
    }

    private let limits: Limits
    private var visitor: HTTPRequestReader
    private var target: HTTPResponseReader
    /// Oldest first. Empty once a tunnel was opened.
    private var outstanding = CircularBuffer<HTTPOutstandingRequest>(initialCapacity: 2)
    /// The final answer that is under way.
    private var answer = Answer.none
    /// The newest request asked for an upgrade and the head of its answer has not come: the bytes after it may be HTTP
    /// or anything else.
    private var awaitsUpgrade = false
    /// What it asked to switch to, in lower case.
    private var offeredProtocols: [[UInt8]] = []

    package init(limits: Limits = .init()) {
        self.limits = limits
        visitor = HTTPRequestReader(limits: limits)
        target = HTTPResponseReader(limits: limits)
    }

    // MARK: What is known

    /// Requests whose final answer is not complete, the one under way included. After bytes of the target that are not
    /// HTTP it can only grow, until ``targetEnded()``; after an upgrade it is 0.
    package var answersDue: Int { outstanding.count }

    /// A final answer to the oldest request has begun and is not complete. Interim answers do not count.
    package var answerBegun: Bool { answer == .ofOldestRequest }

    /// The answer under way, or the last one, keeps to the strict grammar of RFC 9112. If not, its end is certain, but its
    /// sender is odd.
    package var isAnswerExact: Bool { target.isExact }

    /// The next answer is one to HEAD: it has no body.
    package var isHeadDue: Bool { outstanding.first?.isHead == true }

    /// The latest request is HEAD, as far as it has come: also one whose head is not complete, or cannot be read.
    package var isLatestHead: Bool { visitor.method == .head }

    /// The request of the next answer asked for a 100 before it sends its body.
    package var isContinueDue: Bool { outstanding.first?.asksForContinue == true }

    /// The answer under way ends where the target closes.
    package var endsByClosing: Bool { target.endsByClosing }

    /// Bytes of the target that have come and were not pulled.
    package var targetBytesHeld: Int { target.bytesHeld }

    /// Some bytes of a request have come, the rest is still to come. Bytes held back do not count.
    package var requestIncomplete: Bool { !isWaitingForAnswer && visitor.isInsideRequest }

    /// The visitor's further bytes are held back: an upgrade was asked for and the head of its final answer has not
    /// come, or too many requests are outstanding. Whoever appends should stop reading the visitor by ``bytesHeld``.
    package var isWaitingForAnswer: Bool {
        // No answer can be told from another any more when the target does not speak HTTP: waiting would be for ever.
        visitor.isBetweenRequests && !target.isOpaque
            && (awaitsUpgrade || outstanding.count >= limits.requestsOutstanding)
    }

    /// The visitor's bytes are no longer interpreted: a tunnel was opened, or a request could not be parsed.
    package var isOpaque: Bool { visitor.isOpaque }

    /// Visitor bytes appended and not yet pulled.
    package var bytesHeld: Int { visitor.pending.count }

    /// Bytes of memory that those of ``bytesHeld`` keep alive.
    package var visitorMemoryHeld: Int { visitor.pending.memory }

    /// Bytes of memory that those of ``targetBytesHeld`` keep alive.
    package var targetMemoryHeld: Int { target.memoryHeld }

    /// Bytes of the target that have come, were not pulled and belong to no answer that has begun: where no answer is due,
    /// nobody asked for them.
    package mutating func bytesBetweenAnswers() -> Int { target.bytesBetweenAnswers() }

    /// Forgets the line ends that the target has sent since its last answer: some send one after a body.
    package mutating func dropLineEndsBetweenAnswers() { target.dropLineEnds() }

    // MARK: From the visitor

    /// Appends to what has not been pulled; nothing is copied when nothing is pending.
    package mutating func visitorSent(_ bytes: ByteBuffer) {
        visitor.append(bytes)
    }

    /// Takes out what was appended and not pulled, for somebody else to read the rest of the connection.
    package mutating func takeHeldBytes() -> ByteBuffer { visitor.takePending() }

    /// Nil when more bytes are needed, or an answer.
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
        // Only a target that does not speak HTTP lets the number get here: from then on it says nothing.
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
        // Only the newest request can be one that asks for an upgrade: none is read after it.
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

    /// Another target answers from now on. All answers are complete; what the old one sent after them is dropped.
    package mutating func targetReplaced() {
        target = HTTPResponseReader(limits: limits)
    }

    /// The target has ended, after everything it sent has been pulled. Call it once, then pull again: the `.end` of an
    /// answer that ends by closing comes then, and the bytes of an incomplete head, as `.opaque`.
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

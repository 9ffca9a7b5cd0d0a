import NIOCore
import TPoTWire

/// The HTTP of one visitor's connection: it routes each request and decides what the visitor may get of the answers.
///
///     visitor ══► visitorSent ──► next ──► send, open, serve, refuse, reset
///     visitor ◄══ deliver ◄── targetSent ◄══ the open conversation
///
/// A reverse proxy may use one connection for several hosts, so each request is routed by its own Host. Requests for
/// the same destination are pipelined on the open conversation. A request for another destination opens another
/// conversation once every answer is complete.
///
/// A request for another destination *while an answer is due* ends the connection. Proxies do not pipeline, so the
/// sender considers an answer complete that we consider incomplete. It would read the old target's next bytes as the
/// answer to the new request. For the same reason the visitor gets nothing of an answer whose end two readers might see
/// differently.
///
/// The visitor gets no interim answers (1xx), except a 100 that it waits for. nginx before 1.29 reads the others as
/// final answers, with a body if they announce one, and then reuses the connection for other visitors while the target
/// continues its answer.
///
/// A value without I/O. It is not copyable, because its reader is not.
struct VisitorRequests: ~Copyable {
    /// What to do next.
    enum Step {
        /// Send bytes of requests to the open conversation.
        case send(ByteBuffer)
        /// End the open conversation, if any, and open one with this tunnel. The bytes to send to it come next.
        case open(Subdomain, HTTPRequestHead)
        /// The same, but the tunnel is not there yet: the request waits for it.
        case wait(Subdomain, HTTPRequestHead)
        /// The request is for the server itself, which takes over the connection.
        case serve(HTTPRequestHead)
        /// The server gives this answer, if any, and closes.
        case refuse(ServerAnswer?)
        /// Reset the connection: neither side gets anything more.
        case reset
    }

    /// Facts from outside that ``next(_:isAwaited:)`` depends on.
    struct Conditions {
        /// The visitor has received everything that it was sent.
        var hasVisitorCaughtUp: Bool
        /// The server accepts no new requests.
        var isServerStopping: Bool
    }

    /// The effect of the target's bytes on the connection.
    enum Progress: Equatable {
        case none
        /// A final answer has begun or is complete, or bytes after an upgrade have come.
        case answered
        /// The connection must not be used for further requests. Either the answer is complete and delivered but oddly
        /// formed, or the target sent an answer that was not asked for, of which nothing was delivered.
        case ended
        /// The answer is unreadable. Nothing of it was delivered, or only the part before the first wrong byte of its
        /// body.
        case unreadable(HTTPResponseFault)
    }

    private indirect enum Waiting {
        case serve(HTTPRequestHead)
        case tunnel(Subdomain, HTTPRequestHead)
        /// `isDue`: an answer is due for its request, that is, the head of the request could be read.
        case refusal(ServerAnswer, isDue: Bool)
    }

    private let domains: [String]
    var reader = HTTPConversationReader()
    private var pieces = GatheredPieces(whole: nil)

    /// The destination of the open conversation.
    private var destination: PublicHost?
    /// The Host of that destination, byte for byte. The usual request has the same one.
    private var currentHost: [UInt8] = []
    private var waiting: Waiting?
    /// The step that follows the bytes that had to be sent first.
    private var nextStep: Step?
    private var isInBody = false
    /// The connection's bytes are no longer ours to read.
    private var isOver = false

    /// The latest request announced that it is the last one (RFC 9112, 9.6).
    private(set) var hasAnnouncedEnd = false

    /// - Parameter domains: the server's own domains, in lower case without a final dot.
    init(domains: [String]) {
        self.domains = domains
    }

    // MARK: State

    /// The number of answers that the target owes. A request that waits for the server itself does not count.
    var answersDue: Int {
        if case .serve? = waiting { reader.answersDue - 1 } else { reader.answersDue }
    }

    var reading: VisitorMachine.Reading {
        VisitorMachine.Reading(
            answersDue: answersDue,
            isAnswerBegun: reader.answerBegun,
            // Everything before a waiting request is complete.
            isRequestIncomplete: reader.requestIncomplete && waiting == nil,
            isOpaque: reader.isOpaque,
            isTunnelAwaited: bytesAwaitingTunnel != nil
        )
    }

    /// Whether a request, or the refusal of one, waits for earlier answers or for its tunnel.
    var isRequestWaiting: Bool { waiting != nil }

    /// Whether the visitor's next bytes are not to be read yet.
    var isVisitorToWait: Bool { isRequestWaiting || reader.bytesHeld > HTTPConversationReader.Limits().headBytes }

    /// Whether an incomplete request waits only for more bytes from the visitor.
    var isVisitorToSend: Bool {
        reader.requestIncomplete && waiting == nil && !(reader.isContinueDue && !reader.answerBegun)
    }

    /// Whether the visitor has announced its last request, and that request is complete.
    var isVisitorDone: Bool {
        hasAnnouncedEnd && !reader.isOpaque && !reader.requestIncomplete && reader.bytesHeld == 0
    }

    /// Whether the next answer has no body. It may belong to a request of which only the beginning has come.
    var isHeadDue: Bool { reader.answersDue > 0 ? reader.isHeadDue : reader.isLatestHead }

    /// Bytes of memory of the requests that wait here: an incomplete head, or requests that wait for answers or a
    /// tunnel.
    var requestMemoryHeld: Int {
        guard case .tunnel(_, let head)? = waiting else { return reader.visitorMemoryHeld }
        return reader.visitorMemoryHeld + head.raw.storageCapacity
    }

    /// The number of bytes received of a request that waits for its tunnel and of what follows it; nil if no request
    /// waits for one.
    var bytesAwaitingTunnel: Int? {
        guard case .tunnel(_, let head)? = waiting else { return nil }
        return head.raw.readableBytes + reader.bytesHeld
    }

    /// Bytes of memory of the answers that wait here, that is, of an incomplete head.
    var answerMemoryHeld: Int { reader.targetMemoryHeld }

    // MARK: From the visitor

    /// Appends received bytes. Call ``next(_:isAwaited:)`` afterwards until it returns nil.
    mutating func visitorSent(_ bytes: ByteBuffer) {
        pieces = GatheredPieces(whole: reader.bytesHeld == 0 ? bytes : nil)
        reader.visitorSent(bytes)
    }

    /// The next step; nil if it needs more bytes, an answer or a tunnel first.
    /// - Parameter isAwaited: whether the tunnel with this name has lost its link and is expected back.
    mutating func next(_ conditions: Conditions, isAwaited: (Subdomain) -> Bool = { _ in false }) -> Step? {
        guard !isOver else { return nil }
        if let step = nextStep.take() { return began(step) }
        while true {
            if let waiting {
                guard let step = takeUp(waiting, conditions, isAwaited) else { return rest() }
                self.waiting = nil
                // The head that is sent now came with an earlier read.
                if case .open = step { pieces = GatheredPieces(whole: nil) }
                return afterPieces(step)
            }
            guard let event = reader.nextFromVisitor() else { return rest() }
            switch event {
            case .head(let head):
                isInBody = true
                if let step = route(head, conditions, isAwaited) {
                    if case .reset = step { return began(step) }
                    return afterPieces(step)
                }
                guard waiting == nil else { continue }
                hasAnnouncedEnd = head.wantsClose
                if let full = pieces.add(head.raw) { return .send(full) }
            case .body(let bytes), .opaque(let bytes):
                if let full = pieces.add(bytes) { return .send(full) }
            case .end:
                isInBody = false
            case .invalid(let fault):
                // An unreadable request may be for another destination. Bytes that do not even begin like a request
                // belong to a body that is longer than announced.
                guard isInBody || fault == .malformedRequestLine || answersDue == 0 else { return began(.reset) }
                let answer = ServerAnswer(status: fault.status, detail: fault.reason, hasBody: !reader.isLatestHead)
                waiting = .refusal(answer, isDue: isInBody)
            }
        }
    }

    /// Returns the remaining pieces to send, and keeps nothing of this read alive.
    private mutating func rest() -> Step? {
        let bytes = pieces.take()
        pieces = GatheredPieces(whole: nil)
        return bytes.map(Step.send)
    }

    private mutating func afterPieces(_ step: Step) -> Step {
        guard let bytes = pieces.take() else { return began(step) }
        nextStep = step
        return .send(bytes)
    }

    private mutating func began(_ step: Step) -> Step {
        switch step {
        case .open(_, let head):
            // The head is the first thing that is sent to the new conversation.
            _ = pieces.add(head.raw)
        case .serve, .refuse, .reset:
            isOver = true
        case .send, .wait:
            break
        }
        return step
    }

    /// Returns nil if the request belongs to the open conversation, or waits.
    private mutating func route(
        _ head: HTTPRequestHead,
        _ conditions: Conditions,
        _ isAwaited: (Subdomain) -> Bool
    ) -> Step? {
        // The usual case: the Host is the same as before.
        let host = head.host
        let isUsual = head.hostFault == nil && destination != nil && host?.elementsEqual(currentHost) == true
        if isUsual, !conditions.isServerStopping { return nil }
        let isAnswerDue = reader.answersDue > 1
        if let fault = head.hostFault {
            return isAnswerDue ? .reset : .refuse(ServerAnswer(status: fault.status, detail: fault.reason, to: head))
        }
        let found = PublicHost(head.routingHost.map(Array.init) ?? [], domains: domains)
        guard found == destination || !isAnswerDue else { return .reset }
        if conditions.isServerStopping {
            waiting = .refusal(Self.stopping(head), isDue: true)
            return nil
        }
        guard found != destination else {
            currentHost = host.map(Array.init) ?? []
            return nil
        }
        reader.targetReplaced()
        destination = found
        currentHost = host.map(Array.init) ?? []
        switch found {
        case .tunnel(let name):
            hasAnnouncedEnd = head.wantsClose
            guard isAwaited(name) else { return .open(name, head) }
            waiting = .tunnel(name, head)
            return .wait(name, head)
        case .base:
            waiting = .serve(head)
            return nil
        case .address where ServerEndpoints.isHealthCheck(head.target):
            waiting = .serve(head)
            return nil
        case .address, .unknown:
            return .refuse(ServerAnswer(status: 404, detail: "no such host on this server", to: head))
        }
    }

    /// Returns the step for a waiting request if its turn has come.
    private func takeUp(_ waiting: Waiting, _ conditions: Conditions, _ isAwaited: (Subdomain) -> Bool) -> Step? {
        switch waiting {
        case .serve(let head):
            // The connection's next handler must not find many answers in it that the visitor has not received.
            return conditions.hasVisitorCaughtUp ? .serve(head) : nil
        case .tunnel(_, let head) where conditions.isServerStopping:
            return .refuse(Self.stopping(head))
        case .tunnel(let name, let head):
            return isAwaited(name) ? nil : .open(name, head)
        case .refusal(let answer, let isDue):
            // The target waits for the rest of a body that is broken, so ours will be the only answer.
            let isOurs = answersDue == (isDue ? 1 : 0) && !reader.answerBegun
            guard isOurs || answersDue == 0 else { return nil }
            return .refuse(isOurs ? answer : nil)
        }
    }

    private static func stopping(_ head: HTTPRequestHead) -> ServerAnswer {
        ServerAnswer(status: 503, detail: "the server is stopping", to: head)
    }

    /// Removes and returns the visitor's bytes that were not parsed, for another handler of the connection.
    mutating func takeHeldBytes() -> ByteBuffer { reader.takeHeldBytes() }
}

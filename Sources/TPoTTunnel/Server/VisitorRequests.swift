import NIOCore
import TPoTWire

/// The HTTP of one visitor's connection: where each request goes, and what the visitor may get of the answers.
///
///     visitor ══► visitorSent ──► next ──► send, open, serve, refuse, reset
///     visitor ◄══ deliver ◄── targetSent ◄══ the open conversation
///
/// A reverse proxy may use one connection for several hosts, so each request is routed by its own Host. Requests for the same
/// destination are pipelined on the open conversation. A request for another destination opens another conversation, once
/// every answer is complete.
///
/// A request for another destination *while an answer is due* ends the connection. Proxies do not pipeline: the sender
/// took for complete what we did not, and would take what the old target says next for the answer to the new request. For
/// the same reason the visitor gets nothing of an answer whose end two readers might see differently.
///
/// Of interim answers (1xx) the visitor gets only a 100 that it waits for. nginx, before 1.29, takes the others for final
/// ones, with a body where they announce one, and then uses the connection for others, while the target goes on.
///
/// A value without I/O. Not copyable, like the reader in it.
struct VisitorRequests: ~Copyable {
    /// What to do next.
    enum Step {
        /// Bytes of requests go to the open conversation.
        case send(ByteBuffer)
        /// The open conversation, if any, is over; one with this tunnel is opened. What to send to it comes next.
        case open(Subdomain, HTTPRequestHead)
        /// The same, but the tunnel is not there yet: the request waits until it is.
        case wait(Subdomain, HTTPRequestHead)
        /// The request is for the server itself, which takes the connection over.
        case serve(HTTPRequestHead)
        /// The server answers, or has nothing to say, and closes.
        case refuse(ServerAnswer?)
        /// The connection is reset, and nobody gets anything more.
        case reset
    }

    /// What is known outside.
    struct Conditions {
        /// The visitor has taken all that it was sent.
        var hasVisitorCaughtUp: Bool
        /// The server takes no new requests.
        var isServerStopping: Bool
    }

    /// What the target's bytes did to the connection.
    enum Progress: Equatable {
        case none
        /// A final answer has begun or is complete, or bytes after an upgrade have come.
        case answered
        /// The answer is complete and delivered, but the connection must not be used for others: its sender is odd, or
        /// went on with an answer that nobody asked for, of which nothing was delivered.
        case ended
        /// Nothing of the answer was delivered, or what came before the first wrong byte of its body.
        case unreadable(HTTPResponseFault)
    }

    private indirect enum Waiting {
        case serve(HTTPRequestHead)
        case tunnel(Subdomain, HTTPRequestHead)
        /// `isDue`: its request is one of those whose answers are due, not one whose head could not be read.
        case refusal(ServerAnswer, isDue: Bool)
    }

    private let domains: [String]
    var reader = HTTPConversationReader()
    private var pieces = GatheredPieces(whole: nil)

    /// Where the open conversation goes.
    private var destination: PublicHost?
    /// Its Host, byte for byte: the usual request has the same.
    private var currentHost: [UInt8] = []
    private var waiting: Waiting?
    /// What follows the bytes that had to be sent first.
    private var nextStep: Step?
    private var isInBody = false
    /// The connection is no longer ours to read.
    private var isOver = false

    /// The latest request said that it is the last one (RFC 9112, 9.6).
    private(set) var hasAnnouncedEnd = false

    /// - Parameter domains: the server's own, in lower case without a final dot.
    init(domains: [String]) {
        self.domains = domains
    }

    // MARK: What is known

    /// A request that waits for the server itself is not one that the target owes an answer.
    var answersDue: Int {
        if case .serve? = waiting { reader.answersDue - 1 } else { reader.answersDue }
    }

    var reading: VisitorMachine.Reading {
        VisitorMachine.Reading(
            answersDue: answersDue,
            isAnswerBegun: reader.answerBegun,
            // What came before a request that waits is complete.
            isRequestIncomplete: reader.requestIncomplete && waiting == nil,
            isOpaque: reader.isOpaque,
            isTunnelAwaited: bytesAwaitingTunnel != nil
        )
    }

    /// A request, or the refusal of one, waits for what is before it.
    var isRequestWaiting: Bool { waiting != nil }

    /// The visitor's next bytes stay with it.
    var isVisitorToWait: Bool { isRequestWaiting || reader.bytesHeld > HTTPConversationReader.Limits().headBytes }

    /// The visitor has begun a request and nothing but itself keeps it from going on.
    var isVisitorToSend: Bool {
        reader.requestIncomplete && waiting == nil && !(reader.isContinueDue && !reader.answerBegun)
    }

    /// Nothing more of a request is to come, as far as the latest one told.
    var isVisitorDone: Bool {
        hasAnnouncedEnd && !reader.isOpaque && !reader.requestIncomplete && reader.bytesHeld == 0
    }

    /// The next answer has no body. It may be to a request of which only the beginning has come.
    var isHeadDue: Bool { reader.answersDue > 0 ? reader.isHeadDue : reader.isLatestHead }

    /// Bytes of memory of requests that wait here: of a head that is not complete, or of what has to wait for answers.
    var requestMemoryHeld: Int {
        guard case .tunnel(_, let head)? = waiting else { return reader.visitorMemoryHeld }
        return reader.visitorMemoryHeld + head.raw.storageCapacity
    }

    /// What has come of a request that waits for its tunnel, and behind it; nil where none does.
    var bytesAwaitingTunnel: Int? {
        guard case .tunnel(_, let head)? = waiting else { return nil }
        return head.raw.readableBytes + reader.bytesHeld
    }

    /// Bytes of memory of answers that wait here: of a head that is not complete.
    var answerMemoryHeld: Int { reader.targetMemoryHeld }

    // MARK: From the visitor

    /// Appends what came; then ``next(_:)`` is to be called until it returns nil.
    mutating func visitorSent(_ bytes: ByteBuffer) {
        pieces = GatheredPieces(whole: reader.bytesHeld == 0 ? bytes : nil)
        reader.visitorSent(bytes)
    }

    /// Nil when more bytes are needed, or an answer, or a tunnel.
    /// - Parameter isAwaited: whether the tunnel with this name lost its link and is to come back.
    mutating func next(_ conditions: Conditions, isAwaited: (Subdomain) -> Bool = { _ in false }) -> Step? {
        guard !isOver else { return nil }
        if let step = nextStep.take() { return began(step) }
        while true {
            if let waiting {
                guard let step = takeUp(waiting, conditions, isAwaited) else { return rest() }
                self.waiting = nil
                // The head that goes out now came with an earlier read.
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
                // A request that cannot be read may be one for another destination; what is no request at all is a body
                // that is longer than was announced.
                guard isInBody || fault == .malformedRequestLine || answersDue == 0 else { return began(.reset) }
                let answer = ServerAnswer(status: fault.status, detail: fault.reason, hasBody: !reader.isLatestHead)
                waiting = .refusal(answer, isDue: isInBody)
            }
        }
    }

    /// Keeps nothing of this read alive.
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
            // It is the first that is sent to the new conversation.
            _ = pieces.add(head.raw)
        case .serve, .refuse, .reset:
            isOver = true
        case .send, .wait:
            break
        }
        return step
    }

    /// Nil when the request belongs to the open conversation, or waits.
    private mutating func route(
        _ head: HTTPRequestHead,
        _ conditions: Conditions,
        _ isAwaited: (Subdomain) -> Bool
    ) -> Step? {
        // The usual case: nothing about its Host has changed.
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

    /// Takes up what waits, if it is its turn.
    private func takeUp(_ waiting: Waiting, _ conditions: Conditions, _ isAwaited: (Subdomain) -> Bool) -> Step? {
        switch waiting {
        case .serve(let head):
            // The next handler of the connection must not find many answers in it that the visitor does not take.
            return conditions.hasVisitorCaughtUp ? .serve(head) : nil
        case .tunnel(_, let head) where conditions.isServerStopping:
            return .refuse(Self.stopping(head))
        case .tunnel(let name, let head):
            return isAwaited(name) ? nil : .open(name, head)
        case .refusal(let answer, let isDue):
            // A target waits for the rest of a body that is broken: there will be no answer but ours.
            let isOurs = answersDue == (isDue ? 1 : 0) && !reader.answerBegun
            guard isOurs || answersDue == 0 else { return nil }
            return .refuse(isOurs ? answer : nil)
        }
    }

    private static func stopping(_ head: HTTPRequestHead) -> ServerAnswer {
        ServerAnswer(status: 503, detail: "the server is stopping", to: head)
    }

    /// What the visitor sent and was not pulled, for another handler of the connection.
    mutating func takeHeldBytes() -> ByteBuffer { reader.takeHeldBytes() }
}

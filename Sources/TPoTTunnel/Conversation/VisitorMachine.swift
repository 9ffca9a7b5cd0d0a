import TPoTWire

/// The rules of a visitor's connection on the server's side: what to do after each event from the visitor or the
/// tunnel.
///
///     visitor ◄═══  this  ◄═══ tunnel ═══ client ═══ target
///
/// A value without I/O. It does not see the bytes; what the HTTP reader knows about them is an argument.
struct VisitorMachine: Sendable {
    /// The effects are carried out in the order in which they are listed here.
    struct Effects: OptionSet, Sendable, Hashable {
        let rawValue: UInt16

        /// Ask the client to wait (`P`) or to continue (`C`).
        static let sendPause = Effects(rawValue: 1 << 0)
        static let sendResume = Effects(rawValue: 1 << 1)
        /// The visitor's socket may be read again, as far as this conversation is concerned.
        static let readVisitor = Effects(rawValue: 1 << 2)
        /// Send `X` after the request's waiting bytes, or instead of them. The conversation is over.
        static let sendClosed = Effects(rawValue: 1 << 3)
        static let sendClosedDiscarding = Effects(rawValue: 1 << 4)
        /// Answer 503: the connection to the target failed, or the tunnel was lost.
        static let answerNotConnected = Effects(rawValue: 1 << 5)
        static let answerTunnelLost = Effects(rawValue: 1 << 6)
        /// Close once the visitor has received its waiting bytes.
        static let finishVisitor = Effects(rawValue: 1 << 7)
        /// The same, but end with a reset, so that the visitor knows that its answer was cut off.
        static let resetVisitor = Effects(rawValue: 1 << 8)
        /// Reset at once: the visitor gets nothing more, not even its waiting bytes.
        static let abortVisitor = Effects(rawValue: 1 << 11)
        /// Answer 502: the target's answer cannot be read.
        static let answerUnreadable = Effects(rawValue: 1 << 12)
        /// Tell the client that the visitor has closed its half (`E`).
        static let sendHalfClosed = Effects(rawValue: 1 << 13)
        /// Close at once.
        static let closeVisitor = Effects(rawValue: 1 << 9)
        /// The visitor has closed its half and waits for an answer: end the connection after
        /// ``VisitorMachine/silenceSeconds``.
        static let watchSilence = Effects(rawValue: 1 << 10)
    }

    /// What the HTTP reader knows about the connection.
    struct Reading: Sendable {
        var answersDue: Int
        var isAnswerBegun: Bool
        var isRequestIncomplete: Bool
        var isOpaque: Bool
        /// A request waits for its tunnel to come back.
        var isTunnelAwaited: Bool

        init(
            answersDue: Int = 0,
            isAnswerBegun: Bool = false,
            isRequestIncomplete: Bool = false,
            isOpaque: Bool = false,
            isTunnelAwaited: Bool = false
        ) {
            self.answersDue = answersDue
            self.isAnswerBegun = isAnswerBegun
            self.isRequestIncomplete = isRequestIncomplete
            self.isOpaque = isOpaque
            self.isTunnelAwaited = isTunnelAwaited
        }
    }

    /// The state of the answers when the target closed.
    enum Ending: Equatable, Sendable { case complete, unanswered, cut }

    /// The number of bytes waiting for a visitor, beyond those in its channel, at which the client is asked to wait.
    static let pauseBytes = 128 * 1024
    /// The number of waiting bytes at which the client may continue.
    static let resumeBytes = 32 * 1024
    /// Beyond this many waiting bytes the client has ignored the request to wait, and the conversation is reset.
    static let resetBytes = 16 * 1024 * 1024
    /// A half-closed visitor counts as gone after this many seconds without a byte in either direction.
    var silenceSeconds: Int { hasSentHalfClosed ? Self.knownSilenceSeconds : Self.unknownSilenceSeconds }
    /// The limit if the client knows of the half-close: then the target decides.
    static let knownSilenceSeconds = 600
    /// The limit if the client cannot be told of the half-close: most such visitors have left.
    static let unknownSilenceSeconds = 30

    /// A conversation is open: neither side has sent its `X`.
    private(set) var isOpen = false
    /// The client asked us to wait.
    private(set) var isPausedByTarget = false
    /// We asked the client to wait.
    private(set) var hasPausedTarget = false
    /// The visitor has closed its sending half.
    private(set) var hasInputEnded = false
    /// The visitor closed its half while its request waited for the tunnel. Call ``visitorEnded(_:)`` again once the
    /// tunnel is open.
    private(set) var isEndDeferred = false
    /// The client understands a half-close message.
    private var knowsHalf = false
    /// The client has been told of the half-close.
    private(set) var hasSentHalfClosed = false
    /// Why the last conversation ended, as its `X` reports it. With ``ConversationCause/complete``, the bytes that the
    /// visitor received decide the reported cause.
    private(set) var cause = ConversationCause.complete
    /// The visitor's connection is about to be closed: its input is discarded and nothing more is sent to it.
    private(set) var isLeaving = false

    /// Whether the visitor's socket is read, as far as this conversation is concerned. Input from a leaving visitor is
    /// read too, and discarded: closing with unread bytes would reset the connection and destroy the answer.
    var readsVisitor: Bool { isLeaving || !isPausedByTarget }

    /// - Parameter knowsHalf: whether the client can be told that the visitor closed its half.
    mutating func opened(knowsHalf: Bool = false) {
        isOpen = true
        self.knowsHalf = knowsHalf
        hasSentHalfClosed = false
        cause = .complete
        isPausedByTarget = false
        hasPausedTarget = false
    }

    /// The conversation ends in favour of another one, or of an answer by the server itself.
    mutating func left() -> Effects {
        isPausedByTarget = false
        guard isOpen else { return [] }
        isOpen = false
        return .sendClosed
    }

    // MARK: The visitor

    mutating func visitorEnded(_ reading: Reading) -> Effects {
        guard !hasInputEnded else { return [] }
        isEndDeferred = reading.isTunnelAwaited && !isLeaving
        if isEndDeferred { return [] }
        hasInputEnded = true
        if isLeaving { return [] }
        guard isOpen else { return leave(.closeVisitor) }
        let isAnswerDue = reading.answersDue > 0 && !reading.isRequestIncomplete && !reading.isOpaque
        if knowsHalf, isAnswerDue || reading.isOpaque {
            hasSentHalfClosed = true
            return [.sendHalfClosed, .watchSilence]
        }
        // Nothing is sent: the target would read a close as the end of the whole conversation.
        if isAnswerDue { return .watchSilence }
        isOpen = false
        // The visitor left in the middle of its request.
        if reading.isRequestIncomplete { cause = .incomplete }
        return [.sendClosed, leave(.finishVisitor)]
    }

    mutating func visitorGone() -> Effects {
        isLeaving = true
        guard isOpen else { return [] }
        isOpen = false
        cause = .incomplete
        return .sendClosedDiscarding
    }

    /// No byte has passed in either direction since the visitor closed its half.
    mutating func silent() -> Effects {
        guard isOpen, hasInputEnded else { return [] }
        isOpen = false
        cause = .givenUp
        return [.sendClosedDiscarding, leave(.closeVisitor)]
    }

    /// The number of bytes that wait for the visitor has changed.
    mutating func waitingChanged(bytes: Int, pauseAt: Int = pauseBytes) -> Effects {
        guard isOpen else { return [] }
        if bytes > Self.resetBytes { return givenUp() }
        if !hasPausedTarget, bytes > pauseAt {
            hasPausedTarget = true
            return .sendPause
        }
        if hasPausedTarget, bytes <= min(Self.resumeBytes, pauseAt) {
            hasPausedTarget = false
            return .sendResume
        }
        return []
    }

    /// The client kept sending after it was asked to wait.
    mutating func givenUp() -> Effects {
        let wasOpen = isOpen
        isOpen = false
        cause = .limit
        return wasOpen ? [.sendClosedDiscarding, leave(.closeVisitor)] : leave(.closeVisitor)
    }

    /// A request for another destination came while an answer is due: neither side gets anything more.
    mutating func crossed() -> Effects {
        let wasOpen = isOpen
        isOpen = false
        cause = .limit
        return wasOpen ? [.sendClosedDiscarding, leave(.abortVisitor)] : leave(.abortVisitor)
    }

    // MARK: The tunnel

    /// It is impossible to determine where the target's answer ends.
    /// - Parameter inBody: the visitor may have received part of the answer.
    mutating func answerUnreadable(inBody: Bool, _ reading: Reading) -> Effects {
        guard isOpen else { return [] }
        isOpen = false
        cause = .limit
        if inBody { return [.sendClosedDiscarding, leave(.abortVisitor)] }
        // The visitor waits for no answer.
        if reading.answersDue == 0 { return [.sendClosedDiscarding, leave(.finishVisitor)] }
        return [.sendClosedDiscarding, .answerUnreadable, leave(.finishVisitor)]
    }

    /// An answer is complete.
    mutating func answered(_ reading: Reading) -> Effects {
        guard isOpen, hasInputEnded else { return [] }
        // After an upgrade the target ends the conversation.
        if hasSentHalfClosed, reading.isOpaque { return [] }
        guard reading.answersDue == 0 || reading.isOpaque || reading.isRequestIncomplete else { return [] }
        isOpen = false
        return [.sendClosed, leave(.finishVisitor)]
    }

    mutating func targetClosed(_ ending: Ending) -> Effects {
        guard isOpen else { return [] }
        isOpen = false
        return [.sendClosedDiscarding, leave(ending == .cut ? .resetVisitor : .finishVisitor)]
    }

    mutating func targetNotConnected(_ reading: Reading) -> Effects {
        guard isOpen else { return [] }
        isOpen = false
        // After an answer, our 503 would be read as the next answer or as data of another protocol.
        if reading.isAnswerBegun || (reading.isOpaque && reading.answersDue == 0) {
            return [.sendClosedDiscarding, leave(.resetVisitor)]
        }
        if reading.answersDue == 0 { return [.sendClosedDiscarding, leave(.finishVisitor)] }
        return [.sendClosedDiscarding, .answerNotConnected, leave(.finishVisitor)]
    }

    mutating func tunnelLost(_ reading: Reading) -> Effects {
        guard isOpen else { return [] }
        isOpen = false
        if reading.isOpaque || reading.isAnswerBegun { return leave(.resetVisitor) }
        if reading.answersDue > 0 { return [.answerTunnelLost, leave(.finishVisitor)] }
        return leave(.finishVisitor)
    }

    mutating func pausedByTarget() {
        isPausedByTarget = true
    }

    mutating func resumedByTarget() -> Effects {
        guard isPausedByTarget else { return [] }
        isPausedByTarget = false
        return .readVisitor
    }

    /// The server gives the answer itself and closes.
    mutating func answeredByServer() -> Effects { leave(.finishVisitor) }

    private mutating func leave(_ way: Effects) -> Effects {
        isLeaving = true
        hasInputEnded = hasInputEnded || isEndDeferred
        return way
    }
}

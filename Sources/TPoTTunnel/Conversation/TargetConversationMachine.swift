/// The rules of one conversation on the client's side: what to do after each event from the tunnel or the target.
///
///     visitor ═══ server ═══ tunnel ═══►  this  ═══► target
///
/// A value without I/O. Bytes do not pass through it: it receives the number of waiting bytes and returns what to do
/// next. The effects are carried out in the order in which ``Effects`` lists them.
struct TargetConversationMachine: Sendable {
    struct Effects: OptionSet, Sendable, Hashable {
        let rawValue: UInt16

        /// Start connecting to the target.
        static let connectTarget = Effects(rawValue: 1 << 0)
        /// Write the waiting bytes to the target.
        static let forwardWaiting = Effects(rawValue: 1 << 1)
        /// Tell the server that the connection to the target failed (`N`).
        static let sendCouldNotConnect = Effects(rawValue: 1 << 2)
        /// Ask the server to wait (`P`) or to continue (`C`).
        static let sendPause = Effects(rawValue: 1 << 3)
        static let sendResume = Effects(rawValue: 1 << 4)
        /// The target's socket may be read again, as far as this conversation is concerned.
        static let readTarget = Effects(rawValue: 1 << 5)
        /// Send `X` after the answer's waiting bytes, or instead of them.
        static let sendClosed = Effects(rawValue: 1 << 6)
        static let sendClosedDiscarding = Effects(rawValue: 1 << 7)
        /// Write the waiting bytes to the target and then close it, within ``TargetConversationMachine/finishSeconds``.
        static let finishTarget = Effects(rawValue: 1 << 8)
        /// Close the target at once.
        static let closeTarget = Effects(rawValue: 1 << 9)
    }

    /// What to do with bytes from the visitor.
    enum Disposition: Equatable, Sendable { case forward, keep, ignore }

    enum Target: Equatable, Sendable { case notStarted, connecting, connected, closed }

    /// The number of bytes waiting for a target, beyond those in its channel, at which the server is asked to wait.
    static let pauseBytes = 128 * 1024
    /// The number of waiting bytes at which the server may continue.
    static let resumeBytes = 32 * 1024
    /// Beyond this many waiting bytes the server has ignored the request to wait, and the conversation is reset.
    static let resetBytes = 16 * 1024 * 1024
    /// Seconds that a target gets to accept the last bytes of a visitor who has gone.
    static let finishSeconds = 1

    private(set) var target = Target.notStarted
    /// Neither side has sent its `X`.
    private(set) var isOpen = true
    private(set) var isHeld = false
    /// The server asked us to wait, because its visitor does not accept more.
    private(set) var isPausedByVisitor = false
    /// We asked the server to wait.
    private(set) var hasPausedVisitor = false
    /// The visitor has gone, and the target gets the remaining bytes.
    private(set) var isFinishing = false

    /// Whether the target's socket is read, as far as this conversation is concerned.
    var readsTarget: Bool { target == .connected && isOpen && !isPausedByVisitor }

    /// Whether nothing more can happen.
    var isOver: Bool { !isOpen && (target == .closed || target == .notStarted) }

    /// - Parameter defersConnecting: the target is connected when the first request passes, because that may be held.
    mutating func opened(held: Bool, defersConnecting: Bool = false) -> Effects {
        isHeld = held
        return defersConnecting ? [] : connect()
    }

    /// Connects the target, unless that is done or has to wait for the end of a hold.
    mutating func connect() -> Effects {
        guard isOpen, !isHeld, target == .notStarted else { return [] }
        target = .connecting
        return .connectTarget
    }

    /// The target closed a connection on which nothing was due. The next request connects it again.
    mutating func targetLeftIdle() {
        if isOpen, target == .connected { target = .notStarted }
    }

    // MARK: The tunnel

    func visitorSent() -> Disposition {
        guard isOpen, target != .closed else { return .ignore }
        return target == .connected && !isHeld ? .forward : .keep
    }

    mutating func visitorClosed() -> Effects {
        guard isOpen else { return [] }
        isOpen = false
        switch target {
        case .notStarted, .closed:
            target = .closed
            return .sendClosedDiscarding
        case .connecting, .connected:
            isFinishing = true
            return isHeld ? [.sendClosedDiscarding, .closeTarget] : [.sendClosedDiscarding, .finishTarget]
        }
    }

    mutating func pausedByVisitor() {
        isPausedByVisitor = true
    }

    mutating func resumedByVisitor() -> Effects {
        guard isPausedByVisitor else { return [] }
        isPausedByVisitor = false
        return readsTarget ? .readTarget : []
    }

    /// The WebSocket is lost: nothing can be sent, and the target's answer can reach no visitor.
    mutating func tunnelLost() -> Effects {
        guard isOpen else { return [] }
        isOpen = false
        return .closeTarget
    }

    // MARK: The target

    mutating func targetConnected() -> Effects {
        guard target == .connecting else { return .closeTarget }
        target = .connected
        if isFinishing { return .finishTarget }
        guard isOpen else { return .closeTarget }
        return isHeld ? .readTarget : [.forwardWaiting, .readTarget]
    }

    mutating func targetCouldNotConnect() -> Effects {
        target = .closed
        guard isOpen else { return [] }
        isOpen = false
        return [.sendCouldNotConnect, .sendClosed]
    }

    mutating func targetClosed() -> Effects {
        target = .closed
        guard isOpen else { return [] }
        isOpen = false
        return .sendClosed
    }

    /// The number of bytes that wait for the target has changed.
    mutating func waitingChanged(bytes: Int, pauseAt: Int = pauseBytes) -> Effects {
        guard isOpen else { return [] }
        if bytes > Self.resetBytes { return closed() }
        if !hasPausedVisitor, bytes > pauseAt {
            hasPausedVisitor = true
            return .sendPause
        }
        if hasPausedVisitor, bytes <= min(Self.resumeBytes, pauseAt) {
            hasPausedVisitor = false
            return .sendResume
        }
        return []
    }

    // MARK: The user

    mutating func hold() {
        isHeld = true
    }

    mutating func release() -> Effects {
        guard isHeld else { return [] }
        isHeld = false
        guard isOpen else { return [] }
        switch target {
        case .notStarted:
            target = .connecting
            return .connectTarget
        case .connected: return .forwardWaiting
        case .connecting, .closed: return []
        }
    }

    /// The held conversation will not be released. The visitor gets the same error as if the target were not there.
    mutating func refused() -> Effects {
        guard isOpen else { return [] }
        isOpen = false
        return [.sendCouldNotConnect, .sendClosedDiscarding, .closeTarget]
    }

    /// The visitor has got an answer from us, which is its last.
    mutating func answered() -> Effects {
        guard isOpen else { return [] }
        isOpen = false
        return [.sendClosed, .closeTarget]
    }

    /// Ends the conversation from our side, because the user asked for it or a limit was reached.
    mutating func closed() -> Effects {
        guard isOpen else { return [] }
        isOpen = false
        return [.sendClosedDiscarding, .closeTarget]
    }
}

import DequeModule
import NIOCore
import TPoTWire

/// The queue of one conversation for the WebSocket. It belongs to a ``LinkScheduler`` and stays on one event loop.
///
/// It is a class because the scheduler's queues and the conversation share it, and every message uses it.
package final class LinkFlow {
    enum Place { case none, fresh, steady }

    let id: ConversationID

    /// Data bytes waiting.
    var bytes: Int { waiting.bytes }
    /// Data bytes given to the link since the beginning, sent or waiting.
    fileprivate(set) var totalBytes: UInt64 = 0
    /// What the last message reports, if both sides have agreed on the extension `cause`.
    var end = (cause: ConversationCause.complete, taken: UInt64(0))
    /// Whether its last message is queued or sent.
    fileprivate(set) var isClosing = false

    fileprivate var waiting = PieceQueue()
    fileprivate var deficit = 0
    fileprivate var place = Place.none
    /// Whether the peer asked this conversation to wait, so that its data stays here. Always false once it is closing.
    fileprivate var isPaused = false
    fileprivate var isClosed = false

    /// Control messages that wait: an open, a failure to connect, the latest pause or resume.
    fileprivate var open: TunnelMessage?
    fileprivate var couldNotConnect = false
    fileprivate var halfClosed: TunnelMessage?
    fileprivate var flowControl: TunnelMessage?
    fileprivate var isInControl = false

    /// Reads the local socket for this flow and is called when it may be read again. Nil once the conversation is over.
    var feeder: (any LinkFeeder)?
    /// Whether the link lets the feeder read, or what the feeder waits for.
    var stopped = LinkScheduler.Reading.allowed

    package init(id: ConversationID) {
        self.id = id
    }

    fileprivate var hasTurn: Bool {
        if isClosed { return false }
        return isClosing || (!waiting.isEmpty && !isPaused)
    }
}

/// Reads a local socket for the link.
protocol LinkFeeder: AnyObject {
    /// The link accepts bytes again, so the socket may be read.
    func linkTakesMore()
}

/// Queues what is to be sent over the WebSocket, and decides which conversation sends next.
///
///     control   H N P C E ──►  before everything else
///     fresh     conversations that had nothing waiting: before the steady ones, for one quantum
///     steady    the others, in turns of one quantum
///
/// This is the deficit round robin of FQ-CoDel (RFC 8290 section 4.1) over conversations: a small answer passes a
/// download, two downloads share evenly, and a conversation that used up its turn or ran empty goes to the end of the
/// steady ones. Unlike in the RFC, the steady ones always get a ninth of the link, however many fresh ones come.
///
/// Everything is bounded:
/// - ``Limits/conversationBytes`` and ``Limits/totalBytes`` say when feeders stop reading their sockets. One read may
///   overshoot.
/// - Beyond ``Limits/closingBytes`` a conversation that ends drops what it has waiting.
/// - Each conversation has at most one waiting `H`, one `P` or `C`, one `N`, one `E` and one `X`.
///
/// The bytes of a paused conversation do not count against the others: a visitor that does not read must not slow them.
package struct LinkScheduler: ~Copyable {
    let limits: Limits
    private var control = Deque<LinkFlow>()
    private var fresh = Deque<LinkFlow>()
    private var steady = Deque<LinkFlow>()

    /// Bytes that a conversation may currently send in a turn.
    var quantum: Int

    /// Bytes that fresh conversations have sent ahead of the steady ones.
    private var freshBytes = 0

    /// How many conversations have an end that waits to be sent.
    private(set) var endsWaiting = 0

    /// Total data bytes waiting.
    private(set) var totalBytes = 0
    /// The part of ``totalBytes`` that waits for the peer to resume.
    private var pausedBytes = 0
    /// The part of ``totalBytes`` that waits only for the link.
    var readyBytes: Int { totalBytes - pausedBytes }

    package init(limits: Limits = Limits()) {
        self.limits = limits
        quantum = limits.quantum
    }

    /// Whether data or a close could be sent now.
    var hasData: Bool { !fresh.isEmpty || !steady.isEmpty }
    var hasControl: Bool { !control.isEmpty }

    /// Whether the conversation's socket may be read.
    func reading(_ flow: LinkFlow) -> Reading {
        let most = pausedBytes < limits.pausedBytes ? limits.conversationBytes : limits.quantum
        if flow.bytes >= most { return .untilConversationDrains }
        if readyBytes >= limits.totalBytesAtMost || (readyBytes >= limits.totalBytes && flow.bytes > 0) {
            return .untilOthersDrain
        }
        return .allowed
    }

    // MARK: Feeding

    mutating func open(_ message: TunnelMessage, _ flow: LinkFlow) {
        flow.open = message
        queueControl(flow)
    }

    mutating func couldNotConnect(_ flow: LinkFlow) {
        flow.couldNotConnect = true
        queueControl(flow)
    }

    /// The local side has closed its sending half, after everything that was given to the link.
    mutating func halfClose(_ flow: LinkFlow) {
        guard !flow.isClosing else { return }
        flow.halfClosed = .halfClosed(flow.id, total: flow.totalBytes)
        queueControl(flow)
    }

    /// Queues a pause or a resume. It replaces one that still waits.
    mutating func flowControl(_ message: TunnelMessage, _ flow: LinkFlow) {
        guard !flow.isClosing else { return }
        flow.flowControl = message
        queueControl(flow)
    }

    package mutating func data(_ bytes: ByteBuffer, _ flow: LinkFlow) {
        guard bytes.readableBytes > 0, !flow.isClosing else { return }
        flow.waiting.append(bytes)
        if flow.isPaused || totalBytes > limits.conversationBytes { flow.waiting.compactFirst() }
        flow.totalBytes += UInt64(bytes.readableBytes)
        count(bytes.readableBytes, flow)
        activate(flow)
    }

    /// Drops the waiting data of a conversation that the other side has ended.
    mutating func discard(_ flow: LinkFlow) {
        count(-flow.bytes, flow)
        flow.waiting.removeAll()
    }

    /// Ends the conversation: after its waiting data, or at once if `discarding`. Later calls may only discard.
    mutating func close(_ flow: LinkFlow, discarding: Bool) {
        // Waiting data goes out before the close, even if the peer asked to wait: for one conversation it is little.
        // For many conversations it may be much, because a socket that has ended is read to its end.
        // In that case a peer that does not read gets none of it.
        let discarding = discarding || totalBytes > limits.closingBytes
        setPaused(false, flow)
        if !flow.isClosing { endsWaiting += 1 }
        flow.isClosing = true
        if discarding { discard(flow) }
        activate(flow)
    }

    /// The peer asked this conversation to wait, or to go on.
    mutating func setPaused(_ isPaused: Bool, _ flow: LinkFlow) {
        guard flow.isPaused != isPaused, !flow.isClosing else { return }
        flow.isPaused = isPaused
        if isPaused { flow.waiting.compactFirst() }
        pausedBytes += isPaused ? flow.bytes : -flow.bytes
        activate(flow)
    }

    private mutating func count(_ bytes: Int, _ flow: LinkFlow) {
        totalBytes += bytes
        if flow.isPaused { pausedBytes += bytes }
    }

    // MARK: Sending

    /// The next message that goes before all data and does not count against the window.
    mutating func nextControl() -> TunnelMessage? {
        while let flow = control.first {
            if let message = flow.open {
                flow.open = nil
                return message
            }
            if flow.couldNotConnect {
                flow.couldNotConnect = false
                return .couldNotConnect(flow.id)
            }
            if let message = flow.halfClosed.take(), !flow.isClosed { return message }
            control.removeFirst()
            flow.isInControl = false
            if let message = flow.flowControl {
                flow.flowControl = nil
                if !flow.isClosed { return message }
            }
        }
        return nil
    }

    /// The next slice of data, of at most `limit` bytes, or a conversation's close.
    ///
    /// Call ``nextControl()`` first: a conversation's open must go before its data.
    package mutating func nextData(limit: Int) -> Item? {
        while let flow = nextFlow {
            guard flow.hasTurn else {
                leaveTurn(flow)
                // It ran empty, and goes behind the steady ones so that its next bytes do not pass all others again.
                if flow.place == .fresh, !steady.isEmpty, !flow.isClosed {
                    enterSteady(flow)
                } else {
                    flow.place = .none
                }
                continue
            }
            if flow.waiting.isEmpty {
                leaveTurn(flow)
                flow.place = .none
                flow.isClosed = true
                endsWaiting -= 1
                return .closed(flow)
            }
            if flow.deficit <= 0 {
                flow.deficit += quantum
                leaveTurn(flow)
                enterSteady(flow)
                continue
            }
            return .data(flow, takeSlice(of: flow, limit: limit))
        }
        return nil
    }

    private var nextFlow: LinkFlow? {
        freshBytes < limits.freshBytes ? fresh.first ?? steady.first : steady.first ?? fresh.first
    }

    private mutating func takeSlice(of flow: LinkFlow, limit: Int) -> ByteBuffer {
        let isAlone = fresh.count + steady.count == 1
        let most = min(limit, isAlone ? TunnelMessage.maximumDataPayload : flow.deficit)
        guard let slice = flow.waiting.popFirst(limit: most) else { return ByteBuffer() }
        // A conversation that sent while no other waited owes at most one quantum for it.
        flow.deficit = max(flow.deficit - slice.readableBytes, -quantum)
        count(-slice.readableBytes, flow)
        let ahead = flow.place == .fresh ? slice.readableBytes : -slice.readableBytes * Limits.freshShare
        freshBytes = steady.isEmpty ? 0 : max(0, freshBytes + ahead)
        return slice
    }

    // MARK: Turns

    private mutating func queueControl(_ flow: LinkFlow) {
        guard !flow.isInControl else { return }
        flow.isInControl = true
        control.append(flow)
    }

    private mutating func activate(_ flow: LinkFlow) {
        guard flow.place == .none, flow.hasTurn else { return }
        flow.place = .fresh
        flow.deficit = quantum
        fresh.append(flow)
    }

    private mutating func leaveTurn(_ flow: LinkFlow) {
        if flow.place == .fresh { fresh.removeFirst() } else { steady.removeFirst() }
    }

    private mutating func enterSteady(_ flow: LinkFlow) {
        flow.place = .steady
        steady.append(flow)
    }
}

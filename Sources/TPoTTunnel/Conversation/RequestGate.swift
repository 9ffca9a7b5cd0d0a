import DequeModule
import NIOCore
import TPoTTraffic

/// The requests of one conversation that wait because of a hold by filter, in the order in which they came.
///
///     pulled from the visitor ──► begin, add, end ──► │ first │ second │ … │ ──► next ──► target
///
/// A value without I/O. A conversation has a gate only while something waits in it. The first request is the one that
/// the user holds, or that waits for its turn to be refused. What comes after it waits behind it, whether it matches the
/// filter or not, because answers have to come in the order of the requests. Other conversations are not affected.
///
/// Why nothing waits for ever:
///
/// - *A body that does not come*, because the visitor expects a 100 first or is slow: the request can be let go or
///   refused at any time. After it was let go, the gate is empty and the rest passes through without stopping. It cannot
///   be edited, because that needs the whole request.
/// - *A large body*: its bytes are counted in the ``MemoryBudget`` and, beyond ``TargetConversation/heldBytes``, make the
///   server wait with this conversation (`P`). `P` concerns one conversation, so the others go on. When the request is let
///   go, the bytes leave and `C` follows.
/// - *Pipelining*: earlier requests were forwarded before this one came, so their answers depend on nothing here. The
///   HTTP reader stops at 1,024 outstanding requests; those in the gate count, and answers to others still come.
/// - *Upgrades and CONNECT*: the HTTP reader gives nothing out after such a request until the head of its answer has come,
///   so it is the last in the gate. Whoever lets it go or refuses it makes that head come.
/// - *HTTP/1.0 and `Connection: close`*: the answer ends the conversation as without a hold.
/// - *The target*: it is not connected before the first request passes, so that no idle connection times out meanwhile.
///   If it closes an idle connection while later requests wait, as servers do after some seconds, it is connected anew for
///   the next request. If it said that it would close, the conversation ends, because the visitor expects that.
/// - *A visitor that leaves* ends the conversation and with it the gate; nothing of it is delivered. One that closed only
///   its sending half more than a moment after its request has most likely left: its request is not delivered when it is
///   let go. The target's half is not closed while anything waits here.
/// - *A lost tunnel* and *a stop* end the conversation. A stop first refuses what waits, after the earlier answers.
/// - *A refusal* waits for the earlier answers, which the target owes. If they cannot be told apart, because the target does
///   not speak HTTP, the conversation ends without an answer.
/// - *Idle limits*: the server's limits count from bytes and half-closes, and end the conversation like a visitor does.
struct RequestGate: Sendable {
    /// What happens to a request when its turn comes.
    enum Verdict: Equatable, Sendable {
        case waits
        case goes
        case refused(status: Int)
    }

    /// What the conversation does next.
    enum Step: Equatable, Sendable {
        /// The turn of this request has come; its bytes follow.
        case released(HeldRequestID)
        case forward(ByteBuffer)
        /// The visitor gets this status, and then the conversation ends.
        case refuse(Refusal)
    }

    struct Refusal: Equatable, Sendable {
        var id: HeldRequestID
        var status: Int
        /// The answer must have no body.
        var isHead: Bool
    }

    private struct Entry: Sendable {
        /// Nil for bytes that are not HTTP.
        let id: HeldRequestID?
        let arrival: NIODeadline
        var isHead = false
        var isUpgrade = false
        var verdict: Verdict
        var pieces = PieceQueue()
        var isWhole = false
        var isReleased = false
    }

    private var entries = Deque<Entry>()
    /// Bytes that wait, over all entries.
    private(set) var bytes = 0
    /// Bytes of memory that they keep alive.
    private(set) var memory = 0
    /// The requests that wait. They are the latest of the conversation, and the target has nothing of them.
    private(set) var requests = 0

    /// Nothing waits: everything passes.
    var isEmpty: Bool { entries.isEmpty }

    /// When the first request arrived.
    var firstArrival: NIODeadline? { entries.first?.arrival }

    /// The first request waits for the earlier answers, and is refused then.
    var isFirstRefused: Bool {
        if case .refused? = entries.first?.verdict { true } else { false }
    }

    /// The requests that wait, in order.
    var ids: [HeldRequestID] { entries.compactMap(\.id) }

    // MARK: From the visitor

    /// A request begins. Its head has to be added next.
    /// - Parameter isHeld: it matches the filter. If not, it only waits behind those before it.
    mutating func begin(
        _ id: HeldRequestID,
        isHeld: Bool,
        isHead: Bool = false,
        isUpgrade: Bool = false,
        at arrival: NIODeadline
    ) {
        var entry = Entry(id: id, arrival: arrival, verdict: isHeld ? .waits : .goes)
        entry.isHead = isHead
        entry.isUpgrade = isUpgrade
        entries.append(entry)
        requests += 1
    }

    /// More of the latest request.
    mutating func add(_ piece: ByteBuffer) {
        guard !entries.isEmpty else { return }
        changeSize(of: entries.count - 1) { pieces in
            pieces.append(piece)
            pieces.compactFirst()
        }
    }

    /// The latest request is whole.
    mutating func end() {
        guard !entries.isEmpty else { return }
        entries[entries.count - 1].isWhole = true
    }

    /// Bytes that are not HTTP begin. They wait for their turn like a request.
    mutating func beginOpaque(at arrival: NIODeadline) {
        guard let last = entries.last, last.id != nil else { return }
        entries.append(Entry(id: nil, arrival: arrival, verdict: .goes))
    }

    // MARK: From the user

    /// Lets a request go on when its turn comes. It has no effect on one that is refused already.
    /// - Returns: false if it does not wait here, or goes already.
    mutating func letGo(_ id: HeldRequestID) -> Bool { decide(id, .goes) }

    mutating func refuse(_ id: HeldRequestID, status: Int) -> Bool { decide(id, .refused(status: status)) }

    mutating func letAllGo() {
        for index in entries.indices where entries[index].verdict == .waits { entries[index].verdict = .goes }
    }

    private mutating func decide(_ id: HeldRequestID, _ verdict: Verdict) -> Bool {
        guard let index = entries.firstIndex(where: { $0.id == id }), entries[index].verdict == .waits else {
            return false
        }
        entries[index].verdict = verdict
        return true
    }

    /// Why a request cannot be replaced by an edited one; nil if it can.
    func editRefusal(_ id: HeldRequestID) -> HeldEditRefusal? {
        guard let entry = entries.first(where: { $0.id == id }), entry.verdict == .waits else { return .notHeld }
        guard !entry.isUpgrade else { return .isUpgrade }
        return entry.isWhole ? nil : .incomplete
    }

    /// Whether the answer to this request has no body.
    func isHead(_ id: HeldRequestID) -> Bool { entries.first { $0.id == id }?.isHead ?? false }

    /// Replaces the whole request, and lets it go.
    mutating func replace(_ id: HeldRequestID, with bytes: ByteBuffer) {
        guard editRefusal(id) == nil, let index = entries.firstIndex(where: { $0.id == id }) else { return }
        entries[index].verdict = .goes
        changeSize(of: index) { pieces in
            pieces.removeAll()
            pieces.append(bytes)
        }
    }

    // MARK: To the target

    /// - Parameter answersDue: the requests of the conversation whose answers are not complete, with those in the gate.
    /// - Returns: nil while the first request has to wait, and when the gate is empty.
    mutating func next(answersDue: Int) -> Step? {
        guard let first = entries.first else { return nil }
        switch first.verdict {
        case .waits: return nil
        case .refused(let status):
            guard answersDue <= requests, let id = first.id else { return nil }
            return .refuse(Refusal(id: id, status: status, isHead: first.isHead))
        case .goes: break
        }
        if let id = first.id, !first.isReleased {
            entries[0].isReleased = true
            requests -= 1
            return .released(id)
        }
        if let piece = changeSize(of: 0, { $0.popFirst() }) { return .forward(piece) }
        // What is still to come of this request passes, unless it waits behind another one that was there before.
        entries.removeFirst()
        return next(answersDue: answersDue)
    }

    @discardableResult
    private mutating func changeSize<Result>(of index: Int, _ change: (inout PieceQueue) -> Result) -> Result {
        bytes -= entries[index].pieces.bytes
        memory -= entries[index].pieces.memory
        defer {
            bytes += entries[index].pieces.bytes
            memory += entries[index].pieces.memory
        }
        return change(&entries[index].pieces)
    }
}

/// Why a held request cannot be replaced by an edited one.
package enum HeldEditRefusal: Error, Hashable, Sendable {
    /// It went on, was refused, or its visitor has left.
    case notHeld
    /// The rest of it has not come.
    case incomplete
    /// What follows an upgrade is not HTTP, so nobody knows what an edit would mean for it.
    case isUpgrade
    /// Only one of the two is HEAD. The visitor would take the end of the answer for somewhere else.
    case changesHead
    /// The edited text is not exactly one request. Its length may not fit.
    case notOneRequest
}

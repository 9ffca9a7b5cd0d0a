import NIOCore
import TPoTWire

/// An exchange in the store, with its memory cost.
///
/// It is a class so that tables hold references and changes happen in place.
/// It is Sendable because only ``CaptureState`` uses it, under the store's lock. Only ``content``, a value, leaves the
/// store.
final class CaptureRecord: @unchecked Sendable {
    let number: UInt64
    var content: CapturedExchange
    /// The ``size`` that is included in the store's total.
    var countedSize = 0
    /// The number of body bytes that a `body:` filter has searched.
    var searchedBytes = 0
    /// The end of the last piece in each direction.
    private var visitorEnd: UInt32 = 0
    private var targetEnd: UInt32 = 0
    private var isEventStream = false
    /// The record has changed since it was last counted and matched.
    var isChanged = false
    /// How often it has changed, so that an answer from the background about an older state is noticed.
    var changes: UInt32 = 0
    /// It waits for the background to say what it means.
    var isQueued = false
    /// The background has compared the replay with its original.
    var isJudged = false
    /// It waits to be saved.
    var isUnsaved = false
    /// The hash of the row that was saved last.
    var savedRow: Int?
    /// It is of an earlier run.
    let isEarlier: Bool
    /// It is included in the store's count of failures.
    var countsAsFailing = false
    /// Where the meter counts it.
    var rate = \StatusRate.unanswered

    init(_ exchange: Exchange, unixNanoseconds: Int64) {
        number = exchange.number
        isEarlier = false
        content = CapturedExchange(
            row: CaptureRow(
                exchange: exchange,
                unixNanoseconds: unixNanoseconds,
                replay: exchange.replayOf == nil ? nil : ReplayFacts(batch: exchange.batch)
            )
        )
    }

    /// An exchange of an earlier run, which is saved.
    init(earlier content: CapturedExchange) {
        number = content.number
        self.content = content
        isEarlier = true
        isJudged = true
        savedRow = content.row.hashValue
    }

    var exchange: Exchange { content.row.exchange }
    var isMarked: Bool { content.row.isMarked }
    var isClearable: Bool { !isMarked && exchange.state.isOver }
    var bodyBytes: Int { content.requestBody.bytes.count + content.responseBody.bytes.count }

    /// Adds content by copying it. Keeping the tunnel's own array would stop the tunnel from reusing memory that is
    /// still in the CPU cache.
    func add(_ piece: ExchangeContent, bodyLimit: Int) {
        switch piece {
        case .requestHead(let received, let sent):
            content.requestHead = Array(exactCopyOf: received)
            content.sentRequestHead = sent.map { Array(exactCopyOf: $0) }
        case .requestEdited(let head, let body):
            content.sentRequestHead = Array(exactCopyOf: head)
            content.row.signature = nil
            content.requestBody = CapturedBody()
            content.requestBody.append(.bytes(body), limit: bodyLimit)
            searchedBytes = 0
        case .interimHead(let head):
            guard content.interimHeads.count < CaptureLimits.interimHeads else { return }
            content.interimHeads.append(Array(exactCopyOf: head))
        case .responseHead(let head):
            content.responseHead = Array(exactCopyOf: head)
            isEventStream = Self.isEventStream(head)
            content.row.responseType = HeadFields.mediaType(head).map { String(decoding: $0, as: UTF8.self) }
        case .requestBody(let bytes):
            content.requestBody.append(bytes, limit: bodyLimit)
        case .responseBody(let bytes, let time):
            content.responseBody.append(bytes, limit: bodyLimit)
            if isEventStream { addPiece(false, time) }
        case .opaque(let isFromVisitor, let time):
            addPiece(isFromVisitor, time)
        }
    }

    /// The times of server-sent events are those of their pieces.
    private static func isEventStream(_ head: [UInt8]) -> Bool {
        guard head.contains(ignoringCase: eventStream) else { return false }
        return BodyDescription(head: head).mediaType?.name.utf8.elementsEqual(eventStream) ?? false
    }

    private static let eventStream = Array("text/event-stream".utf8)

    private func addPiece(_ isFromVisitor: Bool, _ time: NIODeadline) {
        let end = UInt32(clamping: (isFromVisitor ? content.requestBody : content.responseBody).bytes.count)
        // Only kept bytes need a piece.
        let start = isFromVisitor ? visitorEnd : targetEnd
        guard end > start, content.pieces.count < OpaquePiece.limit else { return }
        if isFromVisitor { visitorEnd = end } else { targetEnd = end }
        content.pieces.append(OpaquePiece(time: time, end: end, isFromVisitor: isFromVisitor))
    }

    /// The memory cost in bytes: the storage with allocator overhead, and the table entries, counted twice because a
    /// table may have as many spare ones.
    var size: Int {
        var size = Self.rowSize + content.interimHeads.reduce(0) { $0 + Self.size(of: $1) }
        size += Self.size(of: exchange.method) + Self.size(of: exchange.target)
        size += Self.size(of: content.requestHead) + Self.size(of: content.sentRequestHead)
        size += Self.size(of: content.responseHead) + Self.size(of: content.interimHeads.isEmpty ? nil : [0])
        size += Self.size(of: content.row)
        if !content.pieces.isEmpty { size += content.pieces.capacity * MemoryLayout<OpaquePiece>.stride + 48 }
        return size + Self.size(of: content.requestBody.bytes) + Self.size(of: content.responseBody.bytes)
    }

    private static let rowSize = {
        let stored = MemoryLayout<CapturedExchange>.stride + 4 * MemoryLayout<Int>.stride
        let tables = 2 * (MemoryLayout<UInt64>.stride + MemoryLayout<CaptureRecord>.stride)
        return stored + tables + 32
    }()

    private static func size(of row: CaptureRow) -> Int {
        func bytes(_ text: String?) -> Int {
            // Up to 15 bytes stand in the row itself.
            text.map { $0.utf8.count > 15 ? $0.utf8.count + 48 : 0 } ?? 0
        }
        let texts = [row.delivery?.event, row.delivery?.id, row.responseType, row.replay?.edit, row.signature?.place]
        var size = texts.reduce(0) { $0 + bytes($1) }
        if row.delivery?.id != nil { size += DeliveryTable.entrySize }
        if row.replay != nil { size += ReplayFamilies.replaySize }
        return size
    }

    /// An array has a header of 32 bytes, and an allocation costs about 16.
    private static func size(of bytes: [UInt8]?) -> Int {
        guard let bytes, bytes.capacity > 0 else { return 0 }
        return bytes.capacity + 48
    }
}

import NIOCore
import TPoTTraffic
import TPoTWire

/// An exchange with everything that was kept of it.
package struct CapturedExchange: Sendable {
    package var row: CaptureRow
    /// The request's head as the visitor sent it, with the blank line; nil if no request was seen.
    package var requestHead: [UInt8]?
    /// The request's head as the target got it; nil if it is the same.
    package var sentRequestHead: [UInt8]?
    /// The first few 1xx heads, as the target sent them.
    package var interimHeads: [[UInt8]]
    package var responseHead: [UInt8]?
    package var requestBody: CapturedBody
    package var responseBody: CapturedBody
    /// The pieces that passed after an upgrade, in order of arrival over both directions, or those of an answer of type
    /// `text/event-stream`.
    package var pieces: [OpaquePiece]

    package init(
        row: CaptureRow,
        requestHead: [UInt8]? = nil,
        sentRequestHead: [UInt8]? = nil,
        interimHeads: [[UInt8]] = [],
        responseHead: [UInt8]? = nil,
        requestBody: CapturedBody = CapturedBody(),
        responseBody: CapturedBody = CapturedBody(),
        pieces: [OpaquePiece] = []
    ) {
        self.row = row
        self.requestHead = requestHead
        self.sentRequestHead = sentRequestHead
        self.interimHeads = interimHeads
        self.responseHead = responseHead
        self.requestBody = requestBody
        self.responseBody = responseBody
        self.pieces = pieces
    }

    /// A request of which only the head is known. It is not an exchange of a capture, and has the number 0.
    package init(head: [UInt8], from remote: RemoteAddress) {
        var exchange = Exchange(
            number: 0,
            conversation: 0,
            origin: .visitor(id: 0, remote),
            via: ForwardedAddress.find(in: head),
            state: .waitsForHold,
            times: ExchangeTimes(opened: nil, requestBegan: .uptimeNanoseconds(0))
        )
        (exchange.method, exchange.target) = HeadLine.request(head)
        self.init(row: CaptureRow(exchange: exchange, unixNanoseconds: 0), requestHead: head)
    }

    package var exchange: Exchange { row.exchange }
    package var number: UInt64 { row.number }
}

/// The kept beginning of a body, as on the wire, with chunk sizes and trailers.
package struct CapturedBody: Hashable, Sendable {
    package private(set) var bytes: [UInt8] = []
    /// The number of bytes that passed, kept or not.
    package private(set) var count = 0

    package init() {}

    /// A body that was kept whole.
    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
        count = bytes.count
    }

    /// - Parameter count: the number of bytes that passed; never fewer than those kept.
    package init(_ bytes: [UInt8], of count: Int) {
        self.bytes = bytes
        self.count = max(count, bytes.count)
    }

    /// Everything that passed was kept.
    package var isWhole: Bool { bytes.count == count }

    /// Appends a copy of a piece, because a slice would keep its whole receive buffer alive.
    /// After a missing piece nothing more is kept, so the kept bytes are always the beginning.
    mutating func append(_ piece: TrafficBytes, limit: Int) {
        if case .bytes(let buffer) = piece, isWhole, bytes.count < limit {
            let room = limit - bytes.count
            buffer.withUnsafeReadableBytes { piece in
                bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: piece.prefix(room)))
            }
        }
        count += piece.count
    }

    /// Frees the spare capacity of a grown array.
    mutating func trim() {
        if bytes.capacity - bytes.count > 4096 { bytes = Array(exactCopyOf: bytes) }
    }
}

extension Array where Element == UInt8 {
    /// A copy without spare capacity. `Array(array)` would share the storage.
    init(exactCopyOf other: [UInt8]) {
        self.init(unsafeUninitializedCapacity: other.count) { storage, count in
            _ = storage.update(fromContentsOf: other)
            count = other.count
        }
    }
}

/// A piece of uninterpreted traffic after an upgrade, or of a stream of events. The bytes of the two directions are stored
/// separately; the pieces record the order in which they arrived.
package struct OpaquePiece: Hashable, Sendable {
    package var time: NIODeadline
    /// The end of the piece in the kept bytes of its direction.
    package var end: UInt32
    package var isFromVisitor: Bool

    package init(time: NIODeadline, end: UInt32, isFromVisitor: Bool) {
        self.time = time
        self.end = end
        self.isFromVisitor = isFromVisitor
    }

    /// The most pieces of an exchange. Later traffic has no times and no order.
    package static let limit = 16_384
}

import NIOCore
import TPoTTraffic

/// An exchange with all that was kept of it.
package struct CapturedExchange: Sendable {
    package var row: CaptureRow
    /// As the visitor sent it, with the blank line; nil when no request was seen.
    package var requestHead: [UInt8]?
    /// As the target got it, where that differs.
    package var sentRequestHead: [UInt8]?
    /// The first of the 1xx heads, as the target sent them.
    package var interimHeads: [[UInt8]]
    package var responseHead: [UInt8]?
    package var requestBody: CapturedBody
    package var responseBody: CapturedBody
    /// Of what passed after an upgrade: the order of both directions.
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

    package var exchange: Exchange { row.exchange }
    package var number: UInt64 { row.number }
}

/// An exchange as a list shows it.
package struct CaptureRow: Hashable, Sendable {
    package var exchange: Exchange
    /// When the request came, in nanoseconds since 1970 (UTC).
    package var unixNanoseconds: Int64
    /// Never evicted.
    package var isMarked: Bool

    package var number: UInt64 { exchange.number }
}

/// What was kept of a body: its beginning, as on the wire, with chunk sizes and trailers.
package struct CapturedBody: Hashable, Sendable {
    package private(set) var bytes: [UInt8] = []
    /// Bytes that passed, kept or not.
    package private(set) var count = 0

    package init() {}

    /// A body that is there whole.
    package init(_ bytes: [UInt8]) {
        self.bytes = bytes
        count = bytes.count
    }

    /// Everything that passed was kept.
    package var isWhole: Bool { bytes.count == count }

    /// Takes over what came, by copy: a slice would keep its whole receive buffer alive. Once something is missing
    /// nothing is added any more: what is kept is always the beginning.
    mutating func append(_ piece: TrafficBytes, limit: Int) {
        if case .bytes(let buffer) = piece, isWhole, bytes.count < limit {
            let room = limit - bytes.count
            buffer.withUnsafeReadableBytes { piece in
                bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: piece.prefix(room)))
            }
        }
        count += piece.count
    }

    /// Gives back what an array that grew has in reserve.
    mutating func trim() {
        if bytes.capacity - bytes.count > 4096 { bytes = Array(exactCopyOf: bytes) }
    }
}

extension Array where Element == UInt8 {
    /// A copy with no more room than it needs; `Array(array)` would share the storage.
    init(exactCopyOf other: [UInt8]) {
        self.init(unsafeUninitializedCapacity: other.count) { storage, count in
            _ = storage.update(fromContentsOf: other)
            count = other.count
        }
    }
}

/// A stretch of what passed uninterpreted, after an upgrade: the two directions are kept apart, these say in which order
/// they came.
package struct OpaquePiece: Hashable, Sendable {
    package var time: NIODeadline
    /// Where it ends in what was kept of its direction.
    package var end: UInt32
    package var isFromVisitor: Bool

    /// Pieces of an exchange that are kept; what comes later has no time and no order any more.
    static let limit = 16_384
}

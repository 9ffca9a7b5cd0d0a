import NIOCore
import TPoTCapture

/// Writes rows of the table `contents` and reads them back.
enum ContentColumns {
    /// An exchange that is over gets no more content, so a row is written once.
    static let insertion = """
        INSERT OR IGNORE INTO contents (number, requestHead, sentRequestHead, interimHeads, responseHead, requestBody,
            requestBytes, responseBody, responseBytes, pieces)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """

    static let selection =
        "contents.requestHead, contents.sentRequestHead, contents.interimHeads, contents.responseHead, "
        + "contents.requestBody, contents.requestBytes, contents.responseBody, contents.responseBytes, contents.pieces"

    static func bind(_ content: CapturedExchange, to statement: Statement) throws(HistoryError) {
        let began = content.exchange.times.requestBegan
        try statement.bind(1, Int64(bitPattern: content.number))
        try statement.bind(2, blob: content.requestHead)
        try statement.bind(3, blob: content.sentRequestHead)
        try statement.bind(4, blob: content.interimHeads.isEmpty ? nil : coded(content.interimHeads))
        try statement.bind(5, blob: content.responseHead)
        try statement.bind(6, blob: content.requestBody.bytes.isEmpty ? nil : content.requestBody.bytes)
        try statement.bind(7, Int64(content.requestBody.count))
        try statement.bind(8, blob: content.responseBody.bytes.isEmpty ? nil : content.responseBody.bytes)
        try statement.bind(9, Int64(content.responseBody.count))
        try statement.bind(10, blob: content.pieces.isEmpty ? nil : coded(content.pieces, since: began))
    }

    /// - Parameter first: the place of the first of the columns of ``selection``.
    static func content(_ statement: Statement, from first: Int32, _ row: CaptureRow) -> CapturedExchange {
        var content = CapturedExchange(
            row: row,
            requestHead: statement.optionalBytes(first),
            sentRequestHead: statement.optionalBytes(first + 1),
            interimHeads: heads(statement.bytes(first + 2)),
            responseHead: statement.optionalBytes(first + 3),
            requestBody: CapturedBody(statement.bytes(first + 4), of: statement.count(first + 5)),
            responseBody: CapturedBody(statement.bytes(first + 6), of: statement.count(first + 7))
        )
        content.pieces = pieces(statement.bytes(first + 8), of: content)
        return content
    }

    // MARK: Heads one after the other, each behind its length

    private static func coded(_ heads: [[UInt8]]) -> [UInt8] {
        var buffer = ByteBuffer()
        for head in heads {
            buffer.writeInteger(UInt32(clamping: head.count))
            buffer.writeBytes(head)
        }
        return Array(buffer: buffer)
    }

    private static func heads(_ bytes: [UInt8]) -> [[UInt8]] {
        var buffer = ByteBuffer(bytes: bytes)
        var heads: [[UInt8]] = []
        while let length = buffer.readInteger(as: UInt32.self), let head = buffer.readBytes(length: Int(length)) {
            heads.append(head)
        }
        return heads
    }

    // MARK: Pieces: the time since the request, the end, and 1 for those from the visitor

    private static func coded(_ pieces: [OpaquePiece], since began: NIODeadline) -> [UInt8] {
        var buffer = ByteBuffer()
        for piece in pieces {
            buffer.writeInteger((piece.time - began).nanoseconds)
            buffer.writeInteger(piece.end)
            buffer.writeInteger(UInt8(piece.isFromVisitor ? 1 : 0))
        }
        return Array(buffer: buffer)
    }

    /// Reads as far as the pieces fit the bodies: a damaged file must not lead outside of them.
    private static func pieces(_ bytes: [UInt8], of content: CapturedExchange) -> [OpaquePiece] {
        let began = content.exchange.times.requestBegan
        var buffer = ByteBuffer(bytes: bytes)
        var pieces: [OpaquePiece] = []
        var (visitorEnd, targetEnd): (UInt32, UInt32) = (0, 0)
        while let (time, end, side) = buffer.readMultipleIntegers(as: (Int64, UInt32, UInt8).self) {
            let isFromVisitor = side == 1
            let body = isFromVisitor ? content.requestBody : content.responseBody
            guard end >= (isFromVisitor ? visitorEnd : targetEnd), Int(end) <= body.bytes.count else { break }
            if isFromVisitor { visitorEnd = end } else { targetEnd = end }
            let time = began + .nanoseconds(min(max(time, 0), 1 << 60))
            pieces.append(OpaquePiece(time: time, end: end, isFromVisitor: isFromVisitor))
        }
        return pieces
    }
}

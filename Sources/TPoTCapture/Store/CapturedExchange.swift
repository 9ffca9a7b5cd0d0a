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

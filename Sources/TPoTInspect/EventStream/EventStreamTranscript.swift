import NIOCore
import TPoTCapture
import TPoTWire

/// One event of `text/event-stream`.
package struct ServerSentEvent: Sendable {
    /// When its last byte came; nil if that is not known.
    package fileprivate(set) var time: NIODeadline?
    /// The fields `event` and `id`; nil if the event has none.
    package fileprivate(set) var name: String?
    package fileprivate(set) var id: String?
    /// The lines of `data`, safe for a terminal.
    package fileprivate(set) var data: [BodyLine] = []
    /// Comments, `retry`, and what is no known field, safe for a terminal.
    package fileprivate(set) var remarks: [String] = []
    /// The blank line after it came.
    package fileprivate(set) var isComplete = false
}

/// The events of an answer of type `text/event-stream` (HTML, 9.2.5 and 9.2.6).
package struct EventStreamTranscript: Sendable {
    package private(set) var events: [ServerSentEvent] = []
    /// Why the transcript is incomplete, for the user.
    package private(set) var notes: [String] = []

    /// The most events, and the most lines of one.
    package static let eventLimit = 10_000
    private static let lineLimit = 200
    private static let typeName = "text/event-stream"

    /// Nil if the answer is of another type, is still coded, or has no event.
    package init?(_ exchange: CapturedExchange) {
        let description = BodyDescription(head: exchange.responseHead)
        guard description.mediaType?.name == Self.typeName, !exchange.exchange.isOpaque else { return nil }
        let decoded = DecodedBody(exchange.responseBody, description, limit: DecodedBody.limit)
        guard !decoded.isStillCoded else { return nil }
        var clock = Clock(exchange, description)
        read(decoded.bytes, &clock)
        guard !events.isEmpty else { return nil }
        if !clock.isKnown { notes.append("the times of compressed events are not known") }
    }

    private mutating func read(_ bytes: [UInt8], _ clock: inout Clock) {
        var start = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
        var event = ServerSentEvent()
        var isEmpty = true
        while start < bytes.count {
            let (end, next) = Self.line(bytes, from: start)
            let line = bytes[start..<end]
            start = next
            guard !line.isEmpty else {
                guard !isEmpty else { continue }
                guard events.count < Self.eventLimit else {
                    notes.append("only the first \(Self.eventLimit) events are shown")
                    return
                }
                event.isComplete = true
                event.time = clock.time(ofByteBefore: next)
                events.append(event)
                (event, isEmpty) = (ServerSentEvent(), true)
                continue
            }
            isEmpty = false
            Self.add(line, to: &event)
        }
        guard !isEmpty, events.count < Self.eventLimit else { return }
        event.time = clock.time(ofByteBefore: bytes.count)
        events.append(event)
    }

    /// A line ends with CR, LF or both.
    private static func line(_ bytes: [UInt8], from start: Int) -> (end: Int, next: Int) {
        guard let end = bytes[start...].firstIndex(where: { $0 == 0x0a || $0 == 0x0d }) else {
            return (bytes.count, bytes.count)
        }
        let hasBoth = bytes[end] == 0x0d && end + 1 < bytes.count && bytes[end + 1] == 0x0a
        return (end, hasBoth ? end + 2 : end + 1)
    }

    private static func add(_ line: ArraySlice<UInt8>, to event: inout ServerSentEvent) {
        let colon = line.firstIndex(of: UInt8(ascii: ":"))
        var value = colon.map { line[($0 + 1)...] } ?? []
        if value.first == 0x20 { value = value.dropFirst() }
        switch String(decoding: line[..<(colon ?? line.endIndex)], as: UTF8.self) {
        case "data":
            guard event.data.count < lineLimit else { return more(&event.data) }
            event.data += lines(value)
        case "event": event.name = VisibleText.text(value, limit: 60)
        case "id": event.id = VisibleText.text(value, limit: 60)
        case "": event.remarks.append(VisibleText.text(value, limit: 200))
        default: event.remarks.append(VisibleText.text(line, limit: 200))
        }
        if event.remarks.count > lineLimit { event.remarks.removeLast() }
    }

    /// A value has one line, which may be longer than a screen takes.
    private static func lines(_ value: ArraySlice<UInt8>) -> [BodyLine] {
        guard !value.isEmpty else { return [BodyLine([])] }
        let first = value.first { $0 != 0x20 && $0 != 0x09 }
        let isJSON = first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
        let table = LineTable(Array(value))
        return (0..<min(table.count, lineLimit)).map { index in
            isJSON ? JSONLineStyle.styled(table[index], decodesEscapes: true) : BodyLine(VisibleText.text(table[index]))
        }
    }

    private static func more(_ lines: inout [BodyLine]) {
        let note = BodyLine("… more lines: b shows all", .note)
        if lines.last != note { lines.append(note) }
    }

    /// Says when a byte of the decoded body came. Calls must be in ascending order.
    private struct Clock {
        private let pieces: [OpaquePiece]
        private let places: [ChunkedBody.Place]
        /// Bytes of a compressed body cannot be found in the pieces.
        let isKnown: Bool
        private var piece = 0
        private var place = 0

        init(_ exchange: CapturedExchange, _ description: BodyDescription) {
            isKnown = description.contentCodings.isEmpty && description.transferCodings.count <= 1
            pieces = exchange.pieces.filter { !$0.isFromVisitor }
            places =
                description.isChunked && isKnown
                ? ChunkedBody(exchange.responseBody.bytes, notesPlaces: true).places : []
        }

        /// Nil for a byte that came after the most pieces that are kept.
        mutating func time(ofByteBefore end: Int) -> NIODeadline? {
            guard isKnown else { return nil }
            while place + 1 < places.count, places[place + 1].data < end { place += 1 }
            let wire = places.indices.contains(place) ? end - places[place].data + places[place].wire : end
            while piece < pieces.count, Int(pieces[piece].end) < wire { piece += 1 }
            return piece < pieces.count ? pieces[piece].time : nil
        }
    }
}

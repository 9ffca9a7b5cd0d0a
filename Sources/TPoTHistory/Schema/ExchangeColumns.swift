import NIOCore
import TPoTCapture
import TPoTTraffic
import TPoTWire

/// Writes rows of the table `exchanges` and reads them back.
enum ExchangeColumns {
    /// Bits of the column `flags`.
    private struct Flags: OptionSet {
        let rawValue: Int64

        static let isOpaque = Flags(rawValue: 1)
        static let isEdited = Flags(rawValue: 2)
        static let neededConnection = Flags(rawValue: 4)
        /// The beginning of the conversation was lost, so nothing is known of who sent the request.
        static let hasNoOrigin = Flags(rawValue: 8)
    }

    static let names = [
        "number", "run", "arrived", "conversation", "remote", "address", "port", "via", "method", "target", "status",
        "outcome", "reason", "took", "bytesIn", "bytesOut", "flags", "sender", "event", "delivery", "signature",
        "signed", "repetition", "responseType", "replayOf", "batch", "edit", "verdict", "isFixed", "isMarked", "opened",
        "held", "connected", "requestEnded", "responseBegan", "responseEnded", "visitorHalfClosed", "waitedForVisitor",
        "waitedForTarget", "ended",
    ]

    /// What may still change when an exchange is over.
    private static let changing = [
        "sender", "event", "delivery", "signature", "signed", "repetition", "responseType", "batch", "edit", "verdict",
        "isFixed", "isMarked",
    ]

    /// Writes a row. Of one that is there already, only what may have changed: its run stays, for example.
    static let insertion =
        "INSERT INTO exchanges (\(names.joined(separator: ", "))) "
        + "VALUES (\(names.map { _ in "?" }.joined(separator: ", "))) ON CONFLICT (number) DO UPDATE SET "
        + changing.map { "\($0) = excluded.\($0)" }.joined(separator: ", ")

    /// The columns in the order in which ``row(_:)`` reads them.
    static let selection = names.map { "exchanges.\($0)" }.joined(separator: ", ")

    /// When a restored exchange arrived, in monotonic time. That time is not known across runs: only what lies between
    /// the times of one exchange has a meaning. It is so large that no time before it is negative.
    private static let arrival = NIODeadline.uptimeNanoseconds(1 << 61)

    static func bind(_ row: CaptureRow, run: Int64, to statement: Statement) throws(HistoryError) {
        let exchange = row.exchange
        let times = exchange.times
        let state = StoredState(exchange.state)
        func since(_ time: NIODeadline?) -> Int64? { time.map { ($0 - times.requestBegan).nanoseconds } }
        var flags: Flags = []
        if exchange.isOpaque { flags.insert(.isOpaque) }
        if exchange.isEdited { flags.insert(.isEdited) }
        if times.neededConnection { flags.insert(.neededConnection) }
        if exchange.origin == nil { flags.insert(.hasNoOrigin) }
        var place: Int32 = 0
        func next() -> Int32 {
            place += 1
            return place
        }
        try statement.bind(next(), Int64(bitPattern: row.number))
        try statement.bind(next(), run)
        try statement.bind(next(), row.unixNanoseconds)
        try statement.bind(next(), Int64(bitPattern: exchange.conversation))
        try statement.bind(next(), exchange.remote?.description)
        try statement.bind(next(), blob: exchange.remote?.octets)
        try statement.bind(next(), exchange.remote.map { Int64($0.port) })
        try statement.bind(next(), exchange.via)
        try statement.bind(next(), text: exchange.method)
        try statement.bind(next(), text: exchange.target)
        try statement.bind(next(), exchange.status.map(Int64.init))
        try statement.bind(next(), state.word)
        try statement.bind(next(), state.reason)
        try statement.bind(next(), times.ended.map { times.taken(at: $0).nanoseconds })
        try statement.bind(next(), Int64(exchange.bytesIn))
        try statement.bind(next(), Int64(exchange.bytesOut))
        try statement.bind(next(), flags.rawValue)
        try statement.bind(next(), row.delivery?.sender)
        try statement.bind(next(), row.delivery?.event)
        try statement.bind(next(), row.delivery?.id)
        try statement.bind(next(), row.delivery?.signature?.rawValue)
        try statement.bind(next(), row.signature?.stored)
        try statement.bind(next(), Int64(row.repetition))
        try statement.bind(next(), row.responseType)
        try statement.bind(next(), exchange.replayOf.map { Int64(bitPattern: $0) })
        try statement.bind(next(), row.replay?.batch.map { Int64(bitPattern: $0) })
        try statement.bind(next(), row.replay?.edit)
        try statement.bind(next(), row.replay?.verdict?.word)
        try statement.bind(next(), row.isFixed ? 1 : 0)
        try statement.bind(next(), row.isMarked ? 1 : 0)
        try statement.bind(next(), since(times.opened))
        try statement.bind(next(), times.held.nanoseconds)
        try statement.bind(next(), since(times.connected))
        try statement.bind(next(), since(times.requestEnded))
        try statement.bind(next(), since(times.responseBegan))
        try statement.bind(next(), since(times.responseEnded))
        try statement.bind(next(), since(times.visitorHalfClosed))
        try statement.bind(next(), times.waitedForVisitor.nanoseconds)
        try statement.bind(next(), times.waitedForTarget.nanoseconds)
        try statement.bind(next(), since(times.ended))
    }

    /// The row that the statement stands on. Numbers that a damaged file may have are brought into the range in which
    /// others calculate with them.
    static func row(_ statement: Statement) -> CaptureRow {
        var place: Int32 = -1
        func next() -> Int32 {
            place += 1
            return place
        }
        func number() -> UInt64 { UInt64(clamping: statement.integer(next())) }
        func optionalNumber() -> UInt64? { statement.optionalInteger(next()).map { UInt64(clamping: $0) } }
        func count() -> Int { statement.count(next()) }
        func text() -> String? { statement.text(next()) }
        func time() -> NIODeadline? {
            statement.optionalInteger(next()).map { arrival + .nanoseconds(min(max($0, -1 << 60), 1 << 60)) }
        }
        func span() -> TimeAmount { .nanoseconds(min(max(statement.integer(next()), 0), 1 << 60)) }

        let id = number()
        _ = next()  // The run.
        let unixNanoseconds = statement.time(next()) ?? 0
        let conversation = number()
        _ = next()  // The remote address as text, for searches.
        let address = statement.optionalBytes(next())
        let port = UInt16(truncatingIfNeeded: statement.integer(next()))
        let via = text()
        let method = statement.bytes(next())
        let target = statement.bytes(next())
        let status = statement.optionalInteger(next()).map { Int(min(max($0, 0), 999)) }
        let state = StoredState(word: text() ?? "", reason: text()).state
        _ = next()  // How long it took, for searches.
        let (bytesIn, bytesOut) = (count(), count())
        let flags = Flags(rawValue: statement.integer(next()))
        let delivery = Delivery(
            sender: text(),
            event: text(),
            id: text(),
            signature: text().flatMap(SignatureScheme.init)
        )
        let signature = text().flatMap(SignatureVerdict.init(stored:))
        let repetition = count()
        let responseType = text()
        let replayOf = optionalNumber()
        let facts = ReplayFacts(batch: optionalNumber(), edit: text(), verdict: text().flatMap(ReplayVerdict.init))
        let (isFixed, isMarked) = (count() != 0, count() != 0)

        var times = ExchangeTimes(opened: time(), requestBegan: arrival)
        times.held = span()
        times.connected = time()
        times.neededConnection = flags.contains(.neededConnection)
        times.requestEnded = time()
        times.responseBegan = time()
        times.responseEnded = time()
        times.visitorHalfClosed = time()
        times.waitedForVisitor = span()
        times.waitedForTarget = span()
        times.ended = time()

        let origin: ConversationOrigin? =
            if let replayOf {
                .replay(of: replayOf, batch: facts.batch)
            } else if flags.contains(.hasNoOrigin) {
                nil
            } else {
                .visitor(id: 0, RemoteAddress(octets: address ?? [], port: port))
            }
        var exchange = Exchange(
            number: id,
            conversation: conversation,
            origin: origin,
            via: via,
            state: state,
            times: times
        )
        exchange.method = method
        exchange.target = target
        exchange.status = status
        exchange.bytesIn = bytesIn
        exchange.bytesOut = bytesOut
        exchange.isOpaque = flags.contains(.isOpaque)
        exchange.isEdited = flags.contains(.isEdited)
        var row = CaptureRow(
            exchange: exchange,
            unixNanoseconds: unixNanoseconds,
            isMarked: isMarked,
            delivery: delivery,
            repetition: repetition,
            responseType: responseType,
            replay: replayOf == nil ? nil : facts
        )
        row.isFixed = isFixed
        row.signature = signature
        return row
    }
}

extension RemoteAddress {
    /// Four octets, or sixteen.
    fileprivate var octets: [UInt8] {
        func octets(_ value: some FixedWidthInteger) -> [UInt8] {
            withUnsafeBytes(of: value.bigEndian) { Array($0) }
        }
        guard let ip6 else { return octets(ip) }
        return octets(ip6.high) + octets(ip6.low)
    }

    fileprivate init(octets: [UInt8], port: UInt16) {
        func number(_ octets: ArraySlice<UInt8>) -> UInt64 { octets.reduce(0) { $0 << 8 | UInt64($1) } }
        if octets.count == 16 {
            self.init(ip6: IPv6Octets(high: number(octets[..<8]), low: number(octets[8...])), port: port)
        } else {
            self.init(ip: UInt32(truncatingIfNeeded: number(octets.prefix(4))), port: port)
        }
    }
}

import NIOCore
import TPoTTraffic

// Exchanges of earlier runs stand in the list below those of this run, under a line of their own.
extension CaptureState {
    /// The part of the memory that exchanges of earlier runs may fill.
    private static let earlierShare = 2

    /// Adds exchanges of earlier runs. Those that are kept already stay as they are.
    /// - Returns: whether there is room for more of them.
    mutating func addEarlier(_ contents: [CapturedExchange], _ now: TrafficClock.Reading) -> Bool {
        guard let line = earlierLine else { return false }
        for content in contents where content.number < line && content.exchange.state.isOver {
            guard bytes < limits.memoryBytes / Self.earlierShare else { return false }
            guard records[content.number] == nil else { continue }
            add(CaptureRecord(earlier: content.moved(to: now)))
            families.addLine(line)
        }
        return bytes < limits.memoryBytes / Self.earlierShare
    }

    private mutating func add(_ record: CaptureRecord) {
        records.insert(record)
        record.countedSize = record.size
        bytes += record.countedSize
        if record.isMarked { marked += 1 }
        newest = max(newest, record.number)
        let adopted = families.insert(record.exchange) { records[$0] != nil }
        index?.insert(record, adopted, families)
        bodyIndex?.insert(record, adopted, families)
        sortableVersion += 1
    }
}

extension CaptureStore {
    /// Adds exchanges of earlier runs, which are over and are saved. Those that are kept already, and those with larger
    /// numbers than ``CaptureStore/init(limits:clock:meaning:background:numbers:earlierLine:isOnlyForSaving:)`` was given,
    /// are left out.
    ///
    /// They count neither among this run's requests nor among its failures, and are the first to be evicted.
    /// - Returns: whether there is room for more: they may fill half of the memory.
    @discardableResult
    package func addEarlier(_ contents: [CapturedExchange]) -> Bool {
        let now = clock.read()
        var hasRoom = true
        // One at a time, so that readers never wait long.
        for content in contents where hasRoom {
            hasRoom = withState { $0.addEarlier([content], now) }
        }
        withState { $0.version += 1 }
        startWork()
        return hasRoom
    }
}

extension CapturedExchange {
    /// The exchange with monotonic times of this run. What happened before this machine started is at the beginning of
    /// its clock, and only its durations have a meaning.
    fileprivate func moved(to now: TrafficClock.Reading) -> CapturedExchange {
        let age = max(0, now.unixNanoseconds.subtractingReportingOverflow(row.unixNanoseconds).partialValue)
        let began = NIODeadline.uptimeNanoseconds(
            now.monotonic.uptimeNanoseconds - min(now.monotonic.uptimeNanoseconds, UInt64(age))
        )
        var content = self
        // A conversation of this run may have the same number.
        content.row.exchange.conversation = 0
        content.row.exchange.times.move(to: began)
        let old = exchange.times.requestBegan
        content.pieces = pieces.map { piece in
            OpaquePiece(time: began.later(by: piece.time - old), end: piece.end, isFromVisitor: piece.isFromVisitor)
        }
        return content
    }
}

extension ExchangeTimes {
    /// Moves all times so that the request begins at `time`.
    mutating func move(to time: NIODeadline) {
        let old = requestBegan
        func moved(_ deadline: NIODeadline?) -> NIODeadline? { deadline.map { time.later(by: $0 - old) } }
        requestBegan = time
        opened = moved(opened)
        heldSince = moved(heldSince)
        connected = moved(connected)
        requestEnded = moved(requestEnded)
        responseBegan = moved(responseBegan)
        responseEnded = moved(responseEnded)
        visitorHalfClosed = moved(visitorHalfClosed)
        ended = moved(ended)
    }
}

extension NIODeadline {
    /// Not before the beginning of the clock, nor after its end.
    fileprivate func later(by amount: TimeAmount) -> NIODeadline {
        let time = Int64(clamping: uptimeNanoseconds).addingReportingOverflow(amount.nanoseconds)
        return .uptimeNanoseconds(time.overflow ? uptimeNanoseconds : UInt64(max(0, time.partialValue)))
    }
}

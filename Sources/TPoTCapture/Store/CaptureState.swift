import DequeModule
import NIOCore
import TPoTTraffic

/// The state of a ``CaptureStore``, guarded by its lock.
struct CaptureState: Sendable {
    let limits: CaptureLimits
    var assembler: ExchangeAssembler
    var records = RecordTable()
    var conversations = ConversationList()
    var meter = TrafficMeter()
    var tunnel = TunnelSnapshot()
    /// The list of the filter that was asked for last; nil if that was all.
    var index: FilterIndex?
    /// The list before this filter, shown until the search has found something or has looked at some of them.
    var former: Deque<UInt64>?
    /// What the filter's words would find in bodies, looked for if they find nothing else.
    var bodyIndex: FilterIndex?
    var sorted: SortedList?
    /// The order that was asked for last, unless it is that of arrival.
    var wantedOrder: SortedList.Request?
    var families = ReplayFamilies()
    private var deliveries = DeliveryTable()
    /// Exchanges whose meaning the background is to find out, the oldest first.
    var queue: Deque<UInt64> = []
    /// A piece of background work is scheduled or running.
    var isWorking = false
    /// What is to be saved; nil if nothing is.
    var unsaved: UnsavedExchanges?
    /// Exchanges that ended since they were told; nil if nobody asks.
    var finished: [Exchange]?
    /// What was taken last to be saved, for a store that is only there for that.
    var lastSaved: [CapturedExchange] = []
    var lastIndex: UInt64 = 0
    var failing = 0
    var bytes = 0
    var marked = 0
    var evicted = 0
    var lost = 0
    /// Exchanges that ended and did not go well, kept or not. Replays do not count.
    var failed = 0
    var newest: UInt64 = 0
    /// Exchanges that have begun, kept or not. Their numbers may have gaps.
    var begun = 0
    var version: UInt64 = 1
    /// Changes when rows do.
    var sortableVersion: UInt64 = 1
    /// The records that changed since they were last matched and counted.
    private var changed: [CaptureRecord] = []
    /// Marked exchanges fill the memory, so no bodies are kept until there is room.
    var isFull = false

    /// The bytes of a request's body after which its meaning can be told.
    let deliveryBytes: Int
    /// The schemes of signatures that can be checked.
    let signatureSchemes: Set<SignatureScheme>
    /// Whether exchanges are left out while too many wait to be saved.
    let isOnlyForSaving: Bool
    /// A number between those of earlier runs and those of this one. It stands for the line between them.
    let earlierLine: UInt64?

    init(
        limits: CaptureLimits,
        deliveryBytes: Int,
        signatureSchemes: Set<SignatureScheme> = [],
        numbers: ExchangeNumbers,
        earlierLine: UInt64? = nil,
        isOnlyForSaving: Bool = false
    ) {
        self.earlierLine = earlierLine
        self.isOnlyForSaving = isOnlyForSaving
        self.limits = limits
        self.deliveryBytes = deliveryBytes
        self.signatureSchemes = signatureSchemes
        assembler = ExchangeAssembler(numbers: numbers)
    }

    mutating func consume(
        _ events: ArraySlice<TrafficEvent>,
        _ clock: TrafficClock.Reading,
        _ observer: inout some CaptureObserver
    ) {
        guard !events.isEmpty else { return }
        // The assembler is swapped out, not copied, so that its updates can change the rest of the state.
        var assembler = ExchangeAssembler()
        swap(&assembler, &self.assembler)
        for index in events.indices {
            let event = events[index]
            if case .tunnel(let status) = event.kind { tunnel.consume(status, at: event.time) }
            meter.add(event.kind.passedBytes)
            observer.begin(event)
            assembler.take(event) { update in
                take(update, clock)
                observer.take(update, of: event)
            }
            observer.end(event)
        }
        assembler.reportChanges { take($0, clock) }
        swap(&assembler, &self.assembler)
        settle()
        version += 1
    }

    private mutating func take(_ update: ExchangeUpdate, _ clock: TrafficClock.Reading) {
        switch update {
        case .opened(let row):
            conversations.add(row)
        case .closed(let row):
            conversations.close(row)
        case .began(let exchange):
            newest = exchange.number
            begun += 1
            if isOnlyForSaving, unsaved?.isBehind == true {
                unsaved?.noteShed()
                return
            }
            meter.noteBegin(exchange)
            let time = clock.unixNanoseconds(at: exchange.times.requestBegan)
            let record = CaptureRecord(exchange, unixNanoseconds: time)
            records.append(record)
            families.add(exchange) { records[$0] != nil }
            noteChange(record)
        case .content(let number, let content):
            records[number]?.add(content, bodyLimit: isFull ? 0 : limits.bodyBytes)
        case .changed(let exchange):
            replace(exchange)
        case .finished(let exchange):
            if exchange.isFailed, exchange.replayOf == nil { failed += 1 }
            finished?.append(exchange)
            meter.noteFinish(exchange) { records[exchange.number]?.content.responseHead }
            let record = replace(exchange)
            record?.content.requestBody.trim()
            record?.content.responseBody.trim()
        }
    }

    @discardableResult
    private mutating func replace(_ exchange: Exchange) -> CaptureRecord? {
        guard let record = records[exchange.number] else { return nil }
        record.content.row.exchange = exchange
        noteChange(record)
        return record
    }

    mutating func noteChange(_ record: CaptureRecord) {
        guard !record.isChanged else { return }
        record.isChanged = true
        changed.append(record)
    }

    /// Counts and matches the changed records, once for many events, and makes room.
    mutating func settle() {
        if !changed.isEmpty { sortableVersion += 1 }
        for record in changed {
            record.isChanged = false
            record.changes &+= 1
            // Removed since it changed.
            guard records[record.number] === record else { continue }
            let size = record.size
            bytes += size - record.countedSize
            record.countedSize = size
            count(record)
            index?.update(record, families)
            bodyIndex?.update(record, families)
            askForMeaning(of: record)
            unsaved?.note(record, among: records)
        }
        changed.removeAll(keepingCapacity: true)
        if bytes > limits.memoryBytes { evict() }
    }
}

// MARK: - Counting

extension CaptureState {
    /// Counts a record among the failures, and in the second in which it came.
    private mutating func count(_ record: CaptureRecord) {
        guard !record.isEarlier else { return }
        let isFailing = record.content.row.isFailing
        if isFailing != record.countsAsFailing { failing += isFailing ? 1 : -1 }
        record.countsAsFailing = isFailing
        let rate = record.exchange.rate
        guard rate != record.rate else { return }
        meter.move(record.exchange, from: record.rate, to: rate)
        record.rate = rate
    }

    /// Forgets a record that is being removed.
    mutating func discount(_ record: CaptureRecord) {
        if record.countsAsFailing { failing -= 1 }
        record.countsAsFailing = false
        // A delivery that comes again is recognised also if the first one is saved and forgotten.
        guard !record.isEarlier, !isOnlyForSaving else { return }
        if let delivery = record.content.row.delivery, record.exchange.replayOf == nil { deliveries.remove(delivery) }
    }

    /// Writes down who sent a request, and whether this delivery came before.
    mutating func note(_ delivery: Delivery, of record: CaptureRecord) {
        guard record.content.row.delivery == nil else { return }
        record.content.row.delivery = delivery
        // Those of earlier runs are asked for in any order.
        guard !record.isEarlier else { return noteChange(record) }
        record.content.row.repetition = record.exchange.replayOf == nil ? deliveries.add(delivery) : 1
        noteChange(record)
    }
}

extension Exchange {
    /// Where the meter counts it.
    fileprivate var rate: WritableKeyPath<StatusRate, Int> & Sendable {
        switch state {
        case .aborted(.eventsLost): return \.unanswered
        case .aborted: return \.failed
        default: break
        }
        switch visitorStatus {
        case nil: return state == .finished ? \.failed : \.unanswered
        case .some(400..<500): return \.clientErrors
        case .some(500...): return \.failed
        case .some: return \.well
        }
    }
}

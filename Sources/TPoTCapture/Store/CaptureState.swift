import DequeModule
import NIOCore
import TPoTTraffic

/// The state of a ``CaptureStore``, guarded by its lock.
struct CaptureState: Sendable {
    let limits: CaptureLimits
    private let bodyContains: BodyContains
    var assembler = ExchangeAssembler()
    var records = RecordTable()
    var conversations = ConversationList()
    var meter = TrafficMeter()
    var tunnel = TunnelSnapshot()
    var index: FilterIndex?
    var bytes = 0
    var marked = 0
    var evicted = 0
    var lost = 0
    /// Exchanges that ended and did not go well, kept or not. Replays do not count.
    var failed = 0
    var newest: UInt64 = 0
    var version: UInt64 = 1
    /// The records that changed since they were last matched and counted.
    private var changed: [CaptureRecord] = []
    /// Marked exchanges fill the memory, so no bodies are kept until there is room.
    private var isFull = false

    init(limits: CaptureLimits, bodyContains: @escaping BodyContains) {
        self.limits = limits
        self.bodyContains = bodyContains
    }

    mutating func consume(_ events: ArraySlice<TrafficEvent>, _ clock: TrafficClock.Reading) {
        guard !events.isEmpty else { return }
        // The assembler is swapped out, not copied, so that its updates can change the rest of the state.
        var assembler = ExchangeAssembler()
        swap(&assembler, &self.assembler)
        for index in events.indices {
            let event = events[index]
            if case .tunnel(let status) = event.kind { tunnel.consume(status, at: event.time) }
            meter.add(event.kind.passedBytes)
            assembler.take(event) { take($0, clock) }
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
            meter.noteBegin(exchange)
            let time = clock.unixNanoseconds(at: exchange.times.requestBegan)
            let record = CaptureRecord(exchange, unixNanoseconds: time)
            records.append(record)
            noteChange(record)
        case .content(let number, let content):
            records[number]?.add(content, bodyLimit: isFull ? 0 : limits.bodyBytes)
        case .changed(let exchange):
            replace(exchange)
        case .finished(let exchange):
            if exchange.isFailed, exchange.replayOf == nil { failed += 1 }
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

    private mutating func noteChange(_ record: CaptureRecord) {
        guard !record.isChanged else { return }
        record.isChanged = true
        changed.append(record)
    }

    /// Counts and matches the changed records, once for many events, and makes room.
    private mutating func settle() {
        for record in changed {
            record.isChanged = false
            let size = record.size
            bytes += size - record.countedSize
            record.countedSize = size
            index?.update(record)
        }
        changed.removeAll(keepingCapacity: true)
        if bytes > limits.memoryBytes { evict() }
    }
}

// MARK: - Making room

extension CaptureState {
    /// Evicts the oldest unmarked exchanges, finished ones before live ones. It evicts some more than needed, so that
    /// not every new exchange causes a walk through the list.
    private mutating func evict() {
        let target = limits.memoryBytes - limits.memoryBytes / 64
        for isLiveTurn in [false, true] {
            evicted += remove(downTo: target) { !$0.isMarked && (isLiveTurn || $0.exchange.state.isOver) }
        }
    }

    /// - Returns: the number of removed exchanges.
    private mutating func remove(downTo target: Int = 0, where isGoing: (CaptureRecord) -> Bool) -> Int {
        var bytes = bytes
        let gone = records.remove(
            until: { bytes <= target },
            where: { record in
                guard isGoing(record) else { return false }
                bytes -= record.countedSize
                return true
            }
        )
        self.bytes = bytes
        index?.remove(gone)
        isFull = bytes > limits.memoryBytes
        return gone.count
    }

    mutating func mark(_ number: UInt64, _ isMarked: Bool) -> Bool {
        guard let record = records[number] else { return false }
        if record.isMarked != isMarked {
            record.content.row.isMarked = isMarked
            marked += isMarked ? 1 : -1
            version += 1
        }
        return true
    }

    /// - Returns: the number of removed exchanges.
    mutating func clearUnmarked() -> Int {
        version += 1
        return remove(where: \.isClearable)
    }

    var clearable: Int {
        (0..<records.count).count { records.record(at: $0).isClearable }
    }

    mutating func noteLostEvents(_ count: Int) {
        lost += count
        assembler.noteLostEvents()
        version += 1
    }
}

// MARK: - Pages

extension CaptureState {
    func conversation(_ number: ConversationNumber) -> ConversationRow? {
        conversations.closedRow(number) ?? assembler.row(of: number)
    }

    func conversationPage(from: Int, count: Int) -> [ConversationRow] {
        conversations.numbers(from: from, count: count).compactMap(conversation)
    }

    /// Advances the index of this filter by as much work as one call may do.
    mutating func prepare(_ filter: CaptureFilter) {
        guard !filter.isEmpty else {
            index = nil
            return
        }
        if index?.filter != filter { index = FilterIndex(filter, bodyContains: bodyContains) }
        guard index?.isComplete == false else { return }
        index?.search(records)
        version += 1
    }

    /// The numbers that match, in ascending order.
    private var matches: Deque<UInt64> { index?.matches ?? records.numbers }

    func page(upTo last: UInt64, from: Int, count: Int) -> CapturePage {
        let matches = matches
        let matching = last == .max ? matches.count : matches.firstPlace(notBelow: last + 1)
        let count = max(0, count)
        let from = min(max(0, from), max(0, matching - count))
        let end = matching - from
        let lines = matches[max(0, end - count)..<end].reversed().compactMap { number in
            records[number].map { CaptureLine.exchange($0.content.row) }
        }
        return CapturePage(
            lines: lines,
            from: from,
            lineCount: matching,
            matching: matching,
            kept: records.count,
            isSearching: index.map { !$0.isComplete } ?? false,
            newest: newest
        )
    }

    /// The place counted from the newest. If the number is not listed, the place of the next older one.
    func position(of number: UInt64, upTo last: UInt64) -> (place: Int, isThere: Bool) {
        let matches = matches
        let end = last == .max ? matches.count : matches.firstPlace(notBelow: last + 1)
        let place = matches.firstPlace(notBelow: number)
        if place < end, matches[place] == number { return (end - 1 - place, true) }
        return (max(0, min(end, end - place)), false)
    }
}

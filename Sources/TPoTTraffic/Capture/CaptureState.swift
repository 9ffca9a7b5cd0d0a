import DequeModule
import NIOCore

/// What a ``CaptureStore`` guards with its lock.
struct CaptureState: Sendable {
    let limits: CaptureLimits
    var assembler = ExchangeAssembler()
    var records: [UInt64: CaptureRecord] = [:]
    /// The numbers of all records, ascending.
    var order: Deque<UInt64> = []
    var conversations = ConversationTable()
    var meter = TrafficMeter()
    var tunnel = TunnelSnapshot()
    var index: FilterIndex?
    var bytes = 0
    var marked = 0
    var evicted = 0
    var lost = 0
    var newest: UInt64 = 0
    var version: UInt64 = 1
    /// Exchanges that changed since they were last matched and counted.
    private var changed: Set<UInt64> = []
    /// Only marked exchanges are left and they fill the memory: bodies are not kept until there is room.
    private var isFull = false

    init(limits: CaptureLimits) {
        self.limits = limits
    }

    mutating func consume(_ events: ArraySlice<TrafficEvent>, _ clock: TrafficClock.Reading) {
        guard !events.isEmpty else { return }
        // Taken out, not copied, so that its updates can change everything else.
        var assembler = ExchangeAssembler()
        swap(&assembler, &self.assembler)
        for event in events {
            if case .tunnel(let status) = event.kind { tunnel.consume(status, at: event.time) }
            meter.consume(event)
            conversations.consume(event)
            assembler.consume(event) { take($0, clock) }
        }
        swap(&assembler, &self.assembler)
        settle()
        version += 1
    }

    private mutating func take(_ update: ExchangeUpdate, _ clock: TrafficClock.Reading) {
        switch update {
        case .began(let exchange):
            newest = exchange.number
            meter.began(exchange)
            conversations.began(exchange)
            let time = clock.unixNanoseconds(at: exchange.times.requestBegan)
            records[exchange.number] = CaptureRecord(exchange, unixNanoseconds: time)
            order.append(exchange.number)
            changed.insert(exchange.number)
        case .content(let number, let content):
            guard let index = records.index(forKey: number) else { return }
            records.values[index].add(content, bodyLimit: isFull ? 0 : limits.bodyBytes)
        case .changed(let exchange):
            replace(exchange)
        case .finished(let exchange):
            meter.finished(exchange) { records[exchange.number]?.content.responseHead }
            replace(exchange)
            guard let index = records.index(forKey: exchange.number) else { return }
            records.values[index].content.requestBody.trim()
            records.values[index].content.responseBody.trim()
        }
    }

    private mutating func replace(_ exchange: Exchange) {
        guard let index = records.index(forKey: exchange.number) else { return }
        records.values[index].content.row.exchange = exchange
        changed.insert(exchange.number)
    }

    /// Counts and matches what has changed, once for many events, and makes room.
    private mutating func settle() {
        for number in changed {
            guard let place = records.index(forKey: number) else { continue }
            let size = records.values[place].size
            bytes += size - records.values[place].countedSize
            records.values[place].countedSize = size
            index?.update(number, &records.values[place])
        }
        changed.removeAll(keepingCapacity: true)
        if bytes > limits.memoryBytes { evict() }
    }
}

// MARK: - Making room

extension CaptureState {
    /// Gives up the oldest unmarked exchanges, finished ones before live ones, some more than needed: the next ones
    /// then find room without a walk through the list for each.
    private mutating func evict() {
        let target = limits.memoryBytes - limits.memoryBytes / 64
        var gone: Set<UInt64> = []
        for isLiveTurn in [false, true] where bytes > target {
            for number in order where bytes > target {
                guard let record = records[number], !record.isMarked, isLiveTurn || record.exchange.state.isOver
                else { continue }
                records[number] = nil
                bytes -= record.countedSize
                gone.insert(number)
            }
        }
        isFull = bytes > limits.memoryBytes
        evicted += gone.count
        forget(gone)
    }

    private mutating func forget(_ gone: Set<UInt64>) {
        guard !gone.isEmpty else { return }
        order.removeSorted(gone)
        index?.remove(gone)
    }

    mutating func mark(_ number: UInt64, _ isMarked: Bool) -> Bool {
        guard let record = records[number] else { return false }
        if record.isMarked != isMarked {
            records[number]?.content.row.isMarked = isMarked
            marked += isMarked ? 1 : -1
            version += 1
        }
        return true
    }

    /// Returns how many went.
    mutating func clearUnmarked() -> Int {
        var gone: Set<UInt64> = []
        for number in order {
            guard let record = records[number], !record.isMarked, record.exchange.state.isOver else { continue }
            records[number] = nil
            bytes -= record.countedSize
            gone.insert(number)
        }
        forget(gone)
        isFull = bytes > limits.memoryBytes
        version += 1
        return gone.count
    }

    mutating func eventsWereLost(_ count: Int) {
        lost += count
        assembler.eventsWereLost()
        version += 1
    }
}

// MARK: - Pages

extension CaptureState {
    /// Makes the index of this filter ready as far as one call may work.
    mutating func prepare(_ filter: CaptureFilter) {
        guard !filter.isEmpty else {
            index = nil
            return
        }
        if index?.filter != filter { index = FilterIndex(filter) }
        guard index?.isComplete == false else { return }
        index?.search(order, &records)
        version += 1
    }

    /// Numbers that match, ascending.
    private var matches: Deque<UInt64> { index?.matches ?? order }

    func page(upTo last: UInt64, from: Int, count: Int) -> CapturePage {
        let matches = matches
        let matching = last == .max ? matches.count : matches.firstPlace(notBelow: last + 1)
        let count = max(0, count)
        let from = min(max(0, from), max(0, matching - count))
        let end = matching - from
        let rows = matches[max(0, end - count)..<end].reversed().compactMap { records[$0]?.content.row }
        return CapturePage(
            rows: rows,
            from: from,
            matching: matching,
            kept: order.count,
            isSearching: index.map { !$0.isComplete } ?? false,
            newest: newest
        )
    }

    /// The place from the newest; of a number that is not there that of the next older one.
    func position(of number: UInt64, upTo last: UInt64) -> (place: Int, isThere: Bool) {
        let matches = matches
        let end = last == .max ? matches.count : matches.firstPlace(notBelow: last + 1)
        let place = matches.firstPlace(notBelow: number)
        if place < end, matches[place] == number { return (end - 1 - place, true) }
        return (max(0, min(end, end - place)), false)
    }
}

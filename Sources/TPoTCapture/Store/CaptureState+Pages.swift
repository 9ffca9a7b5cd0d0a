import DequeModule
import NIOCore
import TPoTTraffic

extension CaptureState {
    func conversation(_ number: ConversationNumber) -> ConversationRow? {
        conversations.closedRow(number) ?? assembler.row(of: number)
    }

    func conversationPage(from: Int, count: Int) -> [ConversationRow] {
        conversations.numbers(from: from, count: count).compactMap(conversation)
    }

    /// Makes sure that the background makes the list that is asked for. What there is of it can be read at once.
    mutating func prepare(_ query: CaptureQuery) {
        if query.filter.isEmpty {
            (index, bodyIndex, former) = (nil, nil, nil)
        } else if index?.filter != query.filter {
            lastIndex += 1
            former = former ?? index?.roots ?? families.roots
            index = FilterIndex(query.filter, id: lastIndex, earlierLine: earlierLine)
            bodyIndex = nil
            searchAtOnce()
        }
        if let index, index.isDone || !index.matches.isEmpty || index.partsDone >= Self.partsBehindFormer {
            former = nil
        }
        prepareBodySearch()
        let order = query.order == .newestFirst ? nil : query.order
        wantedOrder = order.map { SortedList.Request(order: $0, index: index?.id ?? 0, last: query.last) }
        if wantedOrder == nil { sorted = nil }
    }

    /// The parts of a search during which the list before it stays: it does not flicker from key to key.
    private static let partsBehindFormer = 8

    /// Searches the newest exchanges under the lock, so that the first picture of a new filter is not empty.
    private mutating func searchAtOnce() {
        guard var index, !index.filter.needsBodies else { return }
        let part = index.takePart(records)
        let isKnown = part.contents.allSatisfy { $0.row.delivery != nil || $0.requestHead == nil }
        guard isKnown || !index.filter.needsDelivery else { return }
        index.take(part.contents.map { part.filter.matches($0) { _ in false } }, of: part, records, families)
        self.index = index
    }

    /// Where words find nothing, the user is told how often bodies have them.
    private mutating func prepareBodySearch() {
        guard let index, index.isDone, index.matches.isEmpty, !index.filter.needsBodies else {
            bodyIndex = nil
            return
        }
        guard bodyIndex == nil, let filter = index.filter.inBodies else { return }
        lastIndex += 1
        bodyIndex = FilterIndex(filter, id: lastIndex, earlierLine: earlierLine)
    }

    // MARK: Lines

    /// The line above exchanges of earlier runs.
    private var newestEarlier: EarlierLine? {
        guard let earlierLine else { return nil }
        let place = records.numbers.firstPlace(notBelow: earlierLine)
        guard place > 0 else { return nil }
        return EarlierLine(
            number: earlierLine,
            unixNanoseconds: records.record(at: place - 1).content.row.unixNanoseconds
        )
    }

    /// The requests of a list, from the top, without their replays.
    private struct Requests {
        let numbers: Deque<UInt64>
        let end: Int
        let sorted: SortedList?

        var count: Int { sorted?.numbers.count ?? end }

        func number(at place: Int) -> UInt64 { sorted?.numbers[place] ?? numbers[end - 1 - place] }

        func place(of number: UInt64) -> Int? {
            if let sorted { return sorted.places[number] }
            return numbers.place(of: number).flatMap { $0 < end ? end - 1 - $0 : nil }
        }

        /// The place of the next older request.
        func place(below number: UInt64) -> Int {
            sorted == nil ? max(0, min(end, end - numbers.firstPlace(notBelow: number))) : 0
        }
    }

    private func requests(_ query: CaptureQuery) -> Requests {
        let numbers = former ?? index?.roots ?? families.roots
        let end = query.last == .max ? numbers.count : numbers.firstPlace(notBelow: query.last + 1)
        // Until it is sorted, the list is shown in the order of arrival.
        let sorted = sorted.flatMap { $0.request == wantedOrder ? $0 : nil }
        return Requests(numbers: numbers, end: end, sorted: sorted)
    }

    private func layout(_ requests: Requests, _ query: CaptureQuery) -> LineLayout {
        var layout = LineLayout()
        let places = families.replays.keys.compactMap { root in requests.place(of: root).map { (place: $0, root: root) }
        }
        for (_, root) in places.sorted(by: { $0.place < $1.place }) {
            let lines = families.lines(under: root, upTo: query.last, expanded: query.expanded)
            layout.append(root, lines: lines.count)
        }
        return layout
    }

    mutating func page(_ query: CaptureQuery, from: Int, count: Int) -> CapturePage {
        let requests = requests(query)
        let layout = layout(requests, query)
        let lineCount = requests.count + layout.extra
        let count = max(0, count)
        let from = min(max(0, from), max(0, lineCount - count))
        var lines: [CaptureLine] = []
        var (place, below) = layout.place(ofLine: from) { requests.place(of: $0) ?? 0 }
        while lines.count < count, place < requests.count {
            append(requests.number(at: place), from: below, to: &lines, query)
            (place, below) = (place + 1, 0)
        }
        lines.removeLast(max(0, lines.count - count))
        askForMeaning(of: lines)
        let matches = index?.matches ?? records.numbers
        return CapturePage(
            lines: lines,
            from: from,
            lineCount: lineCount,
            matching: query.last == .max ? matches.count : matches.firstPlace(notBelow: query.last + 1),
            kept: records.count,
            earlier: earlierLine.map { records.numbers.firstPlace(notBelow: $0) } ?? 0,
            isSearching: index.map { !$0.isDone } ?? false || (wantedOrder != nil && requests.sorted == nil),
            newest: newest,
            begun: begun,
            bodyMatches: bodyIndex.map {
                BodyMatches(count: $0.matches.count, isSearching: !$0.isDone, filter: $0.filter.text)
            }
        )
    }

    /// Appends a request and the lines under it.
    /// - Parameter first: the line to begin with: 0 is the request itself.
    private func append(_ root: UInt64, from first: Int, to lines: inout [CaptureLine], _ query: CaptureQuery) {
        if root == earlierLine, let newest = newestEarlier { return lines.append(.earlier(newest)) }
        if first == 0, let record = records[root] { lines.append(.exchange(record.content.row)) }
        guard families.replays[root] != nil else { return }
        let under = families.lines(under: root, upTo: query.last, expanded: query.expanded)
        for (index, line) in under.enumerated() where index + 1 >= first {
            let isLast = index == under.count - 1
            switch line {
            case .one(let number):
                if let record = records[number] { lines.append(.replay(record.content.row, isLast: isLast)) }
            case .several(let batch, let numbers):
                let rows = numbers.compactMap { records[$0]?.content.row }
                if let group = ReplayGroup(batch: batch, original: root, rows) {
                    lines.append(.replays(group, isLast: isLast))
                }
            }
        }
    }

    /// The line of an exchange, counted from the top. If it is not listed, the line of the next older request.
    func position(of number: UInt64, _ query: CaptureQuery) -> (place: Int, isThere: Bool) {
        let requests = requests(query)
        let layout = layout(requests, query)
        func line(_ place: Int) -> Int { layout.line(ofPlace: place) { requests.place(of: $0) ?? 0 } }
        let root = families.root(of: number)
        guard let place = requests.place(of: root) else { return (line(requests.place(below: number)), false) }
        guard number != root else { return (line(place), true) }
        let under = families.lines(under: root, upTo: query.last, expanded: query.expanded)
        guard let below = under.firstIndex(where: { $0.contains(number) }) else { return (line(place), false) }
        return (line(place) + 1 + below, true)
    }

    /// The rows of exchanges of which a part lies in a span of time, newest first.
    /// - Parameters:
    ///   - limit: the most rows.
    ///   - lookedAt: the most exchanges that began before the span and are looked at.
    func rows(overlapping span: ClosedRange<NIODeadline>, limit: Int, lookedAt: Int = 4096) -> [CaptureRow] {
        let numbers = index?.matches ?? records.numbers
        var rows: [CaptureRow] = []
        var earlier = 0
        for number in numbers.reversed() where rows.count < limit {
            guard earlier < lookedAt else { break }
            guard let row = records[number]?.content.row else { continue }
            let times = row.exchange.times
            // What happened before this machine started has no place in time.
            guard times.requestBegan <= span.upperBound, times.requestBegan.uptimeNanoseconds > 0 else { continue }
            if times.requestBegan < span.lowerBound { earlier += 1 }
            let end =
                row.exchange.state.isOver ? times.responseEnded ?? times.ended ?? times.requestBegan : .distantFuture
            if end >= span.lowerBound { rows.append(row) }
        }
        return rows
    }
}

extension ReplayGroup {
    /// - Parameter rows: those that are kept, oldest first.
    init?(batch: UInt64, original: UInt64, _ rows: [CaptureRow]) {
        guard let first = rows.first, let last = rows.last else { return nil }
        var counts: [Int?: Int] = [:]
        var times: [TimeAmount] = []
        for row in rows where row.exchange.state.isOver || row.exchange.status != nil {
            counts[row.exchange.status, default: 0] += 1
            if row.exchange.state == .finished, let end = row.exchange.times.responseEnded {
                times.append(row.exchange.times.taken(at: end))
            }
        }
        let statuses = counts.map { StatusCount(status: $0.key, count: $0.value) }
        let over = rows.count { $0.exchange.state.isOver }
        let verdicts = Set(rows.compactMap { $0.replay?.verdict })
        let worst: [ReplayVerdict] = [.regressed, .stillFailing, .differs, .fixed, .same]
        self.init(
            batch: batch,
            original: original,
            first: first.number,
            last: last.number,
            count: rows.count,
            over: over,
            statuses: statuses.sorted { ($0.count, $1.status ?? 0) > ($1.count, $0.status ?? 0) },
            p50: times.isEmpty ? nil : times.sorted()[times.count / 2],
            verdict: over == rows.count ? worst.first(where: verdicts.contains) : nil
        )
    }
}

import NIOCore

/// A piece of work for the background, with copies of what it needs.
enum CaptureWork: Sendable {
    case search(FilterIndex.Part)
    case meaning([MeaningQuestion])
    /// The exchanges of a list are to be sorted.
    case sort(SortedList.Request, numbers: [UInt64], version: UInt64)
}

/// What the background is asked about an exchange.
struct MeaningQuestion: Sendable {
    var content: CapturedExchange
    var wantsDelivery: Bool
    /// The original of a replay that is to be compared with it.
    var original: CapturedExchange?
}

struct MeaningAnswer: Sendable {
    var number: UInt64
    var delivery: Delivery?
    var facts: ReplayFacts?
}

extension CaptureState {
    /// The most exchanges that wait for the background. Of more, the oldest are asked about when a page shows them.
    static let queueLimit = 1024
    /// Exchanges that are asked about at once.
    static let questionsAtOnce = 32
    /// The time between two such lots: under heavy traffic the tunnel needs the processor more.
    static let questionPause = TimeAmount.milliseconds(20)
    /// The least time between two sorts of a list that changes.
    static let sortPause = TimeAmount.milliseconds(250)

    // MARK: Asking

    mutating func askForMeaning(of record: CaptureRecord) {
        guard !record.isQueued, wantsDelivery(record) || original(toCompareWith: record) != nil else {
            // Replays that were over before their original can be compared now.
            if record.exchange.state.isOver, let replays = families.replays[record.number] {
                for replay in replays {
                    if let record = records[replay.number], original(toCompareWith: record) != nil { enqueue(record) }
                }
            }
            return
        }
        enqueue(record)
    }

    /// Asks about rows that are shown, and that were left out under heavy traffic.
    mutating func askForMeaning(of lines: [CaptureLine]) {
        for line in lines {
            guard let row = line.row, row.delivery == nil, let record = records[row.number] else { continue }
            askForMeaning(of: record)
        }
    }

    private mutating func enqueue(_ record: CaptureRecord) {
        guard !record.isQueued else { return }
        record.isQueued = true
        queue.append(record.number)
        if queue.count > Self.queueLimit, let oldest = queue.popFirst() { records[oldest]?.isQueued = false }
    }

    private func wantsDelivery(_ record: CaptureRecord) -> Bool {
        let content = record.content
        guard content.row.delivery == nil, content.requestHead != nil else { return false }
        return content.exchange.times.requestEnded != nil || content.exchange.state.isOver
            || content.requestBody.bytes.count >= deliveryBytes
    }

    private func original(toCompareWith record: CaptureRecord) -> CapturedExchange? {
        guard record.exchange.replayOf != nil, record.exchange.state.isOver, !record.isJudged else { return nil }
        let root = families.root(of: record.number)
        guard root != record.number, let original = records[root], original.exchange.state.isOver else { return nil }
        return original.content
    }

    // MARK: Working

    /// Whether a piece of work is to be scheduled, and when.
    mutating func claimWork() -> TimeAmount? {
        guard !isWorking else { return nil }
        let pause: TimeAmount?
        if index?.hasWork == true || bodyIndex?.hasWork == true || wantedOrder.map({ $0 != sorted?.request }) == true {
            pause = .zero
        } else if !queue.isEmpty {
            pause = Self.questionPause
        } else if let sorted, wantedOrder != nil, sorted.version != sortableVersion {
            pause = Self.sortPause
        } else {
            pause = nil
        }
        if pause != nil { isWorking = true }
        return pause
    }

    /// The most urgent work: what the user waits for comes first.
    mutating func takeWork() -> CaptureWork? {
        if index?.hasWork == true, let part = index?.takePart(records) { return .search(part) }
        if let wantedOrder, wantedOrder != sorted?.request { return sort(wantedOrder) }
        if !queue.isEmpty { return .meaning(takeQuestions()) }
        if bodyIndex?.hasWork == true, let part = bodyIndex?.takePart(records) { return .search(part) }
        if let wantedOrder, sorted?.version != sortableVersion { return sort(wantedOrder) }
        return nil
    }

    private func sort(_ request: SortedList.Request) -> CaptureWork {
        let roots = index?.roots ?? families.roots
        let end = request.last == .max ? roots.count : roots.firstPlace(notBelow: request.last + 1)
        return .sort(request, numbers: roots[..<end].filter { $0 != earlierLine }, version: sortableVersion)
    }

    private mutating func takeQuestions() -> [MeaningQuestion] {
        var questions: [MeaningQuestion] = []
        while questions.count < Self.questionsAtOnce, let number = queue.popFirst() {
            guard let record = records[number] else { continue }
            record.isQueued = false
            let original = original(toCompareWith: record)
            guard wantsDelivery(record) || original != nil else { continue }
            questions.append(
                MeaningQuestion(content: record.content, wantsDelivery: wantsDelivery(record), original: original)
            )
        }
        return questions
    }

    // MARK: Answers

    mutating func take(_ answers: [MeaningAnswer]) {
        for answer in answers {
            guard let record = records[answer.number] else { continue }
            if let delivery = answer.delivery { note(delivery, of: record) }
            guard let facts = answer.facts else { continue }
            record.isJudged = true
            record.content.row.replay = facts
            noteChange(record)
            noteRepair(under: families.root(of: answer.number))
        }
        settle()
        version += 1
    }

    /// A request counts as fixed while the newest of its replays that is over went well.
    private mutating func noteRepair(under root: UInt64) {
        guard let record = records[root], let replays = families.replays[root] else { return }
        let verdicts = replays.reversed().lazy.map { [records] in records[$0.number]?.content.row.replay?.verdict }
        let isFixed = verdicts.first { $0 != nil } == .some(.fixed)
        guard record.content.row.isFixed != isFixed else { return }
        record.content.row.isFixed = isFixed
        noteChange(record)
    }

    mutating func take(_ found: [Bool], of part: FilterIndex.Part, _ deliveries: [(number: UInt64, Delivery)]) {
        for (number, delivery) in deliveries { if let record = records[number] { note(delivery, of: record) } }
        if part.index == index?.id {
            index?.take(found, of: part, records, families)
        } else if part.index == bodyIndex?.id {
            bodyIndex?.take(found, of: part, records, families)
        }
        settle()
        version += 1
    }

    mutating func take(_ list: SortedList) {
        guard list.request == wantedOrder else { return }
        let gone = Set(list.numbers.filter { records[$0] == nil })
        sorted = list
        version += 1
        if !gone.isEmpty { sorted?.remove(gone) }
    }
}

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
    var circumstances: SignatureCheck.Circumstances
    /// The original of a replay that is to be compared with it.
    var original: CapturedExchange?
}

struct MeaningAnswer: Sendable {
    var number: UInt64
    /// Whether the request had been edited when the question was asked.
    var isEdited: Bool
    var delivery: Delivery?
    var signature: SignatureVerdict?
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
        guard !record.isQueued, isUnknown(record) || original(toCompareWith: record) != nil else {
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
            guard let row = line.row, row.delivery == nil || wantsSignature(row), let record = records[row.number]
            else { continue }
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

    private func isUnknown(_ record: CaptureRecord) -> Bool {
        wantsDelivery(record) || record.content.requestIsHere && wantsSignature(record.content.row)
    }

    private func wantsSignature(_ row: CaptureRow) -> Bool {
        row.signature == nil && row.delivery?.signature.map(signatureSchemes.contains) == true
    }

    func circumstances(of content: CapturedExchange) -> SignatureCheck.Circumstances {
        guard !signatureSchemes.isEmpty else { return SignatureCheck.Circumstances() }
        var circumstances = SignatureCheck.Circumstances(isEdited: content.exchange.isEdited)
        // The URL of an earlier run may have been another one.
        if earlierLine.map({ content.number > $0 }) ?? true { circumstances.publicURL = tunnel.url }
        return circumstances
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
            guard isUnknown(record) || original != nil else { continue }
            let content = record.content
            questions.append(
                MeaningQuestion(content: content, circumstances: circumstances(of: content), original: original)
            )
        }
        return questions
    }

    // MARK: Answers

    mutating func take(_ answers: [MeaningAnswer]) {
        for answer in answers {
            guard let record = records[answer.number] else { continue }
            note(answer, of: record)
            guard let facts = answer.facts else { continue }
            record.isJudged = true
            record.content.row.replay = facts
            noteChange(record)
            noteRepair(under: families.root(of: answer.number))
        }
        settle()
        version += 1
    }

    /// Writes down who sent a request, and whether its signature is right.
    mutating func note(_ answer: MeaningAnswer, of record: CaptureRecord) {
        if let delivery = answer.delivery { note(delivery, of: record) }
        // What was edited in the meantime is looked at again.
        guard let signature = answer.signature, record.exchange.isEdited == answer.isEdited else { return }
        guard record.content.row.signature == nil else { return }
        // A replay differs from its original only where it was edited.
        let original = families.root(of: record.number)
        let isEdited =
            signature == .mismatch && original != record.number
            && records[original]?.content.row.signature.map { $0 != .mismatch } == true
        record.content.row.signature = isEdited ? .editedHere : signature
        noteChange(record)
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

    mutating func take(_ found: [Bool], of part: FilterIndex.Part, _ answers: [MeaningAnswer]) {
        for answer in answers { if let record = records[answer.number] { note(answer, of: record) } }
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

extension CapturedExchange {
    /// Nothing more of the request will come.
    var requestIsHere: Bool { requestHead != nil && (exchange.times.requestEnded != nil || exchange.state.isOver) }
}

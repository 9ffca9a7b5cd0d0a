import DequeModule
import NIOConcurrencyHelpers
import NIOCore
import TPoTTraffic

/// Everything that was captured, bounded in bytes, for display and export.
///
/// - One ``CaptureFeed`` fills it. Any thread may read it.
/// - Each call takes a lock for a short time. The cost of a page depends on its length, not on what is kept.
/// - The store keeps the list of one filter at a time. A page with another filter starts a new search.
/// - What takes long happens in the background, with copies: searches, what a request means, how a replay compares.
package final class CaptureStore: CaptureReading, Sendable {
    /// The events consumed under one lock. They are fewer than ``BackgroundPriority/eventsAtOnce``, because each may bring
    /// a piece of a body, which is copied.
    private static let eventsAtOnce = 64
    /// The rows read under one lock while numbers are collected.
    private static let rowsAtOnce = 512

    package let limits: CaptureLimits
    package let clock: TrafficClock
    let meaning: CaptureMeaning
    private let background: CaptureBackground
    private let state: NIOLockedValueBox<CaptureState>
    private let changeAction = NIOLockedValueBox<(@Sendable () -> Void)?>(nil)
    let unsavedAction = NIOLockedValueBox<(@Sendable () -> Void)?>(nil)
    let finishedAction = NIOLockedValueBox<FinishedAction?>(nil)

    /// - Parameters:
    ///   - meaning: what this target does not find out itself.
    ///   - background: where slow work runs.
    ///   - numbers: those of the exchanges.
    ///   - earlierLine: a number below those of this run, for the line above exchanges of earlier ones; nil if there are
    ///     to be none.
    ///   - isOnlyForSaving: nobody reads the store but who saves what it has: it leaves out what comes too fast for that.
    package init(
        limits: CaptureLimits = CaptureLimits(),
        clock: TrafficClock = .system,
        meaning: CaptureMeaning,
        background: CaptureBackground = .queue,
        numbers: ExchangeNumbers = .counted,
        earlierLine: UInt64? = nil,
        isOnlyForSaving: Bool = false
    ) {
        self.limits = limits
        self.clock = clock
        self.meaning = meaning
        self.background = background
        state = NIOLockedValueBox(
            CaptureState(
                limits: limits,
                deliveryBytes: meaning.deliveryBytes,
                signatureSchemes: meaning.signatures?.schemes ?? [],
                numbers: numbers,
                earlierLine: earlierLine,
                isOnlyForSaving: isOnlyForSaving
            )
        )
    }

    /// Runs `body` under the lock, and says afterwards if something waits to be saved now.
    func withState<Result>(_ body: (inout CaptureState) -> Result) -> Result {
        let (result, isNew) = state.withLockedValue { state in
            let waited = state.unsaved?.isEmpty == false
            let result = body(&state)
            return (result, !waited && state.unsaved?.isEmpty == false)
        }
        if isNew { unsavedAction.withLockedValue { $0 }?() }
        return result
    }

    /// Changes whenever any answer of the store may have changed.
    package var version: UInt64 { withState { $0.version } }

    // MARK: Filling

    package func consume(_ batch: TrafficBus.Batch) {
        var observer = NoObserver()
        consume(batch, &observer)
    }

    package func consume(_ batch: TrafficBus.Batch, _ observer: inout some CaptureObserver) {
        let clock = clock.read()
        var rest = batch.events[...]
        while !rest.isEmpty {
            // The lock is taken for a few events at a time, so that readers never wait long.
            let next = rest.prefix(Self.eventsAtOnce)
            BackgroundPriority.yield()
            withState { $0.consume(next, clock, &observer) }
            rest = rest.dropFirst(next.count)
        }
        if batch.lost > 0 { withState { $0.noteLostEvents(batch.lost) } }
        tellFinished(lost: batch.lost)
        startWork()
    }

    // MARK: Reading

    /// Runs `body` on one consistent snapshot. `body` runs under the store's lock: keep it short.
    package func read<Result>(_ body: (any CaptureReading) -> Result) -> Result {
        let now = clock.read().monotonic
        let result = withState { state in
            withUnsafeMutablePointer(to: &state) { body(LockedCapture(state: $0, now: now)) }
        }
        startWork()
        return result
    }

    package func page(_ query: CaptureQuery = CaptureQuery(), from: Int = 0, count: Int) -> CapturePage {
        read { $0.page(query, from: from, count: count) }
    }

    package func position(
        of number: UInt64,
        _ query: CaptureQuery = CaptureQuery()
    ) -> (place: Int, isThere: Bool) {
        read { $0.position(of: number, query) }
    }

    package func rows(
        _ query: CaptureQuery = CaptureQuery(),
        overlapping span: ClosedRange<NIODeadline>,
        limit: Int
    ) -> [CaptureRow] {
        read { $0.rows(query, overlapping: span, limit: limit) }
    }

    package func replays(of number: UInt64) -> [UInt64] { read { $0.replays(of: number) } }

    package func detail(_ number: UInt64) -> CapturedExchange? { read { $0.detail(number) } }

    package func conversations(from: Int = 0, count: Int) -> (rows: [ConversationRow], total: Int) {
        read { $0.conversations(from: from, count: count) }
    }

    package func totals() -> CaptureTotals { read { $0.totals() } }

    package func clearable() -> Int { read { $0.clearable() } }

    package var tunnel: TunnelSnapshot { read { $0.tunnel } }

    package func conversation(_ number: ConversationNumber) -> ConversationRow? {
        withState { $0.conversation(number) }
    }

    /// The numbers of all kept exchanges that match, oldest first. It is for exports: too slow for each frame.
    package func numbers(matching filter: CaptureFilter) -> [UInt64] {
        let all = withState { Array($0.records.numbers) }
        var matching: [UInt64] = []
        var rest = all[...]
        while !rest.isEmpty {
            let next = rest.prefix(Self.rowsAtOnce)
            let contents = withState { state in next.compactMap { state.records[$0]?.content } }
            for content in contents where matches(content, filter).isMatch { matching.append(content.number) }
            rest = rest.dropFirst(next.count)
        }
        return matching
    }

    // MARK: Changing

    /// Marks or unmarks an exchange. A marked exchange is never evicted or cleared.
    /// - Returns: false if the exchange is no longer kept.
    @discardableResult
    package func mark(_ number: UInt64, _ isMarked: Bool = true) -> Bool {
        defer { startWork() }
        return withState { $0.mark(number, isMarked) }
    }

    /// Removes all finished exchanges that are not marked. Unfinished ones stay.
    /// - Returns: the number of removed exchanges.
    @discardableResult
    package func clearUnmarked() -> Int {
        withState { $0.clearUnmarked() }
    }
}

// MARK: - The background

extension CaptureStore {
    /// - Parameter action: called in the background after the background has changed something. It should only wake
    ///   another thread.
    package func onBackgroundChange(_ action: (@Sendable () -> Void)?) {
        changeAction.withLockedValue { $0 = action }
    }

    func startWork() {
        guard let pause = withState({ $0.claimWork() }) else { return }
        background.run(pause) { [weak self] in self?.work() }
    }

    /// Does one piece of work, so that more urgent work may come next.
    private func work() {
        // A thread that is interrupted while it holds the lock makes the dashboard wait. A fresh time slice makes that rare.
        BackgroundPriority.yield()
        if let work = withState({ $0.takeWork() }) {
            switch work {
            case .search(let part): search(part)
            case .meaning(let questions):
                let answers = questions.map(answer)
                withState { $0.take(answers) }
            case .sort(let request, let numbers, let version): sort(request, numbers, version)
            }
        }
        withState { $0.isWorking = false }
        changeAction.withLockedValue { $0 }?()
        startWork()
    }

    /// - Returns: what had to be found out for the filter, too.
    private func matches(
        _ content: CapturedExchange,
        _ filter: CaptureFilter
    ) -> (isMatch: Bool, meaning: MeaningAnswer?) {
        var content = content
        var answer: MeaningAnswer?
        if filter.needsDelivery, content.requestIsHere {
            answer = found(content, wantsSignature: filter.needsSignature) {
                withState { $0.circumstances(of: content) }
            }
            if let delivery = answer?.delivery { content.row.delivery = delivery }
            if let signature = answer?.signature { content.row.signature = signature }
        }
        return (filter.matches(content) { meaning.bodyContains($0, content) }, answer)
    }

    private func search(_ part: FilterIndex.Part) {
        var answers: [MeaningAnswer] = []
        let found = part.contents.map { content in
            let (isMatch, answer) = matches(content, part.filter)
            if let answer { answers.append(answer) }
            return isMatch
        }
        BackgroundPriority.yield()
        withState { $0.take(found, of: part, answers) }
    }

    private func answer(_ question: MeaningQuestion) -> MeaningAnswer {
        let content = question.content
        var answer =
            found(content, wantsSignature: content.requestIsHere) { question.circumstances }
            ?? MeaningAnswer(number: content.number, isEdited: content.exchange.isEdited)
        guard var original = question.original, var facts = content.row.replay else { return answer }
        // It may have come only just before its replay.
        if original.row.delivery == nil { original.row.delivery = meaning.delivery(original) }
        facts.edit = meaning.edit(original, content)
        facts.verdict = verdict(original, content)
        answer.facts = facts
        return answer
    }

    /// Finds out what is not known yet: who sent a request, and whether its signature is right. Nil if that is nothing.
    func found(
        _ content: CapturedExchange,
        wantsSignature: Bool,
        _ circumstances: () -> SignatureCheck.Circumstances
    ) -> MeaningAnswer? {
        var answer = MeaningAnswer(number: content.number, isEdited: content.exchange.isEdited)
        if content.row.delivery == nil, content.requestHead != nil { answer.delivery = meaning.delivery(content) }
        if wantsSignature, content.row.signature == nil, let check = meaning.signatures,
            let scheme = (content.row.delivery ?? answer.delivery)?.signature, check.schemes.contains(scheme)
        {
            var content = content
            content.row.delivery = content.row.delivery ?? answer.delivery
            answer.signature = check.verdict(content, circumstances())
        }
        return answer.delivery == nil && answer.signature == nil ? nil : answer
    }

    private func verdict(_ original: CapturedExchange, _ replay: CapturedExchange) -> ReplayVerdict? {
        guard replay.exchange.isFailed || replay.exchange.wentWell else { return nil }
        switch (original.exchange.isFailed, replay.exchange.isFailed) {
        case (true, true): return .stillFailing
        case (true, false): return .fixed
        case (false, true): return .regressed
        case (false, false): return meaning.hasSameAnswer(original, replay) ? .same : .differs
        }
    }

    private func sort(_ request: SortedList.Request, _ numbers: [UInt64], _ version: UInt64) {
        var keys: [SortedList.Key] = []
        var rest = numbers[...]
        while !rest.isEmpty {
            let next = rest.prefix(Self.rowsAtOnce)
            keys += withState { state in
                next.compactMap { state.records[$0].map { SortedList.key($0.content.row, request.order) } }
            }
            rest = rest.dropFirst(next.count)
        }
        let list = SortedList(request, SortedList.sorted(keys, request.order), version: version)
        withState { $0.take(list) }
    }
}

extension CaptureState {
    mutating func computeTotals(at now: NIODeadline) -> CaptureTotals {
        let rates = meter.computeRates(at: now)
        return CaptureTotals(
            open: conversations.open,
            mostOpen: conversations.mostOpen,
            conversations: conversations.total,
            requests: meter.requests,
            waiting: assembler.waiting,
            bytesIn: meter.bytesIn,
            bytesOut: meter.bytesOut,
            percentiles: meter.computePercentiles(),
            rates: rates.map(\.total),
            statusRates: rates,
            failed: failed,
            failing: failing,
            kept: records.count,
            marked: marked,
            keptBytes: bytes,
            memoryLimit: limits.memoryBytes,
            evicted: evicted,
            lost: lost
        )
    }
}

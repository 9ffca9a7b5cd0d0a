import NIOCore

/// Runs the dashboard: it takes keys and wake-ups, draws pictures on the terminal and starts actions.
///
///     terminal.keys ──► ┌───────────┐ ──► terminal.draw    at most 30 times a second, only when something changed
///     wake() ─────────► │ Dashboard │ ──► actions
///     the clock ──────► └───────────┘ ◄── source, log      one page at a time
package actor Dashboard {
    /// The shortest time between two pictures.
    static let frame = TimeAmount.milliseconds(33)

    private let terminal: any DashboardTerminal
    private let source: any TrafficSource
    private let actions: any DashboardActions
    private let log: LogBuffer
    private let facts: DashboardFacts
    private let earlier: (any EarlierRequests)?
    private let clock: DashboardClock
    private let documents = DocumentCache()
    private nonisolated let inbox = DashboardInbox()

    private var state: DashboardState
    private var needsDrawing = true
    private var end: DashboardEnd?
    private var drawnVersion: UInt64 = 0
    private var drawnLog = 0..<0
    private var lastDrawn: NIODeadline?
    private var nextChange: NIODeadline?
    /// The earliest wake-up that is scheduled on the clock.
    private var alarm: NIODeadline?

    package init(
        terminal: any DashboardTerminal,
        source: any TrafficSource,
        actions: any DashboardActions,
        log: LogBuffer,
        facts: DashboardFacts,
        memory: DashboardMemory = DashboardMemory(),
        earlier: (any EarlierRequests)? = nil,
        clock: DashboardClock = .system
    ) {
        self.terminal = terminal
        self.source = source
        self.actions = actions
        self.log = log
        self.facts = facts
        self.earlier = earlier
        self.clock = clock
        state = DashboardState(size: terminal.size, memory: memory)
        log.onAppend { [inbox] in inbox.wake() }
    }

    /// Says that the source has changed. It may be called from any thread, as often as needed.
    package nonisolated func wake() {
        inbox.wake()
    }

    /// Shows a message and adds it to the log. It may be called from any thread.
    package nonisolated func post(_ message: DashboardMessage) {
        inbox.add(.message(message))
    }

    /// Runs until the user quits or the terminal goes away. The terminal is restored before this returns.
    package func run() async -> DashboardEnd {
        let keys = Task { [terminal, inbox] in
            for await key in terminal.keys { inbox.add(.key(key)) }
            inbox.add(.keysEnded)
        }
        drawWhenDue()
        for await event in inbox.events {
            take(event)
            if end != nil { break }
            drawWhenDue()
        }
        log.onAppend(nil)
        keys.cancel()
        terminal.close()
        return end ?? .hangUp
    }

    private func take(_ event: DashboardInbox.Event) {
        switch event {
        case .key(let key): update(.key(key))
        case .message(let message):
            let now = clock.read().unixNanoseconds
            log.append(LogLine(unixNanoseconds: now, level: message.isFailure ? .warning : .info, text: message.text))
            update(.message(message))
        case .keysEnded: end = end ?? .hangUp
        case .wake: inbox.acceptNextWake()
        }
    }

    private func update(_ input: DashboardInput) {
        needsDrawing = true
        for command in DashboardUpdate.update(&state, input, model) { perform(command) }
    }

    private var model: DashboardModel {
        DashboardModel(source: source, log: log, facts: facts, now: clock.read(), documents: documents)
    }

    // MARK: Drawing

    private func drawWhenDue() {
        let now = clock.read().monotonic
        if let time = alarm, time <= now { alarm = nil }
        let version = source.version
        let logRange = log.range
        let isDue = nextChange.map { $0 <= now } ?? false
        if needsDrawing || version != drawnVersion || logRange != drawnLog || isDue {
            let earliest = lastDrawn.map { $0 + Self.frame } ?? now
            guard earliest <= now else { return setAlarm(earliest) }
            needsDrawing = false
            lastDrawn = now
            drawnVersion = version
            drawnLog = logRange
            let picture = DashboardPicture(&state, model)
            terminal.draw(DashboardView.draw(picture))
            nextChange = picture.nextChange
            if picture.requests.isAtEnd, state.freeze == nil { earlier?.load(state.filter) }
        }
        if let nextChange { setAlarm(nextChange) }
    }

    private func setAlarm(_ time: NIODeadline) {
        if let alarm, alarm <= time { return }
        alarm = time
        clock.schedule(time) { [inbox] in inbox.wake() }
    }

    // MARK: Commands

    private func perform(_ command: DashboardCommand) {
        switch command {
        case .quit(let end): self.end = self.end ?? end
        case .suspend: terminal.suspend()
        case .redraw: terminal.redraw()
        case .hold(let isHolding): actions.hold(isHolding)
        case .holdMatching(let filter): actions.hold(matching: filter)
        case .letGo(let id): actions.letGo(id)
        case .refuse(let id, let status): actions.refuse(id, status: status)
        case .editHeld(let number, let isSigned): ask { await $0.editHeld(number, isSigned: isSigned) }
        case .replay(let number, let count, let isSigned):
            ask { await $0.replay(number, count: count, isSigned: isSigned) }
        case .edit(let number, let isSigned): ask { await $0.edit(number, isSigned: isSigned) }
        case .closeConversation(let number): actions.closeConversation(number)
        case .copy(let thing): copy(thing)
        case .writeHAR(let filter): ask { await $0.writeHAR(filter) }
        case .saveBody(let number, let isResponse): ask { await $0.saveBody(number, ofResponse: isResponse) }
        case .openURL(let url): ask { await $0.openURL(url) }
        case .remember(let change): actions.remember(change) { [inbox] in inbox.add(.message($0)) }
        case .mark(let number, let isMarked): source.mark(number, isMarked)
        case .clearUnmarked:
            earlier?.stop()
            let count = source.clearUnmarked()
            post(DashboardMessage("\(Formats.count(count, "request")) cleared; marked ones and open ones stay"))
        }
    }

    /// Runs an action in the background. Its result comes back as a message.
    private func ask(_ action: @escaping @Sendable (any DashboardActions) async -> DashboardMessage?) {
        Task { [actions, inbox] in
            if let message = await action(actions) { inbox.add(.message(message)) }
        }
    }

    private func copy(_ thing: CopiedThing) {
        guard case .curl(let number) = thing else {
            let text = CopyText(thing, source, mask: facts.mask)
            return ask { [terminal] _ in await text.copy(to: terminal) }
        }
        ask { [terminal] actions in
            switch await actions.curlCommand(number) {
            case .none(let reason): DashboardMessage(reason, isFailure: true)
            case .command(let text, let remark):
                await CopyText(text: text, name: "curl command of \(number)", remark: remark).copy(to: terminal)
            }
        }
    }
}

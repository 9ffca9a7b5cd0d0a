import NIOCore
import TPoTCapture
import TPoTInspect

/// Everything that one frame shows, taken from one snapshot of the store. Views read nothing else.
package struct DashboardPicture {
    package struct Requests {
        var lines: [CaptureLine] = []
        /// The selected line of ``lines``; nil if the open exchange is no longer in the list.
        var line: Int?
        /// The number of lines above the first visible one.
        var newer = 0
        var matching = 0
        var kept = 0
        /// Those of them that are of earlier runs.
        var earlier = 0
        /// The last line is the last of the list.
        var isAtEnd = false
        var newest: UInt64 = 0
        var begun = 0
        var isSearching = false
        /// What the filter's words find in bodies, where they find nothing else.
        var bodyMatches: BodyMatches?
    }

    package struct Conversations {
        var rows: [ConversationRow] = []
        var line = 0
        var newer = 0
        var total = 0
    }

    package struct Document {
        var pane: DetailPane
        var text: DetailDocument
        var scroll: DocumentPosition
        var mode = BodyText.Mode.pretty
        /// The pane has the keys, and another one is visible.
        var isFocused = false
        /// Nil in a pane without the keys.
        var search: DocumentSearch?
        /// The nodes that are folded, and the one that `z` acts on, by their lines in the text.
        var folded: Set<Int> = []
        var node: Int?
    }

    package let state: DashboardState
    let layout: DashboardLayout
    let facts: DashboardFacts
    /// The time that the picture shows: an earlier one while it is frozen.
    let now: TrafficClock.Reading
    /// The time at which the picture is drawn.
    let drawn: TrafficClock.Reading
    let tunnel: TunnelSnapshot
    let totals: CaptureTotals
    let requests: Requests
    let conversations: Conversations
    let log: [LogText.Row]
    /// The number of log lines below the last visible one.
    let newerLog: Int
    /// The open texts: one, or request and response.
    let documents: [Document]
    /// The exchange whose text is open; nil if it is no longer kept.
    let content: CapturedExchange?
    /// What the timeline shows; nil in other lists, and without requests.
    let timeline: TimelineWindow?
    /// What the keys find to act on.
    let abilities: Set<KeyNeed>
    /// The last warning, shown while the list is empty.
    let warning: String?

    /// Takes a picture and records in the state what it shows: the cursors' rows and the scroll positions.
    package init(_ state: inout DashboardState, _ model: DashboardModel) {
        let snapshot = model.withSnapshot { model in
            let tunnel = model.source.tunnel
            state.noteChanges(tunnel, model)
            let totals = state.freeze?.totals ?? model.source.totals()
            let requests = state.settleRequests(model)
            let conversations = state.settleConversations(model)
            let text = state.settleOpenText(model)
            return (
                tunnel, totals, requests, conversations, text,
                state.abilities(tunnel, totals, requests, conversations, model)
            )
        }
        let text: OpenText?
        (tunnel, totals, requests, conversations, text, abilities) = snapshot
        layout = state.layout
        facts = model.facts
        drawn = model.now
        now = state.freeze?.now ?? model.now
        (log, newerLog) = state.settleLog(model)
        // Laying out a text may take long, so it happens outside of the store's lock.
        documents = text.map { state.settleDocuments($0, model) } ?? []
        content = text?.content
        let lines = requests.kept == 0 ? model.log.lines(model.logRange(state.freeze)) : []
        warning = lines.last { $0.level == .warning || $0.level == .error }?.text
        timeline = Self.timeline(state, requests, model, now.monotonic)
        self.state = state
        state.mouse.hints = HelpBarView.places(self)
    }

    private static func timeline(
        _ state: DashboardState,
        _ requests: Requests,
        _ model: DashboardModel,
        _ now: NIODeadline
    ) -> TimelineWindow? {
        guard state.list == .timeline else { return nil }
        let selected = requests.line.flatMap { requests.lines.indices.contains($0) ? requests.lines[$0].number : nil }
        // What happened before this machine started has no place in time.
        let rows = requests.lines.compactMap(\.row).filter { $0.exchange.times.requestBegan.uptimeNanoseconds > 0 }
        guard var window = TimelineWindow(rows, selected: selected, zoom: state.zoom, now: now) else { return nil }
        let span = window.start...window.end
        window.count(model.source.rows(state.query, overlapping: span, limit: TimelineWindow.limit), now: now)
        return window
    }

    /// When the picture has to be drawn again even if nothing arrives; nil if never.
    var nextChange: NIODeadline? {
        let message = state.message?.until
        guard isLive else { return message }
        // The next change of the uptime's seconds.
        let second: Int64 = 1_000_000_000
        let passed = tunnel.since.map { max(0, (drawn.monotonic - $0).nanoseconds) % second } ?? 0
        let tick = drawn.monotonic + (showsTenths ? .milliseconds(100) : .nanoseconds(second - passed))
        return message.map { min($0, tick) } ?? tick
    }

    /// Whether a row shows a running time in tenths of a second.
    private var showsTenths: Bool {
        guard state.freeze == nil else { return false }
        return requests.lines.lazy.compactMap(\.row).contains { row in
            let times = row.exchange.times
            return switch row.exchange.state {
            case .waitsForHold: times.held(at: drawn.monotonic) < .seconds(60)
            case .waitingForAnswer, .upgraded: times.whole(at: drawn.monotonic) < .seconds(60)
            case .connecting, .streaming, .finished, .aborted: false
            }
        }
    }

    /// Whether the picture shows a running time.
    private var isLive: Bool {
        switch tunnel.state {
        case .online, .reconnecting: return true
        case .starting, .connecting, .stopped: break
        }
        return state.freeze == nil && requests.lines.contains(where: \.isLive)
    }
}

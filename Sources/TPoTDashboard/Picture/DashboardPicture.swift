import NIOCore
import TPoTCapture

/// Everything that one frame shows, taken from the store at one moment: views look at nothing else.
package struct DashboardPicture {
    package struct Requests {
        var rows: [CaptureRow] = []
        /// The line of the selected row; nil when that is open and not in the list any more.
        var line: Int?
        /// Rows above the first one.
        var newer = 0
        var matching = 0
        var kept = 0
        var newest: UInt64 = 0
        var isSearching = false
    }

    package struct Conversations {
        var rows: [ConversationRow] = []
        var line = 0
        var newer = 0
        var total = 0
    }

    package struct Document {
        /// The exchange that is shown; nil when it is not kept any more.
        var content: CapturedExchange?
        var text: DetailDocument
        var scroll: DocumentPosition
        var search: DocumentSearch?
    }

    package let state: DashboardState
    let layout: DashboardLayout
    let facts: DashboardFacts
    /// The moment of the picture: an earlier one while it is frozen.
    let now: TrafficClock.Reading
    /// The moment in which it is drawn.
    let drawn: TrafficClock.Reading
    let tunnel: TunnelSnapshot
    let totals: CaptureTotals
    let requests: Requests
    let conversations: Conversations
    let log: [LogText.Row]
    /// Lines of the log below the last one shown.
    let newerLog: Int
    let document: Document?
    /// The last warning, where there is nothing else to show.
    let warning: String?

    /// Takes a picture, and notes in the state what it shows: where cursors stand, how far a text is scrolled.
    package init(_ state: inout DashboardState, _ model: DashboardModel) {
        let moment = model.atOneMoment { model in
            let tunnel = model.source.tunnel
            state.noteChanges(tunnel, model)
            let totals = state.freeze?.totals ?? model.source.totals()
            let requests = state.settleRequests(model)
            let conversations = state.settleConversations(model)
            return (tunnel, totals, requests, conversations, state.settleOpenText(model))
        }
        let text: OpenText?
        (tunnel, totals, requests, conversations, text) = moment
        layout = state.layout
        facts = model.facts
        drawn = model.now
        now = state.freeze?.now ?? model.now
        (log, newerLog) = state.settleLog(model)
        // To lay a text out may take long.
        document = text.map { state.settleDocument($0, model) }
        let lines = requests.kept == 0 ? model.log.lines(model.logRange(state.freeze)) : []
        warning = lines.last { $0.level == .warning || $0.level == .error }?.text
        self.state = state
    }

    /// When it has to be drawn again although nothing comes; nil when never.
    var nextChange: NIODeadline? {
        let message = state.message?.until
        guard isLive else { return message }
        // When the seconds of the time up change.
        let second: Int64 = 1_000_000_000
        let passed = tunnel.since.map { max(0, (drawn.monotonic - $0).nanoseconds) % second } ?? 0
        let tick = drawn.monotonic + (showsTenths ? .milliseconds(100) : .nanoseconds(second - passed))
        return message.map { min($0, tick) } ?? tick
    }

    /// A row shows a time that counts in tenths of a second.
    private var showsTenths: Bool {
        guard state.freeze == nil else { return false }
        return requests.rows.contains { row in
            let times = row.exchange.times
            return switch row.exchange.state {
            case .waitsForHold: times.held(at: drawn.monotonic) < .seconds(60)
            case .waitingForAnswer, .upgraded: times.whole(at: drawn.monotonic) < .seconds(60)
            case .connecting, .streaming, .finished, .aborted: false
            }
        }
    }

    /// A time in it counts.
    private var isLive: Bool {
        switch tunnel.state {
        case .online, .reconnecting: return true
        case .starting, .connecting, .stopped: break
        }
        return state.freeze == nil && requests.rows.contains { !$0.exchange.state.isOver }
    }
}

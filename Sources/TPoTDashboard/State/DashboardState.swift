import NIOCore
import TPoTCapture

/// Everything that the dashboard remembers. It determines the screen together with a ``DashboardModel``.
package struct DashboardState: Sendable {
    package enum List: Int, Hashable, Sendable, CaseIterable {
        case requests = 1
        case conversations, log, timeline

        /// Its rows are requests.
        var hasRequests: Bool { self == .requests || self == .timeline }

        package var title: String {
            switch self {
            case .requests: "Requests"
            case .conversations: "Conversations"
            case .log: "Log"
            case .timeline: "Timeline"
            }
        }
    }

    package enum Overlay: Hashable, Sendable {
        /// The help, scrolled by this many lines.
        case help(Int)
        case qrCode
        /// The columns to choose from, and which has the cursor.
        case columns(Int)
    }

    package var size: ScreenSize
    package var list = List.requests
    package var requests = ListCursor()
    package var conversations = ListCursor()
    /// The first visible row of the log, by the number of its line; nil while the log follows its end.
    package var logTop: DocumentPosition?
    package var filter = CaptureFilter.all
    /// The order of the requests.
    package var order = CaptureOrder.newestFirst
    /// The batches of replays that are shown one by one.
    package var expandedBatches: Set<UInt64> = []
    package var detail: DetailState?
    package var comparison: ComparisonState?
    /// The exchange chosen with `d`: the next one is compared with it.
    package var chosen: UInt64?
    package var prompt: DashboardPrompt?
    package var overlay: Overlay?
    package var freeze: FrozenPicture?
    package var message: ShownMessage?
    /// What lasts until the next run.
    package var memory: DashboardMemory
    /// The walk through older filters in the prompt; nil before its first step.
    var recall: FilterRecall?
    /// How many times the timeline's span was halved, or doubled if less than 0.
    var zoom = 0
    /// The rows of the list above an open detail, where the user has moved the line between them.
    package var listRows: Int?
    /// What the mouse did before, and what it can click on.
    var mouse = MouseState()
    /// Why something does not work, and the way out; nil if all is well.
    var notice: String?
    package var awaitedReplay: AwaitedReplay?
    /// Replays of signed webhooks are signed anew, if their secret is known.
    package var signsAnew = true
    /// The hold or release that was asked of the tunnel, until the tunnel reports it.
    var askedHold: Bool?
    /// The former URL whose change was announced last.
    var announcedFormerURL: String?

    package init(size: ScreenSize, memory: DashboardMemory = DashboardMemory()) {
        self.size = size
        self.memory = memory
    }

    /// The newest exchange that the lists may show: the limit of a frozen picture.
    var last: UInt64 { freeze?.newest ?? .max }

    /// What the list of requests is asked for.
    var query: CaptureQuery { CaptureQuery(filter, upTo: last, order: order, expanded: expandedBatches) }

    var layout: DashboardLayout { DashboardLayout(self) }

    /// The part that has the keys when nothing is asked.
    var contextBelowPrompt: KeyContext {
        var state = self
        state.prompt = nil
        return state.context
    }

    /// The part of the dashboard that has the keys now.
    package var context: KeyContext {
        if case .help = overlay { return .help }
        if case .columns = overlay { return .columns }
        if overlay != nil { return .overlay }
        if case .copy = prompt { return .copying }
        if case .save = prompt { return .saving }
        if case .confirm = prompt { return .confirming }
        if prompt != nil { return .typing }
        if comparison != nil { return .comparison }
        if let detail { return detail.isFull || !layout.hasSplit ? .detail : .split }
        switch list {
        case .requests: return .requests
        case .conversations: return .conversations
        case .log: return .log
        case .timeline: return .timeline
        }
    }
}

/// A question in the last line.
package enum DashboardPrompt: Hashable, Sendable {
    case filter(TextField)
    /// Which command to run.
    case palette(PaletteState)
    case search(TextField)
    /// Which requests to hold.
    case hold(TextField)
    /// With which status to refuse this held exchange.
    case refusal(UInt64, TextField)
    /// How often to replay this exchange.
    case replayCount(UInt64, TextField)
    /// What to copy of this exchange; nil if none is selected.
    case copy(UInt64?)
    /// Which body of this exchange to save.
    case save(UInt64)
    /// Whether to do something that cannot be undone.
    case confirm(DashboardQuestion)

    var field: TextField? {
        switch self {
        case .filter(let field), .search(let field), .hold(let field), .refusal(_, let field),
            .replayCount(_, let field):
            field
        case .palette(let palette): palette.field
        case .copy, .save, .confirm: nil
        }
    }
}

/// Something that cannot be undone, so the user is asked first.
package enum DashboardQuestion: Hashable, Sendable {
    /// To quit while the tunnel is online.
    case endTunnel
    /// To remove this many requests from the list.
    case clear(Int)
}

/// A requested replay whose row has not arrived yet. The cursor moves to the row when it arrives.
package struct AwaitedReplay: Hashable, Sendable {
    package var original: UInt64
    /// The number of rows still to come.
    package var count: Int
    /// Exchanges up to this number have been checked.
    package var seen: UInt64
    /// What is said of it: `, signed anew`.
    package var remark = ""
    /// The first replay that arrived.
    package var first: UInt64?
}

/// The open comparison of a replay with its original, or of any two exchanges.
package struct ComparisonState: Hashable, Sendable {
    /// The replay, or the newer one.
    package var number: UInt64
    package var original: UInt64
    /// The folded runs of equal lines that are open.
    package var open: Set<Int> = []
    /// The difference that `n` or `N` moved to last.
    package var difference: Int?
    /// How many differences the last picture had.
    var total = 0
    package var scroll = DocumentPosition()
}

/// The message in the last line, and when it disappears.
package struct ShownMessage: Hashable, Sendable {
    package var message: DashboardMessage
    package var until: NIODeadline
}

/// A message for the user, such as the outcome of an action.
package struct DashboardMessage: Hashable, Sendable {
    package var text: String
    package var isFailure: Bool

    package init(_ text: String, isFailure: Bool = false) {
        self.text = text
        self.isFailure = isFailure
    }

    /// How long a message stays, unless the user presses a key first.
    static func duration(isFailure: Bool) -> TimeAmount { isFailure ? .seconds(10) : .seconds(5) }
}

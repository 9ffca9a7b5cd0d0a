import NIOCore
import TPoTCapture

/// All that the dashboard remembers. Together with a ``DashboardModel`` it says what the screen shows.
package struct DashboardState: Sendable {
    package enum List: Int, Hashable, Sendable, CaseIterable {
        case requests = 1
        case conversations, log
    }

    package enum Overlay: Hashable, Sendable {
        /// Scrolled by so many lines.
        case help(Int)
        case qrCode
    }

    package var size: ScreenSize
    package var list = List.requests
    package var requests = ListCursor()
    package var conversations = ListCursor()
    /// The first row of the log that is shown, by the number of its line; nil while it follows the newest.
    package var logTop: DocumentPosition?
    package var filter = CaptureFilter.all
    package var detail: DetailState?
    package var comparison: ComparisonState?
    /// The exchange that the next one is to be compared with.
    package var chosen: UInt64?
    package var prompt: DashboardPrompt?
    package var overlay: Overlay?
    package var freeze: FrozenPicture?
    package var message: ShownMessage?
    package var awaitedReplay: AwaitedReplay?
    /// What the tunnel was asked for and has not told yet.
    var askedHold: Bool?
    /// A change to this URL has been told.
    var toldFormerURL: String?

    package init(size: ScreenSize) {
        self.size = size
    }

    /// Newer exchanges are not in the picture.
    var last: UInt64 { freeze?.newest ?? .max }

    var layout: DashboardLayout { DashboardLayout(self) }

    /// What a key means depends on where it is pressed.
    package var context: KeyContext {
        if case .help = overlay { return .help }
        if overlay != nil { return .overlay }
        if case .copy = prompt { return .copying }
        if prompt != nil { return .typing }
        if comparison != nil { return .comparison }
        if let detail { return detail.isFull || !layout.hasSplit ? .detail : .split }
        switch list {
        case .requests: return .requests
        case .conversations: return .conversations
        case .log: return .log
        }
    }
}

/// A question in the last line.
package enum DashboardPrompt: Hashable, Sendable {
    case filter(TextField)
    case search(TextField)
    /// How many times this exchange is to be replayed.
    case replayCount(UInt64, TextField)
    /// What to copy of this exchange; nil where there is none.
    case copy(UInt64?)

    var field: TextField? {
        switch self {
        case .filter(let field), .search(let field), .replayCount(_, let field): field
        case .copy: nil
        }
    }
}

/// A replay that was asked for and whose row has not come yet: when it comes, it takes the cursor.
package struct AwaitedReplay: Hashable, Sendable {
    /// Exchanges that are looked at for one picture.
    static let stretch: UInt64 = 256

    package var original: UInt64
    /// How many rows are still to come.
    package var count: Int
    /// Exchanges up to this number have been looked at.
    package var seen: UInt64
    /// The first one that came.
    package var first: UInt64?
    /// Those that came and that the filter hides, as long as an answer may still change that.
    package var hidden: [UInt64] = []
}

/// The open comparison of a replay with its original, or of any two exchanges.
package struct ComparisonState: Hashable, Sendable {
    /// The replay, or the newer one.
    package var number: UInt64
    package var original: UInt64
    package var scroll = DocumentPosition()
}

/// What the last line tells for a while.
package struct ShownMessage: Hashable, Sendable {
    package var message: DashboardMessage
    package var until: NIODeadline
}

/// The outcome of something, for the user.
package struct DashboardMessage: Hashable, Sendable {
    package var text: String
    package var isFailure: Bool

    package init(_ text: String, isFailure: Bool = false) {
        self.text = text
        self.isFailure = isFailure
    }

    /// How long it stays, unless a key is pressed first.
    static func duration(isFailure: Bool) -> TimeAmount { isFailure ? .seconds(10) : .seconds(5) }
}

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

import TPoTCapture
import TPoTTraffic

/// What the outside has to do.
package enum DashboardCommand: Hashable, Sendable {
    case quit(DashboardEnd)
    case suspend
    case redraw
    case hold(Bool)
    case replay(UInt64, count: Int)
    case edit(UInt64)
    case closeConversation(ConversationNumber)
    case copy(CopiedThing)
    case writeHAR(CaptureFilter)
    case openURL(String)
    case mark(UInt64, Bool)
    case clearUnmarked
}

/// What goes into the clipboard.
package enum CopiedThing: Hashable, Sendable {
    /// Of a request, or the tunnel's own.
    case url(String, of: UInt64?)
    case curl(UInt64)
    /// Of the request, or of the response where that is open.
    case body(UInt64, ofResponse: Bool)
    case head(UInt64, ofResponse: Bool)
}

/// Why the dashboard is over.
package enum DashboardEnd: Hashable, Sendable {
    /// The user has had enough.
    case quit
    /// SIGTERM.
    case terminate
    /// SIGHUP, or the terminal has gone.
    case hangUp
}

/// What happened.
package enum DashboardInput: Hashable, Sendable {
    case key(Key)
    case message(DashboardMessage)
}

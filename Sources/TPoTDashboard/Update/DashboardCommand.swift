import TPoTCapture
import TPoTInspect
import TPoTTraffic

/// What an update asks the rest of the program to do.
package enum DashboardCommand: Hashable, Sendable {
    case quit(DashboardEnd)
    case suspend
    case redraw
    case hold(Bool)
    case holdMatching(HeadFilter)
    case letGo(HeldRequestID)
    /// Answers a held request with this status, and closes its connection.
    case refuse(HeldRequestID, status: Int)
    /// Opens a held request in the editor. Edited, it goes on.
    case editHeld(UInt64, signed: Bool = false)
    /// - Parameter signed: with a new signature.
    case replay(UInt64, count: Int, signed: Bool = false)
    case edit(UInt64, signed: Bool = false)
    case closeConversation(ConversationNumber)
    case copy(CopiedThing)
    case writeHAR(CaptureFilter)
    case saveBody(UInt64, ofResponse: Bool)
    case openURL(String)
    case mark(UInt64, Bool)
    case clearUnmarked
    /// Keeps this until the next run.
    case remember(DashboardMemory.Change)
}

/// What goes into the clipboard.
package enum CopiedThing: Hashable, Sendable {
    /// The URL of a request, or the public URL if there is no request.
    case url(String, of: UInt64?)
    case curl(UInt64)
    /// The body of the request, or of the response if its tab is open.
    case body(UInt64, ofResponse: Bool)
    /// The head, likewise.
    case head(UInt64, ofResponse: Bool)
}

/// Why the dashboard ended.
package enum DashboardEnd: Hashable, Sendable {
    /// The user quit.
    case quit
    /// SIGTERM.
    case terminate
    /// SIGHUP, or the terminal is gone.
    case hangUp
}

/// An input of the dashboard's update.
package enum DashboardInput: Hashable, Sendable {
    case key(Key)
    case message(DashboardMessage)
}

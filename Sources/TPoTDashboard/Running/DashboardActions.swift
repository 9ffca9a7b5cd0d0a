import TPoTCapture
import TPoTInspect
import TPoTTraffic

/// What the dashboard asks of the rest of the program. The messages are short and for the user: `replayed 412`.
package protocol DashboardActions: AnyObject, Sendable {
    /// Holds or releases the tunnel. Calls take effect in their order.
    func hold(_ isHolding: Bool)

    /// Holds the requests that match, until the next `hold(false)`.
    func hold(matching filter: HeadFilter)

    /// Lets a held request go on.
    func letGo(_ id: HeldRequestID)

    /// Answers a held request with this status, and closes its connection.
    func refuse(_ id: HeldRequestID, status: Int)

    /// Opens a held request in the editor. Edited, it goes on, signed anew if `isSigned` is true.
    func editHeld(_ number: UInt64, isSigned: Bool) async -> DashboardMessage?

    /// Sends a captured request again, `count` times, signed anew if `isSigned` is true. Nil on success: the dashboard finds the new rows itself.
    func replay(_ number: UInt64, count: Int, isSigned: Bool) async -> DashboardMessage?

    /// Opens the request in the editor and sends the edited request, signed anew if `isSigned` is true.
    func edit(_ number: UInt64, isSigned: Bool) async -> DashboardMessage?

    func closeConversation(_ number: ConversationNumber)

    /// The request as a curl command. Its body may have been written to a file.
    func curlCommand(_ number: UInt64) async -> CurlText

    /// Writes the matching exchanges to a file and says where.
    func writeHAR(_ filter: CaptureFilter) async -> DashboardMessage?

    /// Writes a decoded body to a new file and says where.
    func saveBody(_ number: UInt64, ofResponse: Bool) async -> DashboardMessage?

    func openURL(_ url: String) async -> DashboardMessage?

    /// Keeps a change for the next run, and returns at once. Changes are written in their order.
    /// - Parameter report: gets why something will not last.
    func remember(_ change: DashboardMemory.Change, report: @escaping @Sendable (DashboardMessage) -> Void)
}

/// A curl command, or why there is none.
package enum CurlText: Hashable, Sendable {
    /// - Parameter remark: a note for the user: `the body is in /tmp/…`.
    case command(String, remark: String?)
    case none(reason: String)
}

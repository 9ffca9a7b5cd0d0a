import TPoTCapture
import TPoTTraffic

/// What the dashboard can ask of the rest of the program. Messages are for the user, in a few words: `replayed 412`.
package protocol DashboardActions: AnyObject, Sendable {
    /// Holds the tunnel or lets everything go on; in the order of the calls.
    func hold(_ isHolding: Bool)

    /// Sends a captured request again. The new row is found by the dashboard itself: nil when all is well.
    func replay(_ number: UInt64, count: Int) async -> DashboardMessage?

    /// Opens the request in the editor and sends what it has become.
    func edit(_ number: UInt64) async -> DashboardMessage?

    func closeConversation(_ number: ConversationNumber)

    /// The request as a curl command, whose body may have been written to a file.
    func curlCommand(_ number: UInt64) async -> CurlText

    /// Writes what matches to a file and says where.
    func writeHAR(_ filter: CaptureFilter) async -> DashboardMessage?

    func openURL(_ url: String) async -> DashboardMessage?
}

/// A curl command, or why there is none.
package enum CurlText: Hashable, Sendable {
    /// - Parameter remark: what the user has to know: `the body is in /tmp/…`.
    case command(String, remark: String?)
    case none(reason: String)
}

import TPoTCapture
import TPoTInspect
import TPoTTraffic

@testable import TPoTDashboard

/// A fake for the rest of the program. It records calls and gives preset answers.
final class FakeActions: DashboardActions {
    /// The recorded calls, each in a few words.
    let calls: AsyncStream<String>
    private let called: AsyncStream<String>.Continuation
    private let curl: CurlText
    private let answer: DashboardMessage?

    init(curl: CurlText = .none(reason: "no"), answer: DashboardMessage? = nil) {
        (calls, called) = AsyncStream.makeStream()
        self.curl = curl
        self.answer = answer
    }

    private func note(_ call: String) { called.yield(call) }

    func hold(_ isHolding: Bool) { note("hold \(isHolding)") }
    func hold(matching filter: HeadFilter) { note("hold \(filter.text)") }
    func letGo(_ id: HeldRequestID) { note("let go \(id)") }
    func refuse(_ id: HeldRequestID, status: Int) { note("refuse \(id) \(status)") }
    func closeConversation(_ number: ConversationNumber) { note("close \(number)") }

    func remember(_ change: DashboardMemory.Change, report: @escaping @Sendable (DashboardMessage) -> Void) {
        note("remember \(change)")
        if let answer { report(answer) }
    }

    func replay(_ number: UInt64, count: Int, isSigned: Bool) async -> DashboardMessage? {
        note("replay \(number) \(count)")
        return answer
    }

    func editHeld(_ number: UInt64, isSigned: Bool) async -> DashboardMessage? {
        note("edit held \(number)")
        return answer
    }

    func edit(_ number: UInt64, isSigned: Bool) async -> DashboardMessage? {
        note("edit \(number)")
        return answer
    }

    func curlCommand(_ number: UInt64) async -> CurlText {
        note("curl \(number)")
        return curl
    }

    func writeHAR(_ filter: CaptureFilter) async -> DashboardMessage? {
        note("HAR \(filter.text)")
        return answer
    }

    func saveBody(_ number: UInt64, ofResponse: Bool) async -> DashboardMessage? {
        note("save \(number) \(ofResponse)")
        return answer
    }

    func openURL(_ url: String) async -> DashboardMessage? {
        note("open \(url)")
        return answer
    }
}

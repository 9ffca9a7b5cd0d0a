import TPoTCapture
import TPoTInspect
import TPoTWire

/// Whether a replay gets a new signature.
enum SigningUpdate {
    /// - Returns: with it what is said of the replay.
    static func decide(
        _ content: CapturedExchange?,
        _ state: DashboardState,
        _ model: DashboardModel
    ) -> (isSigned: Bool, remark: String) {
        guard let content else { return (false, "") }
        if state.signsAnew, model.facts.signing?.canSign(content) == true { return (true, ", signed anew") }
        guard let age = ReplaySigning.age(of: content, at: model.now.unixNanoseconds) else { return (false, "") }
        let sender = content.row.delivery?.sender.map { VisibleText.text($0, limit: 40) } ?? "its sender"
        let (old, allowed) = (SignatureWords.span(age.seconds), SignatureWords.span(age.allowed))
        return (false, "; its signature is \(old) old, and \(sender) allows \(allowed)")
    }

    static func toggle(_ state: inout DashboardState, _ model: DashboardModel) -> [DashboardCommand] {
        func report(_ text: String, isFailure: Bool = false) {
            state.show(DashboardMessage(text, isFailure: isFailure), at: model.now.monotonic)
        }
        guard model.facts.signing != nil else {
            let isOpened = model.facts.opened != nil
            let reason = isOpened ? "only a --target on this machine gets new signatures" : KeyNeed.webhookSecret.reason
            report("\(reason)\(isOpened ? ", with " : ": ")--webhook-secret stripe=@FILE", isFailure: true)
            return []
        }
        state.signsAnew.toggle()
        let now =
            state.signsAnew ? "replays of signed webhooks are signed anew" : "replays keep the signature as captured"
        report(now)
        return []
    }
}

import TPoTCapture
import TPoTInspect

extension DashboardState {
    /// What the keys find to act on now: the help bar offers only that.
    func abilities(
        _ tunnel: TunnelSnapshot,
        _ totals: CaptureTotals,
        _ requests: DashboardPicture.Requests,
        _ conversations: DashboardPicture.Conversations,
        _ model: DashboardModel
    ) -> Set<KeyNeed> {
        var abilities: Set<KeyNeed> = [.nothing]
        if model.facts.opened == nil { abilities.insert(.tunnel) }
        if model.facts.signing != nil { abilities.insert(.webhookSecret) }
        if tunnel.url != nil { abilities.insert(.publicURL) }
        if requests.kept > 0 { abilities.insert(.requests) }
        if totals.failing > 0 || FailedOnly.isOn(filter) { abilities.insert(.failures) }
        if let number = selected, let content = model.source.detail(number) {
            abilities.insert(.request)
            if content.exchange.hold?.isMatch == true { abilities.insert(.heldRequest) }
            if content.replayRefusal == nil, !model.facts.target.isEmpty { abilities.insert(.replayable) }
        }
        if list == .conversations, conversations.rows.indices.contains(conversations.line) {
            abilities.insert(.conversation)
            if conversations.rows[conversations.line].isOpen { abilities.insert(.openConversation) }
        }
        return abilities
    }
}

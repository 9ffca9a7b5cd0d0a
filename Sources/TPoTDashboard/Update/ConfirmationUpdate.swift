/// Questions before something that cannot be undone.
enum ConfirmationUpdate {
    /// Quits, or asks first if visitors would lose the tunnel.
    static func leave(_ state: inout DashboardState, _ model: DashboardModel) -> [DashboardCommand] {
        guard case .online = model.source.tunnel.state else { return [.quit(.quit)] }
        state.prompt = .confirm(.endTunnel)
        return []
    }

    /// Takes the answer. The key that led to the question says yes, too.
    static func answer(_ action: KeyAction?, _ state: inout DashboardState) -> [DashboardCommand] {
        guard case .confirm(let question) = state.prompt else { return [] }
        state.prompt = nil
        switch (question, action) {
        case (.endTunnel, .leave), (.endTunnel, .confirm): return [.quit(.quit)]
        case (.clear, .clearUnmarked), (.clear, .confirm): return [.clearUnmarked]
        default: return []
        }
    }
}

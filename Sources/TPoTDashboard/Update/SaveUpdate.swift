import TPoTCapture

/// Saves a body to a file.
enum SaveUpdate {
    /// Saves the only body that there is, or asks which one.
    static func save(
        _ content: CapturedExchange,
        _ state: inout DashboardState,
        _ model: DashboardModel
    ) -> [DashboardCommand] {
        let hasRequest = !content.requestBody.bytes.isEmpty
        let hasResponse = !content.responseBody.bytes.isEmpty
        if hasRequest, hasResponse {
            state.prompt = .save(content.number)
            return []
        }
        if hasRequest || hasResponse { return [.saveBody(content.number, ofResponse: hasResponse)] }
        let passed = content.requestBody.count + content.responseBody.count
        let reason = passed > 0 ? "no body was captured (--capture-body)" : "there is no body"
        state.show(DashboardMessage("\(content.number): \(reason)", isFailure: true), at: model.now.monotonic)
        return []
    }

    static func choose(_ action: KeyAction?, _ state: inout DashboardState) -> [DashboardCommand] {
        guard case .save(let number) = state.prompt else { return [] }
        state.prompt = nil
        switch action {
        case .saveRequestBody: return [.saveBody(number, ofResponse: false)]
        case .saveResponseBody: return [.saveBody(number, ofResponse: true)]
        default: return []
        }
    }
}

import TPoTCapture

/// The status of an exchange as lists show it. It is never plain if the exchange did not go well.
///
///     200    it went well          200⚑   the visitor left before it had the answer
///     …      no answer yet         200✗   the answer broke off, or its end was not seen
///     ✗      no answer came        ✗⚑     the visitor left, and no answer had come
struct StatusCell {
    static let width = 4

    let text: String
    let role: StyleRole

    init(_ exchange: Exchange) {
        let status = exchange.status.map { "\($0)" }
        switch exchange.state {
        case .aborted(.visitorGone), .aborted(.visitorGoneUnsure):
            (text, role) = ((status ?? "✗") + "⚑", .failure)
        case .aborted:
            (text, role) = (status.map { $0 + "✗" } ?? "✗", .failure)
        case .waitsForHold where status == nil: (text, role) = ("…", .held)
        case .connecting where status == nil, .waitingForAnswer where status == nil: (text, role) = ("…", .waiting)
        default: (text, role) = (status ?? "–", status == nil ? .dim : StatusStyle.role(of: exchange.status))
        }
    }
}

import TPoTTunnel

extension HeldEditRefusal {
    /// Why, as the end of a sentence for the user.
    var text: String {
        switch self {
        case .notHeld: "it is not held any more"
        case .incomplete: "its body has not come whole"
        case .isUpgrade: "requests that ask for an upgrade go on as they are"
        case .changesHead: "only one of the two is HEAD, and the visitor expects the answer to its own request"
        case .notOneRequest: "this is not exactly one request; Content-Length or chunks may not fit the body"
        }
    }
}

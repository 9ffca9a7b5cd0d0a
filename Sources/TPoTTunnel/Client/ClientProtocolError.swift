/// A violation of the protocol by the server.
enum ClientProtocolError: Error, CustomStringConvertible {
    case noGreeting
    case notForClients
    /// A second half-close, or one after more data than its total.
    case halfCloseOutOfPlace
    case dataAfterHalfClose

    var description: String {
        switch self {
        case .noGreeting: "the first message was no greeting"
        case .notForClients: "conversation message that only clients send"
        case .halfCloseOutOfPlace: "half-close of a conversation that cannot be half-closed"
        case .dataAfterHalfClose: "data after a half-close"
        }
    }
}

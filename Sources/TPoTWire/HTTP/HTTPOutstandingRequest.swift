/// What has to be known of a request until its answer is complete. One byte, because there may be a thousand in a row.
struct HTTPOutstandingRequest: Sendable {
    private enum Kind: UInt8 {
        case plain, plainUpgrade, head, headUpgrade, connect
    }

    private let kind: Kind

    init(_ head: HTTPRequestHead) {
        kind =
            switch head.method {
            case .connect: .connect
            case .head: head.asksForUpgrade ? .headUpgrade : .head
            default: head.asksForUpgrade ? .plainUpgrade : .plain
            }
    }

    /// Its answer has no body.
    var isHead: Bool { kind == .head || kind == .headUpgrade }
    /// A 2xx to it opens a tunnel.
    var isConnect: Bool { kind == .connect }
    /// No later bytes can be understood before its answer's head has come.
    var asksForUpgrade: Bool { kind != .plain && kind != .head }
}

/// What must be known about a request until its answer is complete. One byte, because a thousand may be outstanding.
struct HTTPOutstandingRequest: OptionSet, Sendable {
    let rawValue: UInt8

    /// Its answer has no body.
    private static let head = HTTPOutstandingRequest(rawValue: 1 << 0)
    /// A 2xx answer to it opens a tunnel.
    private static let connect = HTTPOutstandingRequest(rawValue: 1 << 1)
    private static let upgrade = HTTPOutstandingRequest(rawValue: 1 << 2)
    private static let expectsContinue = HTTPOutstandingRequest(rawValue: 1 << 3)

    init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    init(_ head: HTTPRequestHead) {
        self = []
        if head.method == .head { insert(.head) }
        if head.method == .connect { insert(.connect) }
        if head.asksForUpgrade { insert(.upgrade) }
        if head.expectsContinue { insert(.expectsContinue) }
    }

    var isHead: Bool { contains(.head) }
    var isConnect: Bool { contains(.connect) }
    /// The bytes after it cannot be interpreted before the head of its answer has come.
    var asksForUpgrade: Bool { contains(.upgrade) }
    /// The visitor may wait for a 100 before it sends the body.
    var asksForContinue: Bool { contains(.expectsContinue) }
}

import NIOCore
import TPoTCapture
import TPoTTraffic
import TPoTWire

/// Single values of an entry.
extension HAREntryReader {
    static func start(_ entry: [String: JSONSlice]) throws(Failure) -> Int64 {
        guard let value = entry["startedDateTime"] else { throw Failure(reason: "has no startedDateTime") }
        guard let text = value.text(limit: 100)?.bytes, let time = UTCTime.unixNanoseconds(rfc3339: text),
            // From 1823 to 2116: sums with such times do not overflow.
            (-(1 << 62)..<(1 << 62)).contains(time)
        else {
            let shown = value.string(limit: 40).map { "\"\(VisibleText.text($0))\"" } ?? value.kind.rawValue
            throw Failure(reason: "has \(shown) as its startedDateTime, which is no usable date")
        }
        return time
    }

    /// A positive whole number that a `Double` holds exactly.
    static func number(_ value: JSONSlice?) -> UInt64? {
        guard let number = value?.number, 1...Double(1 << 53) ~= number else { return nil }
        return UInt64(exactly: number)
    }

    static func isSocket(_ entry: [String: JSONSlice], _ status: Int?) -> Bool {
        guard entry["_webSocketMessages"]?.kind == .array else { return false }
        return status == 101 || entry["_resourceType"]?.string(limit: 16) == "websocket"
    }

    static func origin(_ entry: [String: JSONSlice]) -> ConversationOrigin? {
        if let original = number(entry["_replayOf"]) { return .replay(of: original) }
        return entry["_remote"]?.string(limit: 64).flatMap(RemoteAddress.init(text:)).map { .visitor(id: 0, $0) }
    }

    static func state(
        _ entry: [String: JSONSlice],
        _ response: [String: JSONSlice],
        isAnswered: Bool
    ) -> ExchangeState {
        if let word = entry["_outcome"]?.string(limit: 32) {
            return StoredState(word: word, reason: entry["_reason"]?.string(limit: 1024)).state
        }
        if let error = response["_error"]?.string(limit: 1024), !error.isEmpty {
            // What Chrome and Firefox say when the user leaves.
            let isByVisitor = error == "net::ERR_ABORTED" || error == "NS_BINDING_ABORTED"
            return .aborted(isByVisitor ? .visitorGone : .targetGone(error))
        }
        return isAnswered ? .finished : .aborted(.eventsLost)
    }
}

extension ExchangeState {
    /// It ended before the target was connected.
    var isWithoutConnection: Bool {
        switch self {
        case .aborted(.targetNotConnected), .aborted(.targetNotSecured): true
        default: false
        }
    }
}

extension RemoteAddress {
    /// Reads `203.0.113.9:52110` and `[2001:db8::9]:52110`.
    fileprivate init?(text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        let host = text[..<colon].filter { $0 != "[" && $0 != "]" }
        switch try? SocketAddress(ipAddress: host, port: Int(port)) {
        case .v4(let address):
            self.init(ip: UInt32(bigEndian: address.address.sin_addr.s_addr), port: port)
        case .v6(let address):
            let octets = withUnsafeBytes(of: address.address.sin6_addr) { Array($0) }
            func number(_ octets: ArraySlice<UInt8>) -> UInt64 { octets.reduce(0) { $0 << 8 | UInt64($1) } }
            self.init(ip6: IPv6Octets(high: number(octets[..<8]), low: number(octets[8...])), port: port)
        case .unixDomainSocket, nil:
            return nil
        }
    }
}

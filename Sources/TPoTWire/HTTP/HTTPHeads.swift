import NIOCore

/// The methods that are recognised without making a `String`. Every other token is `other` (RFC 9110, 9).
package enum HTTPMethod: UInt8, Hashable, Sendable {
    case get, head, post, put, delete, options, patch, connect, trace, other

    /// Methods are case-sensitive: `get` is `other`.
    init(_ range: Range<Int>, in bytes: UnsafeRawBufferPointer) {
        self = .other
        guard (3...7).contains(range.count) else { return }
        var word: UInt64 = 0
        for offset in range { word = word << 8 | UInt64(bytes[offset]) }
        switch word {
        case 0x47_4554: self = .get
        case 0x4845_4144: self = .head
        case 0x504F_5354: self = .post
        case 0x50_5554: self = .put
        case 0x4445_4C45_5445: self = .delete
        case 0x4F_5054_494F_4E53: self = .options
        case 0x50_4154_4348: self = .patch
        case 0x43_4F4E_4E45_4354: self = .connect
        case 0x54_5241_4345: self = .trace
        default: break
        }
    }
}

/// How the end of a message's body is found (RFC 9112, 6.3).
package enum HTTPBodyFraming: Hashable, Sendable {
    /// There is no body: the message ends with its head.
    case none
    case length(UInt64)
    case chunked
    /// Answers only: the body lasts until the target closes.
    case untilClose
}

/// The head of a request as received, and what it says about its end, its host and its connection.
///
/// All ranges are offsets into ``raw``, whose reader index is 0.
package struct HTTPRequestHead: Hashable, Sendable {
    /// The whole head, including empty lines before the request line (RFC 9112, 2.2) and the blank line after the
    /// fields.
    package let raw: ByteBuffer
    package let method: HTTPMethod
    package let methodRange: Range<Int>
    /// The request-target, in any of its four forms (RFC 9112, 3.2).
    package let targetRange: Range<Int>
    /// The `d` of HTTP/1.d. Values above 1 are treated like 1 (RFC 9110, 2.5).
    package let minorVersion: UInt8
    /// The value of the first `Host`, trimmed. It may be empty. Nil without a `Host`.
    package let hostRange: Range<Int>?
    package let hostCount: Int
    package let framing: HTTPBodyFraming
    /// `Connection` lists `upgrade` and there is an `Upgrade` field, or the method is CONNECT. After the answer the
    /// connection may carry another protocol (RFC 9110, 7.8 and 9.3.6).
    package let asksForUpgrade: Bool
    /// The visitor wants the connection to close after the answer (RFC 9112, 9.3).
    package let wantsClose: Bool
    /// The visitor may wait for a 100 before it sends the body (RFC 9110, 10.1.1).
    package let expectsContinue: Bool

    package var methodBytes: ByteBufferView { raw.readableBytesView[methodRange] }
    package var target: ByteBufferView { raw.readableBytesView[targetRange] }
    package var host: ByteBufferView? { hostRange.map { raw.readableBytesView[$0] } }
    package var fields: HTTPHeaderFields { HTTPHeaderFields(ofHead: raw) }

    /// A fault that a server must refuse although the end of the request is clear (RFC 9112, 3.2).
    package var hostFault: HTTPRequestFault? {
        if hostCount > 1 { return .multipleHosts }
        if hostCount == 0, minorVersion > 0 { return .missingHost }
        guard let host, let authority = targetAuthority else { return nil }
        return Self.hostName(authority) == Self.hostName(host) ? nil : .conflictingHosts
    }

    /// The host and port to route by. Those of the request-target take precedence over `Host` (RFC 9112, 3.2.2).
    package var routingHost: ByteBufferView? { targetAuthority ?? host }

    /// In lower case, without port and final dot.
    private static func hostName(_ authority: ByteBufferView) -> [UInt8] {
        var name = authority[...]
        if let colon = name.lastIndex(of: UInt8(ascii: ":")), name[(colon + 1)...].allSatisfy(\.isDigit) {
            name = name[..<colon]
        }
        if name.last == ASCII.dot { name = name.dropLast() }
        return name.map(\.lowercased)
    }

    /// The host and port of a request-target in absolute form, or of a CONNECT.
    private var targetAuthority: ByteBufferView? {
        let target = target
        guard let first = target.first, first != UInt8(ascii: "/"), first != UInt8(ascii: "*") else { return nil }
        guard method != .connect else { return target }
        let isAbsolute = raw.withUnsafeReadableBytes { bytes in
            bytes.begins(with: "http://", in: targetRange) || bytes.begins(with: "https://", in: targetRange)
        }
        guard isAbsolute, let slash = target.firstIndex(of: UInt8(ascii: "/")) else { return nil }
        let rest = target[(slash + 2)...]
        let ends: (UInt8) -> Bool = { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") }
        let authority = rest[..<(rest.firstIndex(where: ends) ?? rest.endIndex)]
        let afterUserInfo = authority.lastIndex(of: UInt8(ascii: "@")).map { $0 + 1 } ?? authority.startIndex
        return authority[afterUserInfo...]
    }

    /// The head with another value of `Host`. Everything else stays byte for byte, including white space around the
    /// value.
    ///
    /// A missing `Host` is not added (HTTP/1.0). Of several, only the first is replaced, because the target refuses
    /// such a request anyway.
    /// - Parameter extraFields: whole lines with their CRLF. They are inserted after the `Host` line, or after the
    ///   request line if there is no `Host`.
    package func replacingHost(with value: ByteBuffer, inserting extraFields: ByteBuffer? = nil) -> ByteBuffer {
        let end = raw.readableBytes
        // Without a Host, take the end of the request-target: the next line feed then ends the request line.
        let replaced = hostRange ?? targetRange.upperBound..<targetRange.upperBound
        let lineEnd = raw.withUnsafeReadableBytes { bytes in
            bytes.firstOffset(of: ASCII.lineFeed, in: replaced.upperBound..<end).map { $0 + 1 } ?? end
        }
        let capacity = end - replaced.count + value.readableBytes + (extraFields?.readableBytes ?? 0)
        var head = ByteBufferAllocator().buffer(capacity: capacity)
        head.writeBytes(of: raw, in: 0..<replaced.lowerBound)
        if hostRange != nil { head.writeImmutableBuffer(value) }
        head.writeBytes(of: raw, in: replaced.upperBound..<lineEnd)
        if let extraFields { head.writeImmutableBuffer(extraFields) }
        head.writeBytes(of: raw, in: lineEnd..<end)
        return head
    }
}

extension ByteBuffer {
    /// Appends a range of the readable bytes of `other`. It makes one copy and no slice.
    fileprivate mutating func writeBytes(of other: ByteBuffer, in range: Range<Int>) {
        other.withUnsafeReadableBytes { bytes in
            _ = writeBytes(UnsafeRawBufferPointer(rebasing: bytes[range]))
        }
    }
}

/// The head of an answer as received, and how the end of its body is found.
package struct HTTPResponseHead: Hashable, Sendable {
    /// The whole head, including line ends before the status line and the blank line after the fields.
    package let raw: ByteBuffer
    /// 100 to 999.
    package let status: Int
    /// The reason phrase, as offsets into ``raw``. It may be empty or missing.
    package let reasonRange: Range<Int>
    package let minorVersion: UInt8
    /// How this answer ends: always `.none` after HEAD and for 1xx, 204 and 304, whatever the fields say.
    package let framing: HTTPBodyFraming
    /// A 1xx other than 101: the final answer is still to come, and no `.end` follows (RFC 9110, 15.2).
    package let isInterim: Bool
    /// A 101, or a 2xx to a CONNECT. After the `.end` that follows, both directions carry another protocol.
    package let opensTunnel: Bool
    /// The target wants the connection to close after this answer (RFC 9112, 9.3).
    package let wantsClose: Bool
    /// The head follows the strict grammar of RFC 9112. If not, the end is still certain, but the sender is not to be
    /// relied on: the connection should not be used for other requests.
    package let isExact: Bool

    package var reason: ByteBufferView { raw.readableBytesView[reasonRange] }
    package var fields: HTTPHeaderFields { HTTPHeaderFields(ofHead: raw) }
}

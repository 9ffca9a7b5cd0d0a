import NIOCore

/// The number of a conversation within its tunnel: 1…65,535, unsigned, reused after a conversation has ended.
package typealias ConversationID = UInt16

/// One message of the TPoT/1 protocol: one binary WebSocket message.
///
/// Integers are little-endian and unsigned. `data` may hold only part of a WebSocket message: see
/// ``TunnelMessageDecoder``.
package enum TunnelMessage: Hashable, Sendable {
    /// `11 'G' "TPoT/1 " subdomain`, server to client: the first message of a tunnel.
    case greeting(Subdomain)
    /// `11 'H' id ip port`, server to client: a visitor opened an HTTP conversation. With ``TunnelExtensions/ip6``, an
    /// IPv6 address is sent as `11 'I' id ip[16] port`.
    case openHTTP(ConversationID, RemoteAddress)
    /// `11 'R' id ip port`, server to client: reserved for conversations that are not HTTP. No known server sends it.
    case openRaw(ConversationID, RemoteAddress)
    /// `12 id 'D' bytes…`, both ways.
    case data(ConversationID, ByteBuffer)
    /// `12 id 'P'`, both ways: stop sending data of this conversation.
    case pause(ConversationID)
    /// `12 id 'C'`, both ways: continue sending.
    case resume(ConversationID)
    /// `12 id 'X'`, both ways: the sender's side of this conversation is closed.
    case closed(ConversationID)
    /// `12 id 'N'`, client to server: the target could not be connected. An `X` follows.
    case couldNotConnect(ConversationID)

    /// `12 id 'X' cause taken:u64`, both ways: replaces ``closed(_:)`` with ``TunnelExtensions/cause``.
    /// `taken` counts the bytes of data that the visitor's side has acknowledged. From a client it is 0.
    case ended(ConversationID, ConversationCause, taken: UInt64)
    /// `12 id 'E' total:u64`, with ``TunnelExtensions/half``: the visitor closed its sending side after `total` bytes
    /// of data in this direction. A client sends it only after an upgrade.
    case halfClosed(ConversationID, total: UInt64)
}

/// The bytes that identify the kind of a message.
package enum TunnelCode {
    package static let control: UInt8 = 0x11
    package static let conversation: UInt8 = 0x12

    package static let greeting = UInt8(ascii: "G")
    package static let openHTTP = UInt8(ascii: "H")
    package static let openRaw = UInt8(ascii: "R")

    package static let data = UInt8(ascii: "D")
    package static let pause = UInt8(ascii: "P")
    package static let resume = UInt8(ascii: "C")
    package static let closed = UInt8(ascii: "X")
    package static let couldNotConnect = UInt8(ascii: "N")

    package static let halfClosed = UInt8(ascii: "E")
    package static let openHTTP6 = UInt8(ascii: "I")

    /// A greeting starts with this. Anything else is another version of the protocol.
    package static let greetingPrefix = "TPoT/1 "
}

extension TunnelMessage {
    /// Bytes before the payload of a data message: `12 id id 'D'`.
    package static let dataHeaderLength = 4

    /// The largest payload that we send in one data message. Messages should have at most 64 KiB + 4 bytes.
    package static let maximumDataPayload = 64 * 1024

    /// How many bytes ``write(into:)`` adds.
    package var encodedLength: Int {
        switch self {
        case .greeting(let subdomain): 2 + TunnelCode.greetingPrefix.utf8.count + subdomain.name.utf8.count
        case .openHTTP(_, let remote): remote.ip6 == nil ? 10 : 22
        case .openRaw: 10
        case .data(_, let bytes): Self.dataHeaderLength + bytes.readableBytes
        case .pause, .resume, .closed, .couldNotConnect: 4
        case .ended: 13
        case .halfClosed: 12
        }
    }

    /// Appends the message in its wire format, without WebSocket framing.
    package func write(into buffer: inout ByteBuffer) {
        switch self {
        case .greeting(let subdomain):
            buffer.writeMultipleIntegers(TunnelCode.control, TunnelCode.greeting)
            buffer.writeString(TunnelCode.greetingPrefix)
            buffer.writeString(subdomain.name)
        case .openHTTP(let id, let remote):
            let code = remote.ip6 == nil ? TunnelCode.openHTTP : TunnelCode.openHTTP6
            Self.writeOpen(code, id, remote, into: &buffer)
        case .openRaw(let id, let remote):
            Self.writeOpen(TunnelCode.openRaw, id, remote, into: &buffer)
        case .data(let id, let bytes):
            Self.writeConversation(TunnelCode.data, id, into: &buffer)
            buffer.writeImmutableBuffer(bytes)
        case .pause(let id):
            Self.writeConversation(TunnelCode.pause, id, into: &buffer)
        case .resume(let id):
            Self.writeConversation(TunnelCode.resume, id, into: &buffer)
        case .closed(let id):
            Self.writeConversation(TunnelCode.closed, id, into: &buffer)
        case .couldNotConnect(let id):
            Self.writeConversation(TunnelCode.couldNotConnect, id, into: &buffer)
        case .ended(let id, let cause, let taken):
            Self.writeConversation(TunnelCode.closed, id, into: &buffer)
            buffer.writeInteger(cause.rawValue)
            buffer.writeInteger(taken, endianness: .little)
        case .halfClosed(let id, let total):
            Self.writeConversation(TunnelCode.halfClosed, id, into: &buffer)
            buffer.writeInteger(total, endianness: .little)
        }
    }

    private static func writeConversation(_ code: UInt8, _ id: ConversationID, into buffer: inout ByteBuffer) {
        buffer.writeMultipleIntegers(TunnelCode.conversation, UInt8(truncatingIfNeeded: id), UInt8(id >> 8), code)
    }

    private static func writeOpen(
        _ code: UInt8,
        _ id: ConversationID,
        _ remote: RemoteAddress,
        into buffer: inout ByteBuffer
    ) {
        buffer.writeMultipleIntegers(TunnelCode.control, code)
        buffer.writeInteger(id, endianness: .little)
        if let ip6 = remote.ip6, code == TunnelCode.openHTTP6 {
            buffer.writeMultipleIntegers(ip6.high, ip6.low)
        } else {
            buffer.writeInteger(remote.ip, endianness: .big)
        }
        buffer.writeInteger(remote.port, endianness: .little)
    }
}

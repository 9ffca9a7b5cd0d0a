import NIOCore

/// Why bytes are not a TPoT/1 message. It ends the tunnel: the server closes with status 4180 and this text.
package enum TunnelMessageError: Error, Hashable, Sendable {
    /// The message has no bytes.
    case empty
    case unknownType(UInt8)
    case unknownControlCode(UInt8)
    case unknownConversationCode(UInt8)
    /// The message ended inside its fixed part.
    case truncated
    /// Bytes after a message of fixed length.
    case trailingBytes
    /// The greeting names another version, or is longer than a greeting can be.
    case unknownVersion
    /// The greeting's subdomain is not valid.
    case invalidSubdomain
    /// Conversation 0 does not exist.
    case invalidConversationID
    /// A cause that the protocol does not define.
    case unknownCause(UInt8)
}

extension TunnelMessageError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .empty: "empty message"
        case .unknownType(let byte): "unknown message type 0x\(String(byte, radix: 16))"
        case .unknownControlCode(let byte): "unknown control code 0x\(String(byte, radix: 16))"
        case .unknownConversationCode(let byte): "unknown conversation code 0x\(String(byte, radix: 16))"
        case .truncated: "truncated message"
        case .trailingBytes: "message longer than its kind allows"
        case .unknownVersion: "not a TPoT/1 greeting"
        case .invalidSubdomain: "greeting with an invalid subdomain"
        case .invalidConversationID: "conversation id 0"
        case .unknownCause(let byte): "unknown end cause \(byte)"
        }
    }
}

/// Reads TPoT/1 messages from the payload of WebSocket messages, slice by slice.
///
/// A data message is never assembled: its payload is passed on as it arrives, in one or more `.data`. Of other messages
/// at most ``maximumFixedLength`` bytes are kept, so a peer cannot make the memory grow.
package struct TunnelMessageDecoder: Sendable {
    /// Only data messages are longer: a greeting with a subdomain of 24 characters has 33 bytes.
    static let maximumFixedLength = 64

    /// The extensions that both sides use. Messages of other extensions are errors.
    package var extensions: TunnelExtensions

    private var pending = ByteBuffer()
    private var dataID: ConversationID?

    package init(extensions: TunnelExtensions = []) {
        self.extensions = extensions
    }

    /// Takes the next bytes of the current WebSocket message.
    ///
    /// - Parameters:
    ///   - payload: unmasked payload; may be empty.
    ///   - isEnd: whether the WebSocket message ends with these bytes.
    ///   - body: called with each message, and for data messages with each slice. An empty data message is not
    ///     reported.
    package mutating func read(
        _ payload: ByteBuffer,
        isEnd: Bool,
        _ body: (TunnelMessage) throws -> Void
    ) throws {
        var payload = payload
        if dataID == nil {
            // The usual case first: the fixed part lies in this slice.
            if pending.readableBytes == 0, let id = Self.dataHeader(&payload) {
                dataID = try Self.valid(id)
            } else {
                try readFixed(&payload, isEnd: isEnd, body)
            }
        }
        if let id = dataID {
            if payload.readableBytes > 0 { try body(.data(id, payload)) }
            if isEnd { dataID = nil }
        }
    }

    private static func dataHeader(_ payload: inout ByteBuffer) -> ConversationID? {
        let index = payload.readerIndex
        guard payload.readableBytes >= TunnelMessage.dataHeaderLength,
            payload.getInteger(at: index, as: UInt8.self) == TunnelCode.conversation,
            payload.getInteger(at: index + 3, as: UInt8.self) == TunnelCode.data,
            let id = payload.getInteger(at: index + 1, endianness: .little, as: UInt16.self)
        else { return nil }
        payload.moveReaderIndex(forwardBy: TunnelMessage.dataHeaderLength)
        return id
    }

    private mutating func readFixed(
        _ payload: inout ByteBuffer,
        isEnd: Bool,
        _ body: (TunnelMessage) throws -> Void
    ) throws {
        // A data message whose header came in pieces: take no more than the header.
        while pending.readableBytes < TunnelMessage.dataHeaderLength, let byte = payload.readInteger(as: UInt8.self) {
            pending.writeInteger(byte)
        }
        if let id = Self.dataHeader(&pending) {
            pending.clear()
            dataID = try Self.valid(id)
            return
        }
        guard pending.readableBytes + payload.readableBytes <= Self.maximumFixedLength else {
            throw tooLong(pending)
        }
        pending.writeBuffer(&payload)
        guard isEnd else { return }
        defer { pending.clear() }
        try body(try decodeFixed(&pending))
    }

    /// Decodes a whole message that is not data.
    private func decodeFixed(_ bytes: inout ByteBuffer) throws(TunnelMessageError) -> TunnelMessage {
        guard let type = bytes.readInteger(as: UInt8.self) else { throw .empty }
        switch type {
        case TunnelCode.control:
            guard let code = bytes.readInteger(as: UInt8.self) else { throw .truncated }
            return try decodeControl(code, &bytes)
        case TunnelCode.conversation:
            guard let rawID = bytes.readInteger(endianness: .little, as: UInt16.self),
                let code = bytes.readInteger(as: UInt8.self)
            else { throw .truncated }
            let id = try Self.valid(rawID)
            let message: TunnelMessage
            switch code {
            case TunnelCode.pause: message = .pause(id)
            case TunnelCode.resume: message = .resume(id)
            case TunnelCode.closed where extensions.contains(.cause): message = try Self.decodeEnd(id, &bytes)
            case TunnelCode.closed: message = .closed(id)
            case TunnelCode.halfClosed where extensions.contains(.half):
                guard let total = bytes.readInteger(endianness: .little, as: UInt64.self) else { throw .truncated }
                message = .halfClosed(id, total: total)
            case TunnelCode.couldNotConnect: message = .couldNotConnect(id)
            default: throw .unknownConversationCode(code)
            }
            guard bytes.readableBytes == 0 else { throw .trailingBytes }
            return message
        default:
            throw .unknownType(type)
        }
    }

    private static func decodeEnd(
        _ id: ConversationID,
        _ bytes: inout ByteBuffer
    ) throws(TunnelMessageError) -> TunnelMessage {
        guard let cause = bytes.readInteger(as: UInt8.self),
            let taken = bytes.readInteger(endianness: .little, as: UInt64.self)
        else { throw .truncated }
        guard cause <= ConversationCause.last.rawValue else { throw .unknownCause(cause) }
        return .ended(id, ConversationCause(rawValue: cause), taken: taken)
    }

    private func decodeControl(
        _ code: UInt8,
        _ bytes: inout ByteBuffer
    ) throws(TunnelMessageError) -> TunnelMessage {
        switch code {
        case TunnelCode.greeting:
            let prefix = TunnelCode.greetingPrefix.utf8
            guard let start = bytes.readSlice(length: prefix.count), start.readableBytesView.elementsEqual(prefix)
            else { throw .unknownVersion }
            // The rest must be a subdomain and nothing else: padding is refused.
            guard let subdomain = Subdomain(exactly: String(buffer: bytes)) else { throw .invalidSubdomain }
            return .greeting(subdomain)
        case TunnelCode.openHTTP, TunnelCode.openRaw:
            guard let rawID = bytes.readInteger(endianness: .little, as: UInt16.self),
                let ip = bytes.readInteger(endianness: .big, as: UInt32.self),
                let port = bytes.readInteger(endianness: .little, as: UInt16.self)
            else { throw .truncated }
            guard bytes.readableBytes == 0 else { throw .trailingBytes }
            let id = try Self.valid(rawID)
            let remote = RemoteAddress(ip: ip, port: port)
            return code == TunnelCode.openHTTP ? .openHTTP(id, remote) : .openRaw(id, remote)
        case TunnelCode.openHTTP6 where extensions.contains(.ip6):
            guard let rawID = bytes.readInteger(endianness: .little, as: UInt16.self),
                let high = bytes.readInteger(as: UInt64.self),
                let low = bytes.readInteger(as: UInt64.self),
                let port = bytes.readInteger(endianness: .little, as: UInt16.self)
            else { throw .truncated }
            guard bytes.readableBytes == 0 else { throw .trailingBytes }
            return .openHTTP(try Self.valid(rawID), RemoteAddress(ip6: IPv6Octets(high: high, low: low), port: port))
        default:
            throw .unknownControlCode(code)
        }
    }

    private static func valid(_ id: ConversationID) throws(TunnelMessageError) -> ConversationID {
        guard id != 0 else { throw .invalidConversationID }
        return id
    }

    /// The most specific error for a message that is longer than any fixed form.
    private func tooLong(_ start: ByteBuffer) -> TunnelMessageError {
        var start = start
        do {
            _ = try decodeFixed(&start)
            return .trailingBytes
        } catch .truncated {
            return .trailingBytes
        } catch {
            return error
        }
    }
}

import Crypto
import NIOCore
import TestSupport

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The server's end of a tunnel, controlled by a test, which can also send what tpot's own server never would.
struct ScriptedServer {
    let peer: RawPeer
    /// The client's request for the tunnel.
    let request: String

    /// Accepts a client's connection, upgrades it, and sends the greeting.
    /// - Parameters:
    ///   - extensions: the extensions that the server says it agrees to.
    ///   - fields: more lines of the answer's head.
    static func accept(
        _ listener: RawListener,
        extensions: String = "",
        fields: String = "",
        greeting: [UInt8] = Array("\u{11}GTPoT/1 scripted".utf8)
    ) async throws -> ScriptedServer {
        let peer = try await listener.next()
        let server = upgrade(peer, try await peer.read(through: "\r\n\r\n"), extensions, fields)
        server.send(greeting)
        return server
    }

    /// Answers a client's request for a tunnel with 101.
    static func upgrade(
        _ peer: RawPeer,
        _ request: String,
        _ extensions: String = "",
        _ fields: String = ""
    ) -> ScriptedServer {
        let key = request.split(separator: "\r\n").first { $0.lowercased().hasPrefix("sec-websocket-key:") }?
            .drop { $0 != " " }.dropFirst()
        let digest = Insecure.SHA1.hash(data: Array("\(key ?? "")258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8))
        peer.send(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Accept: \(base64(Array(digest)))\r\n"
                + (extensions.isEmpty ? "" : "TPoT-Extensions: \(extensions)\r\n") + "\(fields)\r\n"
        )
        return ScriptedServer(peer: peer, request: request)
    }

    /// Sends a message of at most 125 bytes.
    func send(_ message: [UInt8], opcode: UInt8 = 2) {
        peer.send([0x80 | opcode, UInt8(message.count)] + message)
    }

    func open(_ id: UInt16) { send([0x11, 0x48] + little(id) + [203, 0, 113, 9, 0x8e, 0xcb]) }
    func data(_ id: UInt16, _ text: String) { send([0x12] + little(id) + [0x44] + Array(text.utf8)) }
    /// Opens a conversation for the visitor `[2001:db8::7:0:0:9]:52110`.
    func open6(_ id: UInt16) {
        let ip: [UInt8] = [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 9]
        send([0x11, 0x49] + little(id) + ip + [0x8e, 0xcb])
    }
    func halfClosed(_ id: UInt16, after total: Int) { send([0x12] + little(id) + [0x45] + little(total)) }
    func ended(_ id: UInt16, cause: UInt8, taken: Int = 0) {
        send([0x12] + little(id) + [0x58, cause] + little(taken))
    }
    func control(_ id: UInt16, _ code: Character) { send([0x12] + little(id) + [code.asciiValue ?? 0]) }

    /// The client's next message that is not a ping or pong, unmasked. A close frame comes with its opcode in front.
    func nextMessage() async throws -> [UInt8] {
        while true {
            let head = try await peer.read(count: 2)
            var length = Int(head[1] & 0x7f)
            if length >= 126 {
                length = try await peer.read(count: length == 126 ? 2 : 8).reduce(0) { $0 << 8 | Int($1) }
            }
            let mask = try await peer.read(count: 4)
            let payload = try await peer.read(count: length).enumerated().map { $1 ^ mask[$0 & 3] }
            switch head[0] & 0x0f {
            case 9: send(payload, opcode: 10)
            case 10: continue
            case 8: return [8] + payload
            default: return payload
            }
        }
    }

    /// The bytes that the client sends for this conversation, until they contain `text`. Other messages are dropped.
    func answer(_ id: UInt16, through text: String) async throws -> String {
        var bytes: [UInt8] = []
        while bytes.firstRange(of: Array(text.utf8)) == nil {
            let message = try await nextMessage()
            if message.prefix(4) == [0x12] + little(id) + [0x44] { bytes += message.dropFirst(4) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Waits for one control message of this conversation.
    func expect(_ id: UInt16, _ code: Character) async throws {
        while try await nextMessage() != [0x12] + little(id) + [code.asciiValue ?? 0] {}
    }

    private func little(_ number: Int) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) } }
    private func little(_ id: UInt16) -> [UInt8] { [UInt8(truncatingIfNeeded: id), UInt8(id >> 8)] }

    private static func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }
}

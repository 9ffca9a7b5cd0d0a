import NIOCore
import TPoTDashboard
import TestSupport

/// The client's end of a tunnel, controlled by a test, which can also send what tpot's own client never would.
struct ScriptedClient {
    let peer: RawPeer
    /// The server's answer to the request for the tunnel.
    let answer: String

    /// Opens a tunnel with this name.
    /// - Parameters:
    ///   - extensions: the extensions that the client offers. The answer says which ones the server agreed to.
    ///   - fields: more lines of the request's head.
    static func connect(port: Int, name: String, extensions: String = "", fields: String = "") async throws
        -> ScriptedClient
    {
        let peer = try await RawPeer.connect(port: port)
        peer.send(
            "GET /create-tpot?subdomain=\(name) HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                + (extensions.isEmpty ? "" : "TPoT-Extensions: \(extensions)\r\n") + "\(fields)\r\n"
        )
        let answer = try await peer.read(through: "\r\n\r\n")
        let client = ScriptedClient(peer: peer, answer: answer)
        _ = try await client.nextMessage()
        return client
    }

    /// Sends each message in a frame of its own, all with one write.
    func send(_ messages: [UInt8]...) { send(messages) }
    func send(_ messages: [[UInt8]]) { peer.send(messages.flatMap(frame)) }

    /// Completes when the kernel has taken the message.
    func sendAndWait(_ message: [UInt8]) async throws { try await peer.sendAndWait(ByteBuffer(bytes: frame(message))) }

    static func data(_ id: UInt16, _ text: String) -> [UInt8] { [0x12] + little(id) + [0x44] + Array(text.utf8) }
    static func control(_ id: UInt16, _ code: Character) -> [UInt8] { [0x12] + little(id) + [code.asciiValue ?? 0] }

    /// The server's next message that is not a ping or pong.
    func nextMessage() async throws -> [UInt8] { try await nextFrame(2) }

    /// The code of the server's close frame. Frames before it are dropped.
    func closeCode() async throws -> UInt16 { try await nextFrame(8).prefix(2).reduce(0) { $0 << 8 | UInt16($1) } }

    private func nextFrame(_ opcode: UInt8) async throws -> [UInt8] {
        while true {
            let head = try await peer.read(count: 2)
            var length = Int(head[1])
            if length >= 126 {
                length = try await peer.read(count: length == 126 ? 2 : 8).reduce(0) { $0 << 8 | Int($1) }
            }
            let payload = try await peer.read(count: length)
            if head[0] & 0x0f == opcode { return payload }
        }
    }

    /// The id of the next conversation that the server opens. Its request is read, too.
    func nextRequest() async throws -> UInt16 {
        while true {
            let message = try await nextMessage()
            if message.prefix(2) == [0x11, 0x48] {
                _ = try await nextMessage()
                return UInt16(message[2]) | UInt16(message[3]) << 8
            }
        }
    }

    /// A mask of zeros changes nothing (RFC 6455 section 5.3).
    private func frame(_ message: [UInt8]) -> [UInt8] {
        let length: [UInt8] =
            switch message.count {
            case ..<126: [0x80 | UInt8(message.count)]
            case ..<65_536: [0x80 | 126, UInt8(message.count >> 8), UInt8(truncatingIfNeeded: message.count)]
            default: [0x80 | 127] + (0..<8).reversed().map { UInt8(truncatingIfNeeded: message.count >> ($0 * 8)) }
            }
        return [0x82] + length + [0, 0, 0, 0] + message
    }

    private static func little(_ id: UInt16) -> [UInt8] { [UInt8(truncatingIfNeeded: id), UInt8(id >> 8)] }
}

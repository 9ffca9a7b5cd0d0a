import NIOCore
import TPoTWire

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A WebSocket message that was recorded between the original client and server. The recordings are in `Vectors/`.
struct RecordedMessage: Decodable, Sendable {
    enum Direction: String, Decodable, Sendable { case s2c, c2s }

    var dir: Direction
    var hex: String
    /// The length of the whole message, if only its start was recorded.
    var len: Int?

    /// The message. Bytes that were not recorded are filled with `x`, because most of them were `x`.
    var bytes: [UInt8] {
        var bytes = stride(from: 0, to: hex.utf8.count, by: 2).map { offset -> UInt8 in
            let start = hex.index(hex.startIndex, offsetBy: offset)
            return UInt8(hex[start..<hex.index(start, offsetBy: 2)], radix: 16) ?? 0
        }
        if let len { bytes += Array(repeating: UInt8(ascii: "x"), count: len - bytes.count) }
        return bytes
    }
}

enum Recordings {
    /// All recordings of tunnel messages. The handshake and the ping have none.
    static let names = [
        "01-greeting", "02-greeting-random-name", "03-get", "04-post-body", "05-post-body-two-segments",
        "06-keepalive-pair", "07-two-conversations", "08-upstream-refused", "09-visitor-closes-first",
        "10-upstream-closes-first", "11-upstream-resets", "12-pause-resume-download",
        "12a-large-response-fast-visitor", "13-pause-resume-upload", "14-websocket-upgrade", "15-pipelined-pair",
        "16-chunked-post", "17-client-disconnects",
    ]

    /// Finds a file by the path of this source file, because a resource bundle would have to be built.
    static func data(_ file: String) throws -> Data {
        let folder = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(2)
        return try Data(contentsOf: URL(filePath: folder.joined(separator: "/") + "/Vectors/" + file))
    }

    static func messages(_ name: String) throws -> [RecordedMessage] {
        try data(name + ".jsonl").split(separator: UInt8(ascii: "\n"))
            .map { try JSONDecoder().decode(RecordedMessage.self, from: Data($0)) }
    }
}

/// Decodes one WebSocket message from its pieces, and joins the slices of its data.
func decode(_ pieces: [ByteBuffer]) throws -> [TunnelMessage] {
    var decoder = TunnelMessageDecoder()
    return try decode(pieces, with: &decoder)
}

func decode(_ pieces: [ByteBuffer], with decoder: inout TunnelMessageDecoder) throws -> [TunnelMessage] {
    var messages: [TunnelMessage] = []
    for (index, piece) in pieces.enumerated() {
        try decoder.read(piece, isEnd: index == pieces.count - 1) { message in
            if case .data(let id, let bytes) = message, case .data(id, var joined)? = messages.last {
                joined.writeImmutableBuffer(bytes)
                messages[messages.count - 1] = .data(id, joined)
            } else {
                messages.append(message)
            }
        }
    }
    return messages
}

func decode(_ bytes: [UInt8]) throws -> [TunnelMessage] { try decode([ByteBuffer(bytes: bytes)]) }

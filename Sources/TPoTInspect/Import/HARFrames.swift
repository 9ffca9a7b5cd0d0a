import NIOCore
import TPoTCapture
import TPoTWire

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The messages of a WebSocket in an entry, as the frames that a capture has: see ``HARMessages``.
struct HARFrames {
    private(set) var visitor: [UInt8] = []
    private(set) var target: [UInt8] = []
    private(set) var pieces: [OpaquePiece] = []
    /// The bytes of the messages that are left out.
    private var leftOut = (visitor: 0, target: 0)
    private let limit: Int
    private let began: NIODeadline
    private let unixNanoseconds: Int64
    private var time: NIODeadline

    /// - Parameters:
    ///   - limit: the most bytes of each side.
    ///   - began: the beginning of the entry, which is at `unixNanoseconds` since 1970.
    init(_ messages: JSONSlice?, limit: Int, began: NIODeadline, unixNanoseconds: Int64) {
        self.limit = limit
        self.began = began
        self.unixNanoseconds = unixNanoseconds
        time = began
        guard let messages else { return }
        for message in messages.elements { add(message) }
    }

    /// The time of the last message.
    var end: NIODeadline { pieces.map(\.time).max() ?? began }
    var requestBody: CapturedBody { CapturedBody(visitor, of: visitor.count + leftOut.visitor) }
    var responseBody: CapturedBody { CapturedBody(target, of: target.count + leftOut.target) }

    /// Chrome writes errors as messages, too. Their opcodes are none.
    private mutating func add(_ message: JSONSlice) {
        let members = message.members(["type", "time", "opcode", "data"])
        guard let type = members["type"]?.string(limit: 16), type == "send" || type == "receive",
            let opcode = members["opcode"]?.number.flatMap({ UInt8(exactly: $0) }), [1, 2, 8, 9, 10].contains(opcode)
        else { return }
        let isFromVisitor = type == "send"
        if let seconds = members["time"]?.number { time = deadline(seconds) }
        let used = isFromVisitor ? visitor.count : target.count
        let isFull = (isFromVisitor ? leftOut.visitor : leftOut.target) > 0 || pieces.count >= OpaquePiece.limit
        let text = members["data"]?.text(limit: isFull ? 0 : limit / 3 * 4 + 4) ?? ([], 0)
        var payload = text.bytes
        if opcode != 1, let data = Data(base64Encoded: Data(text.bytes)) { payload = [UInt8](data) }
        let frame = isFull ? [] : Self.frame(opcode, payload)
        guard !isFull, used + frame.count <= limit, text.count == text.bytes.count else {
            if isFromVisitor { leftOut.visitor += text.count + 2 } else { leftOut.target += text.count + 2 }
            return
        }
        if isFromVisitor { visitor += frame } else { target += frame }
        let end = UInt32(clamping: used + frame.count)
        pieces.append(OpaquePiece(time: time, end: end, isFromVisitor: isFromVisitor))
    }

    /// To the microsecond: a `Double` has no more of today's times.
    private func deadline(_ seconds: Double) -> NIODeadline {
        guard 0..<9e9 ~= seconds else { return began }
        let whole = seconds.rounded(.down)
        let microseconds = Int64(((seconds - whole) * 1_000_000).rounded())
        let (since, isTooLarge) = (Int64(whole) * 1_000_000_000 + microseconds * 1000)
            .subtractingReportingOverflow(unixNanoseconds)
        return isTooLarge ? began : began + .nanoseconds(min(max(since, 0), HARTimes.longest))
    }

    /// Not masked, as the capture shows it.
    private static func frame(_ opcode: UInt8, _ payload: [UInt8]) -> [UInt8] {
        var frame = [0x80 | opcode]
        switch payload.count {
        case ..<126: frame.append(UInt8(payload.count))
        case ...0xffff: frame += [126, UInt8(payload.count >> 8), UInt8(payload.count & 0xff)]
        default:
            frame.append(127)
            for shift in stride(from: 56, through: 0, by: -8) { frame.append(UInt8(payload.count >> shift & 0xff)) }
        }
        return frame + payload
    }
}

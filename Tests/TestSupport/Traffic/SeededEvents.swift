import NIOCore
import TPoTTraffic
import TPoTWire

extension SeededRandom {
    /// An event of any kind, well formed or not.
    package mutating func eventKind() -> TrafficEvent.Kind {
        let bytes = next(upTo: 2) == 0 ? TrafficBytes.count(5) : .bytes(ByteBuffer(string: "bytes"))
        switch next(upTo: 20) {
        case 0: return .opened(.visitor(id: UInt16(next(upTo: 3)), RemoteAddress(ip: 1, port: 1)))
        case 1: return .opened(.replay(of: 1))
        case 2: return .held
        case 3: return .released
        case 4: return .targetConnected
        case 5: return .targetFailed("no")
        case 6, 7:
            return .requestHead(
                received: mutate(Array("GET / HTTP/1.1\r\nForwarded: for=a\r\n\r\n".utf8)),
                sent: nil
            )
        case 8: return .requestBody(bytes)
        case 9: return .requestEnd
        case 10, 11: return .responseHead(mutate(Array("HTTP/1.1 200 OK\r\n\r\n".utf8)))
        case 12: return .responseBody(bytes)
        case 13: return .responseEnd
        case 14: return .visitorOpaque(bytes)
        case 15: return .targetOpaque(bytes)
        case 16: return .visitorPaused(next(upTo: 2) == 0)
        case 17: return .targetPaused(next(upTo: 2) == 0)
        case 18: return .closed(next(upTo: 2) == 0 ? .visitorClosed : .targetClosed(complete: false))
        default: return .tunnel(.holding(next(upTo: 2) == 0))
        }
    }
}

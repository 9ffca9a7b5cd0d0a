import NIOCore
import TPoTTraffic
import TPoTWire

/// Random numbers that a seed brings back (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }

    mutating func next(upTo limit: UInt64) -> UInt64 { next() % limit }

    /// `bytes` with some of them changed, taken out or repeated.
    mutating func mutate(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        for _ in 0...next(upTo: 6) {
            let place = Int(next(upTo: UInt64(max(1, bytes.count))))
            switch next(upTo: 5) {
            case 0 where !bytes.isEmpty: bytes[place] = UInt8(truncatingIfNeeded: next())
            case 1 where !bytes.isEmpty: bytes.remove(at: place)
            case 2: bytes.insert(UInt8(truncatingIfNeeded: next()), at: min(place, bytes.count))
            case 3: bytes = Array(bytes.prefix(place))
            default:
                bytes.insert(
                    contentsOf: bytes.suffix(bytes.count - min(place, bytes.count)).prefix(20),
                    at: min(place, bytes.count)
                )
            }
        }
        return bytes
    }

    mutating func eventKind() -> TrafficEvent.Kind {
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
                received: ByteBuffer(bytes: mutate(Array("GET / HTTP/1.1\r\nForwarded: for=a\r\n\r\n".utf8))),
                sent: nil
            )
        case 8: return .requestBody(bytes)
        case 9: return .requestEnd
        case 10, 11: return .responseHead(ByteBuffer(bytes: mutate(Array("HTTP/1.1 200 OK\r\n\r\n".utf8))))
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

/// Random numbers that a seed brings back (SplitMix64).
package struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }

    package mutating func next(upTo limit: UInt64) -> UInt64 { next() % limit }

    /// `bytes` with some of them changed, taken out or repeated.
    package mutating func mutate(_ bytes: [UInt8]) -> [UInt8] {
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
}

/// Random numbers that can be repeated by their seed (SplitMix64).
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

    /// 0 to `count` - 1.
    package mutating func roll(_ count: Int) -> Int { Int(next(upTo: UInt64(count))) }

    /// True with a probability of 1 in `count`.
    package mutating func once(in count: Int) -> Bool { roll(count) == 0 }

    package mutating func pick<Element>(_ elements: [Element]) -> Element { elements[roll(elements.count)] }

    /// At most `limit` random bytes.
    package mutating func bytes(upTo limit: Int) -> [UInt8] {
        (0..<roll(limit + 1)).map { _ in UInt8(truncatingIfNeeded: next()) }
    }

    /// Splits bytes into pieces, most of them short.
    package mutating func cut(_ bytes: [UInt8]) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let length = 1 + roll(once(in: 4) ? max(64, bytes.count / 4) : 6)
            pieces.append(Array(rest.prefix(length)))
            rest = rest.dropFirst(length)
        }
        return pieces
    }

    /// `bytes` with some of them changed, removed or repeated.
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

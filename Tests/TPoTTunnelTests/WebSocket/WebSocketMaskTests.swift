import Testing

@testable import TPoTTunnel

@Suite struct WebSocketMaskTests {
    /// RFC 6455 section 5.7: a masked "Hello".
    @Test func masksTheExampleOfTheRFC() {
        let mask = WebSocketMask(key: 0x3d21_fa37)
        #expect(masked(Array("Hello".utf8), mask) == [0x7f, 0x9f, 0x4d, 0x51, 0x58])
    }

    @Test(arguments: [0, 1, 3, 4, 15, 16, 17, 31, 64, 1000])
    func isTheSameByteByByteAndInPieces(count: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let mask = WebSocketMask(key: 0xdead_beef)
        let key: [UInt8] = [0xef, 0xbe, 0xad, 0xde]
        let expected = bytes.enumerated().map { $1 ^ key[$0 & 3] }
        #expect(masked(bytes, mask) == expected)
        for cut in 0...count {
            let first = masked(Array(bytes[..<cut]), mask)
            let second = masked(Array(bytes[cut...]), mask.advanced(by: cut))
            #expect(first + second == expected)
        }
    }

    @Test func keysDiffer() {
        var source = WebSocketMaskSource()
        let keys = Set((0..<500).map { _ in source.next() })
        #expect(keys.count > 490)
    }

    private func masked(_ bytes: [UInt8], _ mask: WebSocketMask) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: max(bytes.count, 1)) { target, count in
            bytes.withUnsafeBytes { source in
                if let start = target.baseAddress { mask.apply(from: source, to: UnsafeMutableRawPointer(start)) }
            }
            count = bytes.count
        }
    }
}

/// The methods that are recognised without making a `String`. Every other token is `other` (RFC 9110, 9).
package enum HTTPMethod: UInt8, Hashable, Sendable {
    case get, head, post, put, delete, options, patch, connect, trace, other

    /// Methods are case-sensitive: `get` is `other`.
    init(_ range: Range<Int>, in bytes: UnsafeRawBufferPointer) {
        self = .other
        guard (3...7).contains(range.count) else { return }
        var word: UInt64 = 0
        for offset in range { word = word << 8 | UInt64(bytes[offset]) }
        switch word {
        case 0x47_4554: self = .get
        case 0x4845_4144: self = .head
        case 0x504F_5354: self = .post
        case 0x50_5554: self = .put
        case 0x4445_4C45_5445: self = .delete
        case 0x4F_5054_494F_4E53: self = .options
        case 0x50_4154_4348: self = .patch
        case 0x43_4F4E_4E45_4354: self = .connect
        case 0x54_5241_4345: self = .trace
        default: break
        }
    }
}

import TPoTWire

/// `35`, `0.42`: a time that passed as the lines have it.
enum Milliseconds {
    /// - Parameters:
    ///   - microseconds: 0 and more.
    ///   - decimals: 0 to 3; zeros at the end are left out, and what is beyond is cut off.
    static func append(_ microseconds: Int64, decimals: Int, to output: inout [UInt8]) {
        output.append(decimal: UInt64(clamping: microseconds / 1000))
        var fraction = microseconds % 1000
        for _ in decimals..<3 { fraction /= 10 }
        guard fraction > 0 else { return }
        var width = decimals
        while fraction % 10 == 0 {
            fraction /= 10
            width -= 1
        }
        output.append(UInt8(ascii: "."))
        output.append(decimal: UInt64(clamping: fraction), width: width)
    }
}

extension [UInt8] {
    /// Appends a number in decimal digits, without making a string.
    /// - Parameter width: the least number of digits. Leading zeros fill it up.
    package mutating func append(decimal number: UInt64, width: Int = 1) {
        let start = count
        var rest = number
        repeat {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0 || count - start < width
        var (low, high) = (start, count - 1)
        while low < high {
            swapAt(low, high)
            low += 1
            high -= 1
        }
    }
}

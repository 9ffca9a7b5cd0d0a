/// The columns that text takes on a terminal. It follows Unicode instead of the locale, so it is the same everywhere.
package enum DisplayWidth {
    /// How a character is drawn.
    enum Kind: Equatable {
        case narrow, wide
        /// Drawn over the character before it.
        case mark
        /// A joiner, variation selector or skin tone: it only changes how an emoji looks. It is left out, because
        /// terminals disagree about the columns of such a sequence.
        case dropped
        /// Never drawn: it could move the cursor, reverse the line or be invisible.
        case forbidden
    }

    package static func columns(_ text: some StringProtocol) -> Int {
        columns(text, stoppingAt: .max)
    }

    /// Counts columns up to `limit`, so that a long text costs no more than a short one.
    package static func columns(_ text: some StringProtocol, stoppingAt limit: Int) -> Int {
        var columns = 0
        for piece in DisplayPieces(text) {
            columns += piece.width
            if columns >= limit { break }
        }
        return columns
    }

    static func kind(of scalar: Unicode.Scalar) -> Kind {
        let value = scalar.value
        if value < 0x300 {
            if 0x20...0x7e ~= value { return .narrow }
            return value < 0xa0 || value == 0xad ? .forbidden : .narrow
        }
        switch value {
        case 0x200d, 0xfe00...0xfe0f, 0x1f3fb...0x1f3ff, 0xe0100...0xe01ef: return .dropped
        default: break
        }
        if contains(DisplayWidthTable.forbidden, value) { return .forbidden }
        if contains(DisplayWidthTable.marks, value) { return .mark }
        return contains(DisplayWidthTable.wide, value) ? .wide : .narrow
    }

    /// - Parameter table: the first and last value of each range, in ascending order.
    private static func contains(_ table: [UInt32], _ value: UInt32) -> Bool {
        var low = 0
        var high = table.count / 2
        while low < high {
            let middle = (low + high) / 2
            if value > table[middle * 2 + 1] {
                low = middle + 1
            } else if value < table[middle * 2] {
                high = middle
            } else {
                return true
            }
        }
        return false
    }
}

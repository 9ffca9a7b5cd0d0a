/// A QR code of bytes (ISO/IEC 18004), byte mode, error correction level L, versions 1 to 10: up to 271 bytes.
///
/// tpot has its own encoder because the Swift library needs Foundation and the C library is one more thing to install.
package struct QRCode: Sendable {
    /// Modules of one side.
    package let size: Int
    let version: Int
    private var modules: [Bool]
    /// True for the modules of fixed patterns, which hold no data.
    private var isFixed: [Bool]

    /// Nil if there are too many bytes.
    package init?(_ bytes: [UInt8]) {
        guard let data = QRData(bytes) else { return nil }
        version = data.version
        size = version * 4 + 17
        modules = Array(repeating: false, count: size * size)
        isFixed = modules
        drawPatterns()
        drawData(data.codewords)
        let plain = modules
        var best = Int.max
        var bestMask = 0
        for mask in 0..<8 {
            modules = plain
            apply(mask)
            let penalty = QRPenalty.of(self)
            if penalty < best { (best, bestMask) = (penalty, mask) }
        }
        modules = plain
        apply(bestMask)
    }

    /// True for a dark module.
    package subscript(row: Int, column: Int) -> Bool { modules[row * size + column] }

    private mutating func set(_ row: Int, _ column: Int, _ isDark: Bool) {
        modules[row * size + column] = isDark
        isFixed[row * size + column] = true
    }

    // MARK: Patterns

    private mutating func drawPatterns() {
        for index in 0..<size {
            set(6, index, index.isMultiple(of: 2))
            set(index, 6, index.isMultiple(of: 2))
        }
        drawFinder(3, 3)
        drawFinder(3, size - 4)
        drawFinder(size - 4, 3)
        let places = Self.alignment[version - 1]
        for row in places {
            for column in places {
                // Three of the corners have finder patterns instead.
                let isFirst = row == 6 && column == 6
                let isCorner = isFirst || (row == 6 && column == places.last) || (row == places.last && column == 6)
                if !isCorner { drawAlignment(row, column) }
            }
        }
        drawFormat(mask: 0)
        drawVersion()
    }

    private mutating func drawFinder(_ row: Int, _ column: Int) {
        for down in -4...4 {
            for right in -4...4 where 0..<size ~= row + down && 0..<size ~= column + right {
                let distance = max(abs(down), abs(right))
                set(row + down, column + right, distance != 2 && distance != 4)
            }
        }
    }

    private mutating func drawAlignment(_ row: Int, _ column: Int) {
        for down in -2...2 {
            for right in -2...2 { set(row + down, column + right, max(abs(down), abs(right)) != 1) }
        }
    }

    private static let alignment: [[Int]] = [
        [], [6, 18], [6, 22], [6, 26], [6, 30], [6, 34], [6, 22, 38], [6, 24, 42], [6, 26, 46], [6, 28, 50],
    ]

    /// Draws the format information: level and mask, twice, each with 10 bits of a BCH code.
    private mutating func drawFormat(mask: Int) {
        let data = 1 << 3 | mask
        var rest = data
        for _ in 0..<10 { rest = rest << 1 ^ (rest >> 9) * 0x537 }
        let bits = (data << 10 | rest) ^ 0x5412
        func bit(_ index: Int) -> Bool { bits >> index & 1 == 1 }
        for index in 0...5 { set(index, 8, bit(index)) }
        set(7, 8, bit(6))
        set(8, 8, bit(7))
        set(8, 7, bit(8))
        for index in 9..<15 { set(8, 14 - index, bit(index)) }
        for index in 0..<8 { set(8, size - 1 - index, bit(index)) }
        for index in 8..<15 { set(size - 15 + index, 8, bit(index)) }
        set(size - 8, 8, true)
    }

    /// Draws the version, twice, each with 12 bits of a BCH code. Only versions from 7 on have it.
    private mutating func drawVersion() {
        guard version >= 7 else { return }
        var rest = version
        for _ in 0..<12 { rest = rest << 1 ^ (rest >> 11) * 0x1f25 }
        let bits = version << 12 | rest
        for index in 0..<18 {
            let isDark = bits >> index & 1 == 1
            let far = size - 11 + index % 3
            set(index / 3, far, isDark)
            set(far, index / 3, isDark)
        }
    }

    // MARK: Data

    /// Draws the data in columns of two modules, from the right, alternately upward and downward.
    private mutating func drawData(_ codewords: [UInt8]) {
        var index = 0
        var right = size - 1
        while right >= 1 {
            if right == 6 { right = 5 }
            for step in 0..<size {
                let isUpward = (right + 1) & 2 == 0
                let row = isUpward ? size - 1 - step : step
                for column in [right, right - 1] where !isFixed[row * size + column] && index < codewords.count * 8 {
                    modules[row * size + column] = codewords[index >> 3] >> (7 - index & 7) & 1 == 1
                    index += 1
                }
            }
            right -= 2
        }
    }

    private mutating func apply(_ mask: Int) {
        drawFormat(mask: mask)
        for row in 0..<size {
            for column in 0..<size where !isFixed[row * size + column] && Self.inverts(mask, row, column) {
                modules[row * size + column].toggle()
            }
        }
    }

    private static func inverts(_ mask: Int, _ row: Int, _ column: Int) -> Bool {
        switch mask {
        case 0: (row + column).isMultiple(of: 2)
        case 1: row.isMultiple(of: 2)
        case 2: column.isMultiple(of: 3)
        case 3: (row + column).isMultiple(of: 3)
        case 4: (row / 2 + column / 3).isMultiple(of: 2)
        case 5: row * column % 2 + row * column % 3 == 0
        case 6: (row * column % 2 + row * column % 3).isMultiple(of: 2)
        default: ((row + column) % 2 + row * column % 3).isMultiple(of: 2)
        }
    }
}

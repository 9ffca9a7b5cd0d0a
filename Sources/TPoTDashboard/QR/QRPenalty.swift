/// How hard a QR code is for a camera to read (ISO/IEC 18004, 7.8.3). The encoder takes the mask with the lowest penalty.
enum QRPenalty {
    static func of(_ code: QRCode) -> Int {
        var penalty = 0
        for line in 0..<code.size {
            let row = (0..<code.size).map { code[line, $0] }
            let column = (0..<code.size).map { code[$0, line] }
            penalty += runs(row) + runs(column) + finders(row) + finders(column)
        }
        return penalty + squares(code) + balance(code)
    }

    private static func runs(_ line: [Bool]) -> Int {
        var penalty = 0
        var length = 0
        var last: Bool?
        for module in line {
            length = module == last ? length + 1 : 1
            last = module
            if length == 5 { penalty += 3 } else if length > 5 { penalty += 1 }
        }
        return penalty
    }

    /// Counts patterns that look like a finder next to a light area.
    private static func finders(_ line: [Bool]) -> Int {
        let pattern = [true, false, true, true, true, false, true, false, false, false, false]
        guard line.count >= pattern.count else { return 0 }
        var penalty = 0
        for start in 0...line.count - pattern.count {
            let part = line[start..<start + pattern.count]
            if part.elementsEqual(pattern) { penalty += 40 }
            if part.elementsEqual(pattern.reversed()) { penalty += 40 }
        }
        return penalty
    }

    private static func squares(_ code: QRCode) -> Int {
        var count = 0
        for row in 0..<code.size - 1 {
            for column in 0..<code.size - 1 {
                let module = code[row, column]
                let isSquare = code[row, column + 1] == module && code[row + 1, column] == module
                if isSquare, code[row + 1, column + 1] == module { count += 1 }
            }
        }
        return count * 3
    }

    /// 10 points for each 5 % by which the dark share differs from one half.
    private static func balance(_ code: QRCode) -> Int {
        var dark = 0
        for row in 0..<code.size {
            for column in 0..<code.size where code[row, column] { dark += 1 }
        }
        let total = code.size * code.size
        return abs(dark * 20 - total * 10) / total * 10
    }
}

/// `status:404`, `status:5xx`, `status:>=400`, `status:none`, `status:waiting`.
package enum StatusTest: Hashable, Sendable {
    case codes(ClosedRange<Int>)
    /// It is over and has no answer of the target.
    case none
    /// No answer has come yet.
    case waiting

    /// Nil when it is none of these; the text is in lower case.
    init?(_ text: String) {
        switch text {
        case "none":
            self = .none
        case "waiting":
            self = .waiting
        default:
            guard let codes = Self.range(text) else { return nil }
            self = .codes(codes)
        }
    }

    private static func range(_ text: String) -> ClosedRange<Int>? {
        let comparison = text.prefix { "<>=".contains($0) }
        let rest = text.dropFirst(comparison.count)
        let digits = rest.prefix { "0123456789".contains($0) }
        guard (1...3).contains(digits.count), rest.count <= 3, rest.dropFirst(digits.count).allSatisfy({ $0 == "x" }),
            let number = Int(digits)
        else { return nil }
        // What is missing may be anything: 5xx, 50x, and 5 while the rest is being typed.
        let scale = [1: 100, 2: 10, 3: 1][digits.count] ?? 1
        let codes = number * scale...(number + 1) * scale - 1
        switch comparison {
        case "", "=", "==": return codes
        case ">=": return codes.lowerBound...999
        case ">": return codes.upperBound < 999 ? codes.upperBound + 1...999 : nil
        case "<=": return 0...codes.upperBound
        case "<": return codes.lowerBound > 0 ? 0...codes.lowerBound - 1 : nil
        default: return nil
        }
    }

    func matches(_ exchange: Exchange) -> Bool {
        switch self {
        case .codes(let codes): exchange.visitorStatus.map(codes.contains) ?? false
        case .none: exchange.status == nil && exchange.state.isOver
        case .waiting: exchange.state.isWaiting
        }
    }
}

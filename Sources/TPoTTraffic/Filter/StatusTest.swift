/// `status:404`, `status:5xx`, `status:>=400`, `status:none`, `status:waiting`.
package enum StatusTest: Hashable, Sendable {
    case codes(ClosedRange<Int>)
    /// It is over and has no answer.
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
        let all = 0...999
        let comparison = text.prefix { "<>=".contains($0) }
        let rest = text.dropFirst(comparison.count)
        guard (1...3).contains(rest.utf8.count), let first = rest.first?.wholeNumberValue, rest.utf8.first != 0x2b,
            rest.utf8.first != 0x2d
        else { return nil }
        if comparison.isEmpty, rest.dropFirst().allSatisfy({ $0 == "x" }), rest.utf8.count != 2 {
            return first * 100...first * 100 + 99
        }
        guard let code = Int(rest) else { return nil }
        switch comparison {
        case ">=": return code...all.upperBound
        case ">": return min(code + 1, all.upperBound)...all.upperBound
        case "<=": return all.lowerBound...code
        case "<": return code > 0 ? all.lowerBound...code - 1 : nil
        case "", "=", "==": return code...code
        default: return nil
        }
    }

    func matches(_ exchange: Exchange) -> Bool {
        switch self {
        case .codes(let codes): exchange.status.map(codes.contains) ?? false
        case .none: exchange.status == nil && exchange.state.isOver
        case .waiting: exchange.state.isWaiting
        }
    }
}

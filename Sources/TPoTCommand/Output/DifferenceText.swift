import FoundationEssentials
import TPoTInspect
import TPoTSystem
import TPoTWire

/// What differs between two messages, in lines that begin with `-` for the old and `+` for the new.
struct DifferenceText {
    private let mask: SecretMask
    private let usesColors: Bool

    /// - Parameter isPlain: without colors, though standard output may be a terminal.
    init(_ mask: SecretMask, isPlain: Bool = false) {
        self.mask = mask
        guard !isPlain else {
            usesColors = false
            return
        }
        let environment = ProcessInfo.processInfo.environment
        let isPlain = environment["NO_COLOR"].map { !$0.isEmpty } ?? false || environment["TERM"] == "dumb"
        usesColors = StandardStream.output.isTerminal && !isPlain
    }

    /// - Parameter limit: the most differences.
    func lines(_ comparison: MessageComparison, limit: Int = .max) -> [String] {
        var lines: [String] = []
        for difference in comparison.differences.prefix(limit) {
            let shown = difference.masked(mask)
            if let old = shown.old { lines.append(colored("-\(shown.label)\(old)", "31")) }
            if let new = shown.new { lines.append(colored("+\(shown.label)\(new)", "32")) }
        }
        let more = comparison.count - min(limit, comparison.differences.count)
        if more > 0 { lines.append("… and \(more) more") }
        return lines
    }

    private func colored(_ line: String, _ color: String) -> String {
        usesColors ? "\u{1b}[\(color)m\(line)\u{1b}[0m" : line
    }
}

/// What differs between two messages, as an array of JSON.
enum DifferenceJSON {
    /// - Parameter limit: the most differences.
    static func array(_ comparison: MessageComparison, _ mask: SecretMask, limit: Int = .max) -> [UInt8] {
        var json = JSONWriter()
        json.array { json in
            for difference in comparison.differences.prefix(limit) {
                let shown = difference.masked(mask)
                json.object { json in
                    json.add("what", shown.what)
                    switch difference.place {
                    case .field(let name): json.add("name", name)
                    case .json(let pointer): json.add("pointer", pointer.text)
                    case .line(let line): json.add("line", line)
                    case .status, .request, .mediaType, .bytes: break
                    }
                    if let old = shown.old { json.add("old", old) }
                    if let new = shown.new { json.add("new", new) }
                }
            }
        }
        return json.bytes
    }
}

extension MessageComparison.Difference {
    fileprivate struct Shown {
        /// The word in JSON.
        var what: String
        var label: String
        var old: String?
        var new: String?
    }

    fileprivate func masked(_ mask: SecretMask) -> Shown {
        switch place {
        case .status: return Shown(what: "status", label: "status: ", old: old, new: new)
        case .request:
            func text(_ line: String?) -> String? { line.map { mask.url($0) } }
            return Shown(what: "request", label: "", old: text(old), new: text(new))
        case .field(let name):
            func text(_ value: String?) -> String? {
                value.map { String(decoding: mask.value(Array($0.utf8), of: name.utf8), as: UTF8.self) }
            }
            return Shown(what: "header", label: "\(name): ", old: text(old), new: text(new))
        case .mediaType: return Shown(what: "type", label: "type: ", old: old, new: new)
        case .json(let pointer):
            let place = pointer.text.isEmpty ? "body" : VisibleText.text(pointer.text, limit: 200)
            return Shown(what: "json", label: "\(place): ", old: old, new: new)
        case .line: return Shown(what: "line", label: "", old: old, new: new)
        case .bytes: return Shown(what: "bytes", label: "body: ", old: old, new: new)
        }
    }
}

import NIOCore
import TPoTCapture
import TPoTWire

/// A ``CaptureFilter`` that is decided on the head of a request, before its body has come.
///
///     words method:POST path:/hook remote:203.0.113. from:stripe header:x-test=1 -word "two words"
///
/// Unlike the filter of the list it refuses what it cannot decide: a hold that silently waits for something else would be
/// worse than none.
package struct HeadFilter: Hashable, Sendable {
    /// A sentence for the user.
    package struct Mistake: Error, Hashable {
        package let text: String
    }

    private static let keys = ["method", "path", "remote", "from", "header"]
    private static let known = keys.map { "\($0):" }.joined(separator: " ") + ", words and -"

    /// As typed, without blanks around it.
    package let text: String
    private let filter: CaptureFilter

    package init(_ text: String) throws(Mistake) {
        self.text = text.filter { !$0.isNewline }.trimmingBlanks
        filter = CaptureFilter(self.text)
        if let key = filter.terms.lazy.compactMap(\.test.key).first(where: { !Self.keys.contains($0) }) {
            throw Mistake(text: "\(key): is not known when a hold has to decide; what works: \(Self.known)")
        }
        if let hint = filter.hint {
            throw Mistake(text: hint.hasPrefix("no filter ") ? "\(hint); what works: \(Self.known)" : hint)
        }
        guard !filter.isEmpty else {
            throw Mistake(text: "hold what? path:/hook, for example; p holds everything")
        }
    }

    package func matches(_ head: HTTPRequestHead, _ remote: RemoteAddress) -> Bool {
        var content = CapturedExchange(head: Array(buffer: head.raw), from: remote)
        if filter.needsDelivery { content.row.delivery = Delivery(head: content.requestHead ?? [], body: []) }
        return filter.matches(content) { _ in false }
    }
}

extension String {
    fileprivate var trimmingBlanks: String {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        let start = drop(while: isBlank)
        return String(start.reversed().drop(while: isBlank).reversed())
    }
}

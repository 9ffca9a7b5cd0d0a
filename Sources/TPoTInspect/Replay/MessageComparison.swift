import TPoTCapture
import TPoTWire

/// What differs between two requests or two answers for a program that reads them.
///
/// - Of an answer the status is compared, of a request its method and target; and of both the fields, the media type and
///   the decoded body. JSON is compared by structure.
/// - ``ComparisonExceptions`` says what is left out.
package struct MessageComparison: Hashable, Sendable {
    package struct Difference: Hashable, Sendable {
        package enum Place: Hashable, Sendable {
            case status
            /// Method and target of a request.
            case request
            case field(String)
            case mediaType
            case json(JSONPointer)
            /// A line of the decoded body, counted from 1.
            case line(Int)
            /// Bodies that are not text, or that differ only where it cannot be seen.
            case bytes
        }

        package var place: Place
        /// Safe for a terminal. Nil if there is none.
        package var old: String?
        package var new: String?
    }

    /// The differences that are kept. ``count`` has them all.
    private static let limit = 1_000
    /// Characters of a value.
    private static let valueLimit = 200
    private static let lineLimit = 20_000

    package private(set) var differences: [Difference] = []
    package private(set) var count = 0
    /// Why there may be more differences than were found. Nil if everything was compared.
    package private(set) var gap: String?

    /// Everything was compared, and nothing differs.
    package var isSame: Bool { count == 0 && gap == nil }

    /// - Parameters:
    ///   - old: the original, or the older one.
    ///   - new: the replay, or the newer one.
    ///   - limit: the most bytes of a decoded body that are compared.
    package init(
        _ old: CapturedExchange,
        _ new: CapturedExchange,
        _ part: Comparison.Part = .response,
        without exceptions: ComparisonExceptions = ComparisonExceptions(),
        limit: Int = DecodedBody.limit
    ) {
        let (oldHead, newHead) = (Self.head(old, part), Self.head(new, part))
        switch part {
        case .request:
            add(.request, oldHead.map(Self.requestLine), newHead.map(Self.requestLine))
        case .response:
            // After lost events an answer may have a head that was not seen.
            if oldHead == nil, !old.exchange.isFailed { gap = "the answer of \(old.number) was not seen" }
            add(.status, old.exchange.status.map(String.init), new.exchange.status.map(String.init))
        }
        guard gap == nil else { return }
        addFields(Fields(oldHead), Fields(newHead), exceptions)
        let (one, other) = (Self.body(old, part), Self.body(new, part))
        compare(
            Body(one, oldHead, limit),
            Body(other, newHead, limit),
            exceptions.pointers
        )
        for (body, exchange) in [(one, old), (other, new)] where !body.isWhole && gap == nil {
            let name = part == .request ? "request" : "answer"
            gap = "only \(body.bytes.count) of \(body.count) bytes of the \(name) of \(exchange.number) are kept"
        }
    }

    private static func head(_ exchange: CapturedExchange, _ part: Comparison.Part) -> [UInt8]? {
        part == .request ? exchange.sentRequestHead ?? exchange.requestHead : exchange.responseHead
    }

    private static func body(_ exchange: CapturedExchange, _ part: Comparison.Part) -> CapturedBody {
        part == .request ? exchange.requestBody : exchange.responseBody
    }

    private static func requestLine(_ head: [UInt8]) -> String {
        let words = HTTPText.firstLine(head).split(separator: 0x20).prefix(2)
        return VisibleText.text(Array(words.joined(separator: [0x20])), limit: 2_000)
    }

    private mutating func add(_ place: Difference.Place, _ old: String?, _ new: String?) {
        guard old != new else { return }
        count += 1
        if differences.count < Self.limit { differences.append(Difference(place: place, old: old, new: new)) }
    }

    // MARK: Fields

    private struct Fields {
        /// In lower case, in their order.
        var names: [String] = []
        var values: [String: (name: String, values: [String])] = [:]
        var mediaType: String?

        init(_ head: [UInt8]?) {
            guard let head else { return }
            mediaType = BodyDescription(head: head).mediaType.map { VisibleText.text($0.name, limit: valueLimit) }
            for field in HTTPText.fields(head) {
                let name = VisibleText.text(Array(field.name))
                let key = name.lowercased()
                if values[key] == nil { names.append(key) }
                values[key, default: (name, [])].values.append(VisibleText.text(Array(field.value), limit: 2_000))
            }
        }
    }

    private mutating func addFields(_ old: Fields, _ new: Fields, _ exceptions: ComparisonExceptions) {
        for name in old.names + new.names.filter({ old.values[$0] == nil }) where !exceptions.ignores(field: name) {
            if name == "content-type" {
                add(.mediaType, old.mediaType, new.mediaType)
                continue
            }
            let (before, after) = (old.values[name], new.values[name])
            add(
                .field(before?.name ?? after?.name ?? name),
                before?.values.joined(separator: ", "),
                after?.values.joined(separator: ", ")
            )
        }
    }

    // MARK: Bodies

    private struct Body {
        let body: CapturedBody
        let head: [UInt8]?
        let decoded: DecodedBody
        let kind: BodyKind
        private let limit: Int

        init(_ body: CapturedBody, _ head: [UInt8]?, _ limit: Int) {
            self.body = body
            self.head = head
            self.limit = limit
            decoded = DecodedBody(body, head: head, limit: limit)
            kind = decoded.isStillCoded ? .binary : BodyKind(decoded)
        }

        var isWhole: Bool { body.isWhole && !decoded.isCut }

        var json: JSONTape? {
            guard kind == .json, isWhole else { return nil }
            return JSONTape(CharsetText(decoded.bytes, charset: decoded.mediaType?.charset).utf8)
        }

        var lines: [String] {
            let text = BodyText(body, head: head, mode: .pretty, limit: limit)
            return (0..<min(text.count, lineLimit)).map { text.line($0).text }
        }
    }

    private mutating func compare(_ old: Body, _ new: Body, _ ignored: [JSONPointer]) {
        guard old.isWhole, new.isWhole else {
            if old.decoded.isCut || new.decoded.isCut { gap = "a body is too large to be compared" }
            // In the beginning of a text the ignored places cannot be found.
            if ignored.isEmpty || (old.kind != .json && new.kind != .json) { compareBeginnings(old, new) }
            return
        }
        if ignored.isEmpty, old.decoded.bytes == new.decoded.bytes { return }
        if let before = old.json, let after = new.json {
            let found = JSONDifference(before, after, ignoring: ignored, limit: Self.limit)
            for item in found.items { add(.json(item.pointer), item.old.map(Self.value), item.new.map(Self.value)) }
            count += found.count - found.items.count
            return
        }
        guard old.decoded.bytes != new.decoded.bytes else { return }
        let before = count
        if old.kind != .binary, new.kind != .binary { compareLines(old, new) }
        guard count == before else { return }
        let place = zip(old.decoded.bytes, new.decoded.bytes).enumerated().first { $1.0 != $1.1 }?.offset
        let first = place ?? min(old.decoded.bytes.count, new.decoded.bytes.count)
        addBytes(old, new, first)
    }

    /// Bodies of which a part is missing.
    private mutating func compareBeginnings(_ old: Body, _ new: Body) {
        let (before, after) = (old.decoded.bytes, new.decoded.bytes)
        let place = zip(before, after).enumerated().first { $1.0 != $1.1 }?.offset
        // What is longer than a whole one differs from it.
        let isLonger = (old.isWhole && after.count > before.count) || (new.isWhole && before.count > after.count)
        if let first = place ?? (isLonger ? min(before.count, after.count) : nil) { addBytes(old, new, first) }
    }

    private mutating func addBytes(_ old: Body, _ new: Body, _ first: Int) {
        func text(_ body: Body) -> String {
            "\(body.decoded.bytes.count)\(body.isWhole ? "" : " kept") bytes, different from byte \(first) on"
        }
        count += 1
        guard differences.count < Self.limit else { return }
        differences.append(Difference(place: .bytes, old: text(old), new: text(new)))
    }

    private mutating func compareLines(_ old: Body, _ new: Body) {
        var (before, after) = (0, 0)
        for line in LineDifference.lines(from: old.lines, to: new.lines) {
            if line.kind != .added { before += 1 }
            if line.kind != .removed { after += 1 }
            let text = VisibleText.text(line.text, limit: Self.valueLimit)
            switch line.kind {
            case .same: break
            case .removed: add(.line(before), text, nil)
            case .added: add(.line(after), nil, text)
            }
        }
    }

    /// A value of JSON in one line.
    private static func value(_ text: ArraySlice<UInt8>) -> String {
        let lines = text.prefix(valueLimit * 8).split { $0 == 0x0a || $0 == 0x0d }
            .map { line in line.drop { $0 == 0x20 || $0 == 0x09 } }
        let line = Array(lines.joined(separator: [0x20]))
        return VisibleText.text(line, limit: valueLimit)
    }
}

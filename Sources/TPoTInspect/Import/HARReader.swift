import NIOCore
import TPoTCapture
import TPoTTraffic
import TPoTWire

/// Reads an HTTP Archive (http://www.softwareishard.com/blog/har-12-spec/), as browsers, mitmproxy and this program
/// write it, into exchanges.
///
/// A HAR file has heads as lists and bodies decoded. The exchanges have them as they could have been on the wire, in
/// HTTP/1.1, so that all that knows captured exchanges knows these, too.
///
/// An entry that cannot be read is skipped, and so is what comes after a place that is not JSON. The time that it takes
/// is proportional to the size of the file.
package struct HARReader {
    private let limits: HARLimits
    private var contents = HARContents()
    private var drafts: [HAREntryReader.Draft] = []
    private var entryReader: HAREntryReader
    /// A list `log.entries` was found.
    private var hasEntries = false

    /// - Parameter bytes: the whole file. Its size can be checked before: see ``HARLimits/fileBytes``.
    package static func read(_ bytes: [UInt8], limits: HARLimits = HARLimits()) throws(HARError) -> HARContents {
        try check(bytes, limits)
        var reader = HARReader(limits)
        do {
            try reader.readFile(bytes)
        } catch {
            guard reader.contents.entries > 0 else { throw .notJSON(error) }
            reader.contents.fault = error
        }
        guard reader.hasEntries else { throw .noEntries }
        return reader.finished()
    }

    private init(_ limits: HARLimits) {
        self.limits = limits
        entryReader = HAREntryReader(limits)
    }

    private static func check(_ bytes: [UInt8], _ limits: HARLimits) throws(HARError) {
        guard bytes.count <= limits.fileBytes else { throw .tooLarge(bytes: bytes.count, limit: limits.fileBytes) }
        guard !bytes.isEmpty else { throw .empty }
        if bytes.starts(with: [0x1f, 0x8b]) || [0x01, 0x9c, 0xda].contains(where: { bytes.starts(with: [0x78, $0]) }) {
            throw .compressed
        }
        if bytes.starts(with: [0xff, 0xfe]) || bytes.starts(with: [0xfe, 0xff]) { throw .utf16 }
    }

    // MARK: The file

    private mutating func readFile(_ bytes: [UInt8]) throws(JSONFault) {
        var scanner = JSONScanner(bytes)
        guard scanner.peek() == UInt8(ascii: "{") else {
            _ = try scanner.value()
            return
        }
        try members(&scanner) { (reader, name, scanner) throws(JSONFault) in
            guard name == "log", scanner.peek() == UInt8(ascii: "{") else { return }
            try reader.members(&scanner) { (reader, name, scanner) throws(JSONFault) in
                switch (name, scanner.peek()) {
                case ("entries", UInt8(ascii: "[")): try reader.readEntries(&scanner)
                case ("creator", UInt8(ascii: "{")): reader.contents.creator = Self.creator(try scanner.value())
                default: break
                }
            }
        }
        try scanner.expectEnd()
    }

    /// Goes through an object.
    /// - Parameter read: takes the value of a member. If it does not, the value is skipped.
    private mutating func members(
        _ scanner: inout JSONScanner,
        _ read: (inout HARReader, String, inout JSONScanner) throws(JSONFault) -> Void
    ) throws(JSONFault) {
        try scanner.expect(UInt8(ascii: "{"), "{")
        if scanner.take(UInt8(ascii: "}")) { return }
        repeat {
            let name = try scanner.name().string(limit: 32) ?? ""
            _ = scanner.peek()
            let start = scanner.position
            try read(&self, name, &scanner)
            if scanner.position == start { _ = try scanner.value() }
        } while scanner.take(UInt8(ascii: ","))
        try scanner.expect(UInt8(ascii: "}"), "a comma or }")
    }

    private static func creator(_ value: JSONSlice) -> String? {
        let members = value.members(["name", "version"])
        guard let name = members["name"]?.string(limit: 60), !name.isEmpty else { return nil }
        let version = members["version"]?.string(limit: 30) ?? ""
        return VisibleText.text(version.isEmpty ? name : "\(name) \(version)")
    }

    private mutating func readEntries(_ scanner: inout JSONScanner) throws(JSONFault) {
        hasEntries = true
        try scanner.expect(UInt8(ascii: "["), "[")
        if scanner.take(UInt8(ascii: "]")) { return }
        repeat {
            let value = try scanner.value()
            contents.entries += 1
            guard contents.entries <= limits.entries else {
                contents.entriesLeftOut += 1
                continue
            }
            do {
                drafts.append(try entryReader.read(value))
            } catch {
                contents.skip(contents.entries, error.reason)
            }
        } while scanner.take(UInt8(ascii: ","))
        try scanner.expect(UInt8(ascii: "]"), "a comma or ]")
    }

    // MARK: The exchanges

    private consuming func finished() -> HARContents {
        contents.bodiesLeftOut = entryReader.bodiesLeftOut
        // The numbers of a file of ours are those that its user has seen. They must be different.
        let hasNumbers = Set(drafts.compactMap(\.number)).count == drafts.count
        if hasNumbers {
            drafts.sort { ($0.number ?? 0) < ($1.number ?? 0) }
        } else {
            // A stable sort: entries of the same millisecond stay in their order.
            let order = drafts.enumerated().sorted {
                ($0.element.exchange.row.unixNanoseconds, $0.offset) < (
                    $1.element.exchange.row.unixNanoseconds, $1.offset
                )
            }
            drafts = order.map(\.element)
        }
        let numbers = hasNumbers ? drafts.map { $0.number ?? 0 } : Array(1...UInt64(max(drafts.count, 1)))
        var end: (time: NIODeadline, unixNanoseconds: Int64) = (HARTimes.reference, 0)
        for (draft, number) in zip(drafts, numbers) {
            let exchange = draft.exchange.numbered(number, keepsOriginal: hasNumbers)
            contents.exchanges.append(exchange)
            let times = exchange.exchange.times
            let last = times.ended ?? times.requestBegan
            if contents.exchanges.count == 1 || last > end.time {
                let taken = (last - times.requestBegan).nanoseconds
                end = (last, exchange.row.unixNanoseconds.addingReportingOverflow(taken).partialValue)
            }
        }
        contents.end = TrafficClock.Reading(monotonic: end.time, unixNanoseconds: end.unixNanoseconds)
        return contents
    }
}

extension CapturedExchange {
    /// The same with another number. A replay's original is a number, too, which means something only in its file.
    fileprivate func numbered(_ number: UInt64, keepsOriginal: Bool) -> CapturedExchange {
        let old = row.exchange
        var origin = old.origin
        if case .replay = origin, !keepsOriginal { origin = nil }
        var exchange = Exchange(
            number: number,
            conversation: old.conversation,
            origin: origin,
            via: old.via,
            state: old.state,
            times: old.times
        )
        exchange.method = old.method
        exchange.target = old.target
        exchange.status = old.status
        exchange.bytesIn = old.bytesIn
        exchange.bytesOut = old.bytesOut
        exchange.isOpaque = old.isOpaque
        var result = self
        result.row.exchange = exchange
        if exchange.replayOf == nil { result.row.replay = nil }
        return result
    }
}

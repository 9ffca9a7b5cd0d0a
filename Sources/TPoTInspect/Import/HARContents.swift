import TPoTCapture
import TPoTWire

/// The limits of ``HARReader``.
package struct HARLimits: Hashable, Sendable {
    /// The most bytes of a file. All of it is in memory while it is read.
    package var fileBytes = 256 * 1024 * 1024
    /// The most entries that are read.
    package var entries = 100_000
    /// The most bytes of each body.
    package var bodyBytes: Int
    /// The most bytes of all bodies together. The bodies of later entries are left out.
    package var allBodyBytes = 256 * 1024 * 1024

    /// - Parameter bodyBytes: as in ``CaptureLimits``.
    package init(bodyBytes: Int = CaptureLimits().bodyBytes) {
        self.bodyBytes = bodyBytes
    }
}

/// Why a file cannot be read as an HTTP Archive.
package enum HARError: Error, Hashable, Sendable {
    case tooLarge(bytes: Int, limit: Int)
    case empty
    /// gzip or zlib, which mitmproxy writes as `.zhar`.
    case compressed
    case utf16
    case notJSON(JSONFault)
    /// Valid JSON without a list `log.entries`.
    case noEntries

    /// A sentence for the user, with the way out.
    /// - Parameter file: its name as the user wrote it.
    package func text(file: String) -> String {
        let file = VisibleText.text(file)
        switch self {
        case .tooLarge(let bytes, let limit):
            return
                "\(file) has \(bytes >> 20) MiB, and at most \(limit >> 20) MiB can be read: export fewer requests, or "
                + "take some of them out, as with jq '.log.entries |= .[:1000]'"
        case .empty: return "\(file) is empty: export it again"
        case .compressed: return "\(file) is compressed: unpack it first"
        case .utf16: return "\(file) is in UTF-16: save it in UTF-8"
        case .notJSON(let fault):
            return "\(file) is not valid JSON at byte \(fault.offset): \(fault.reason). Export it again, as a HAR file"
        case .noEntries:
            return "\(file) is JSON, but not a HAR file: it has no list log.entries. Export the requests as a HAR file"
        }
    }
}

/// What was read from an HTTP Archive.
package struct HARContents: Sendable {
    /// An entry that could not be read.
    package struct Skipped: Hashable, Sendable {
        /// 1 for the first one of the file.
        package var entry: Int
        /// What follows "entry 17": `has no request.url`. It may hold text from the file, made visible.
        package var reason: String
    }

    /// The most skipped entries that are kept with their reasons.
    static let skippedLimit = 20
    /// The most of them that are named to the user.
    private static let namedLimit = 3

    /// In order of their numbers: those of the file if it has them and is from tpot, else 1, 2, 3, … by time.
    package internal(set) var exchanges: [CapturedExchange] = []
    /// The program that wrote the file: `WebInspector 537.36`, made visible.
    package internal(set) var creator: String?
    /// All entries of the file, read or not.
    package internal(set) var entries = 0
    /// The first entries that could not be read.
    package internal(set) var skipped: [Skipped] = []
    package internal(set) var skippedCount = 0
    /// Entries after the most that are read.
    package internal(set) var entriesLeftOut = 0
    /// Bodies that were left out because all of them together are too large.
    package internal(set) var bodiesLeftOut = 0
    /// The file is not valid JSON after the last entry that was read: it was not written to its end.
    package internal(set) var fault: JSONFault?
    /// Both clocks at the end of the last exchange. The monotonic times of the exchanges fit it, but not those of this
    /// run of the program.
    package internal(set) var end = TrafficClock.Reading(monotonic: HARTimes.reference, unixNanoseconds: 0)

    /// What is missing, in sentences for the user. None if everything was read.
    package var remarks: [String] {
        var remarks: [String] = []
        if skippedCount > 0 {
            let named = skipped.prefix(Self.namedLimit).map { "entry \($0.entry) \($0.reason)" }
            let more = skippedCount - named.count
            remarks.append(
                "\(skippedCount) of \(entries) entries could not be read: " + named.joined(separator: ", ")
                    + (more > 0 ? ", and \(more) more" : "")
            )
        }
        if let fault {
            remarks.append("the file is damaged at byte \(fault.offset), after \(entries) entries: \(fault.reason)")
        }
        if entriesLeftOut > 0 {
            remarks.append("only the first \(entries - entriesLeftOut) of \(entries) entries were read")
        }
        if bodiesLeftOut > 0 {
            let bodies = bodiesLeftOut == 1 ? "1 body was" : "\(bodiesLeftOut) bodies were"
            remarks.append("\(bodies) left out: all of them need too much memory")
        }
        return remarks
    }

    mutating func skip(_ entry: Int, _ reason: String) {
        skippedCount += 1
        if skipped.count < Self.skippedLimit { skipped.append(Skipped(entry: entry, reason: reason)) }
    }
}

import NIOCore

/// Words the log's lines about refused tunnels. Each address gets one line at once, and then one line a minute that
/// counts all refusals since the last line.
struct RefusalLog {
    static let period = TimeAmount.minutes(1)
    /// The most addresses with lines of their own. Further addresses share one line.
    static let addressesAtMost = 1_024

    private enum Subject: Hashable {
        case address(IPAddress)
        case unknown
        case others
    }

    private struct Entry {
        var name: String
        /// The number of refusals since the last line.
        var count = 0
        var lastReason = ""
    }

    private var entries: [Subject: Entry] = [:]

    /// Whether no address has an entry.
    var isEmpty: Bool { entries.isEmpty }

    /// Notes a refusal. Returns the line to write now, if any.
    mutating func note(_ reason: String, of client: ClientAddress) -> String? {
        var subject = client.ip.map { Subject.address($0.limitKey) } ?? .unknown
        var name = client.ip?.limitName ?? client.description
        if entries[subject] == nil, entries.count >= Self.addressesAtMost {
            subject = .others
            name = "other addresses"
        }
        guard entries[subject] != nil else {
            entries[subject] = Entry(name: name)
            return "refused a tunnel to \(subject == .others ? name : "\(client)"): \(reason)"
        }
        entries[subject]?.count += 1
        entries[subject]?.lastReason = reason
        return nil
    }

    /// Ends a period and returns its lines. Addresses that were quiet start anew.
    mutating func periodEnded() -> [String] {
        let lines = entries.values.filter { $0.count > 0 }
            .map { "refused \($0.count) more within a minute to \($0.name), the last one: \($0.lastReason)" }
        entries = entries.filter { $0.value.count > 0 }.mapValues { Entry(name: $0.name) }
        return lines
    }
}

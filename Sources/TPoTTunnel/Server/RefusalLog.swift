import NIOCore

/// Words the log's lines about refused tunnels: one at once, then one a minute for each address with what has come since,
/// however much it is.
struct RefusalLog {
    static let period = TimeAmount.minutes(1)
    /// Addresses that have lines of their own; further ones share one.
    static let addressesAtMost = 1_024

    private enum Subject: Hashable {
        case address(IPAddress)
        case unknown
        case others
    }

    private struct Entry {
        var name: String
        /// Since the last line.
        var count = 0
        var lastReason = ""
    }

    private var entries: [Subject: Entry] = [:]

    /// Nothing is left to be said.
    var isEmpty: Bool { entries.isEmpty }

    /// Returns the line to write now, if any.
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

    /// A period is over. Returns its lines; addresses that were quiet begin anew.
    mutating func periodEnded() -> [String] {
        let lines = entries.values.filter { $0.count > 0 }
            .map { "refused \($0.count) more within a minute to \($0.name), the last one: \($0.lastReason)" }
        entries = entries.filter { $0.value.count > 0 }.mapValues { Entry(name: $0.name) }
        return lines
    }
}

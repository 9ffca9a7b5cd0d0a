import NIOCore
import TPoTWire

/// Visitors whose requests wait for tunnels that lost their links, in the order in which they came. A value without a clock.
struct WaitingVisitors<Visitor: AnyObject> {
    private var names: [Subdomain: [Visitor]] = [:]
    private(set) var count = 0

    /// Whether anybody waits for this name.
    func include(_ name: Subdomain) -> Bool { count > 0 && names[name] != nil }

    /// Appends a visitor. False where as many wait as may.
    mutating func append(_ visitor: Visitor, for name: Subdomain) -> Bool {
        guard count < WaitingLimits.inAll, names[name, default: []].count < WaitingLimits.perName else { return false }
        names[name, default: []].append(visitor)
        count += 1
        return true
    }

    /// The visitor waits no longer; nothing happens if it did not.
    mutating func remove(_ visitor: Visitor, for name: Subdomain) {
        guard let index = names[name]?.firstIndex(where: { $0 === visitor }) else { return }
        names[name]?.remove(at: index)
        if names[name]?.isEmpty == true { names[name] = nil }
        count -= 1
    }

    /// Takes all that wait for a name.
    mutating func takeAll(for name: Subdomain) -> [Visitor] {
        guard count > 0, let visitors = names.removeValue(forKey: name) else { return [] }
        count -= visitors.count
        return visitors
    }

    /// Takes all that wait.
    mutating func takeAll() -> [Visitor] {
        defer {
            names = [:]
            count = 0
        }
        return names.values.flatMap { $0 }
    }
}

/// How many requests wait for tunnels that lost their links, how long, and what else waits of them.
enum WaitingLimits {
    static let perName = 256
    static let inAll = 4_096
    static let time = TimeAmount.seconds(10)
    /// Bytes of one request that are read meanwhile.
    static let bytes = 64 * 1024
    /// Seconds after which one for which there is no room may be sent again.
    static let retryAfter = 2
}

import NIOCore
import TPoTWire

/// Visitors whose requests wait for tunnels that lost their links, in order of arrival. A value without a clock.
struct WaitingVisitors<Visitor: AnyObject> {
    private var names: [Subdomain: [Visitor]] = [:]
    private(set) var count = 0

    /// Whether any visitor waits for this name.
    func include(_ name: Subdomain) -> Bool { count > 0 && names[name] != nil }

    /// Appends a visitor. Returns false if the limit of waiting visitors is reached.
    mutating func append(_ visitor: Visitor, for name: Subdomain) -> Bool {
        guard count < WaitingLimits.inAll, names[name, default: []].count < WaitingLimits.perName else { return false }
        names[name, default: []].append(visitor)
        count += 1
        return true
    }

    /// Removes a visitor; does nothing if the visitor does not wait.
    mutating func remove(_ visitor: Visitor, for name: Subdomain) {
        guard let index = names[name]?.firstIndex(where: { $0 === visitor }) else { return }
        names[name]?.remove(at: index)
        if names[name]?.isEmpty == true { names[name] = nil }
        count -= 1
    }

    /// Removes and returns all visitors that wait for a name.
    mutating func takeAll(for name: Subdomain) -> [Visitor] {
        guard count > 0, let visitors = names.removeValue(forKey: name) else { return [] }
        count -= visitors.count
        return visitors
    }

    /// Removes and returns all visitors that wait.
    mutating func takeAll() -> [Visitor] {
        defer {
            names = [:]
            count = 0
        }
        return names.values.flatMap { $0 }
    }
}

/// Limits for requests that wait for tunnels that lost their links.
enum WaitingLimits {
    static let perName = 256
    static let inAll = 4_096
    static let time = TimeAmount.seconds(10)
    /// The most bytes of one request that are read while it waits.
    static let bytes = 64 * 1024
    /// Seconds after which a request may be sent again if there is no room for it to wait.
    static let retryAfter = 2
}

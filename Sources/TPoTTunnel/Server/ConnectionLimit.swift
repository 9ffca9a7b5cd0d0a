import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Limits the server's connections, in total and from one address. Lives on the server's event loop.
struct ConnectionLimit {
    enum Refusal: Hashable, Sendable {
        case tooManyInAll(Int)
        case tooManyOfAddress
    }

    /// The most connections from one address. Loopback and trusted proxies are exempt, because they have many clients
    /// behind them.
    static let perAddress = 1024

    private let total: Int
    private(set) var count = 0
    private var byAddress: [IPAddress: Int] = [:]

    init(total: Int) {
        self.total = total
    }

    /// Counts a connection, or returns the refusal if it is one too many.
    mutating func enter(_ client: ClientAddress) -> Refusal? {
        guard count < total else { return .tooManyInAll(total) }
        if let key = Self.key(client) {
            let others = byAddress[key] ?? 0
            guard others < Self.perAddress else { return .tooManyOfAddress }
            byAddress[key] = others + 1
        }
        count += 1
        return nil
    }

    /// Call this once for each connection that was counted.
    mutating func leave(_ client: ClientAddress) {
        count -= 1
        guard let key = Self.key(client), let others = byAddress[key] else { return }
        byAddress[key] = others > 1 ? others - 1 : nil
    }

    private static func key(_ client: ClientAddress) -> IPAddress? { client.isExempt ? nil : client.ip?.limitKey }
}

/// The number of file descriptors that this process may have open.
package enum DescriptorLimit {
    /// The soft limit, but at most a million, also if the system sets no limit.
    package static var current: Int {
        let most = 1_000_000
        var limit = rlimit()
        #if canImport(Glibc)
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
        let resource = RLIMIT_NOFILE
        #endif
        guard getrlimit(resource, &limit) == 0 else { return 1024 }
        return Int(clamping: min(limit.rlim_cur, rlim_t(most)))
    }
}

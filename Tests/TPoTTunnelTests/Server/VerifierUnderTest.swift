import Dispatch
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import TPoTWire
import Testing

@testable import TPoTTunnel

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A verifier on its own event loop, with a clock that the test moves. The test can make its thread wait.
final class VerifierUnderTest: Sendable {
    /// A header that was given to the verifier: either its check is under way, or it was refused at once.
    enum Handed: Sendable {
        case check(NIOLoopBound<AuthorizationVerifier.Check>, EventLoopFuture<Void>)
        case refused(ServerRefusal)

        func text() async -> String {
            switch self {
            case .refused(let refusal): return Self.text(refusal)
            case .check(_, let result):
                do {
                    try await result.get()
                    return "ok"
                } catch {
                    return Self.text(error)
                }
            }
        }

        private static func text(_ error: any Error) -> String {
            (error as? ServerRefusal).map { "\($0.status) \($0.detail)" } ?? "\(error)"
        }
    }

    private static let unixTime: Int64 = 1_700_000_000_000
    private let loop: any EventLoop
    private let verifier: NIOLoopBound<AuthorizationVerifier>
    private let clock = NIOLockedValueBox(NIODeadline.uptimeNanoseconds(1_000_000_000))
    private let names = NIOLockedValueBox<[String]>([])
    private let gate = DispatchSemaphore(value: 1)

    /// - Parameter key: nil for the headers that ``header(_:isRight:)`` makes, whose derivations are recorded.
    init(key: String? = nil) async throws {
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        self.loop = loop
        let (clock, names, gate) = (clock, names, gate)
        verifier = try await loop.submit {
            let verifier =
                key.map { AuthorizationVerifier(key: $0, eventLoop: loop) }
                ?? AuthorizationVerifier(eventLoop: loop, now: { clock.withLockedValue { $0 } }) { authorization in
                    gate.wait()
                    defer { gate.signal() }
                    names.withLockedValue { $0.append(authorization.nonce) }
                    return authorization.token == "right"
                }
            return NIOLoopBound(verifier, eventLoop: loop)
        }.get()
    }

    static func header(_ name: String, isRight: Bool = false) -> String {
        "TPoT-1 " + Data("\(name)\n\(unixTime)\n\(isRight ? "right" : "wrong")".utf8).base64EncodedString()
    }

    static func client(_ text: String) -> ClientAddress { ClientAddress(ip: IPAddress(text), isExempt: false) }
    static let loopback = ClientAddress(ip: IPAddress(ipv4: 0x7f00_0001), isExempt: true)
    static func claimed(_ text: String) -> ClientAddress {
        ClientAddress(ip: IPAddress(ipv4: 0x7f00_0001), isExempt: true, claimed: IPAddress(text))
    }

    /// The names of the headers whose keys were derived, in this order.
    var derived: [String] { names.withLockedValue { $0 } }

    func advance(by time: TimeAmount) { clock.withLockedValue { $0 = $0 + time } }

    /// Stops all derivations until ``release()``; a key that is ready for the thread stays there.
    func hold() { gate.wait() }
    func release() { gate.signal() }

    func verifyAll(_ headers: [(String?, ClientAddress?, Int64)]) async throws -> [Handed] {
        let (verifier, loop) = (verifier, loop)
        return try await loop.submit {
            headers.map { header, client, time in
                do throws(ServerRefusal) {
                    let check = try verifier.value.verify(header, from: client ?? Self.loopback, unixTime: time)
                    return .check(NIOLoopBound(check, eventLoop: loop), check.result)
                } catch {
                    return .refused(error)
                }
            }
        }.get()
    }

    func hand(_ name: String, isRight: Bool = false, from client: ClientAddress) async throws -> Handed {
        try await verifyAll([(Self.header(name, isRight: isRight), client, Self.unixTime)])[0]
    }

    func verify(_ header: String?, unixTime: Int64) async -> String {
        await (try? verifyAll([(header, nil, unixTime)]))?.first?.text() ?? "the loop is gone"
    }

    func abandon(_ handed: Handed) async throws {
        guard case .check(let check, _) = handed else { return }
        let verifier = verifier
        try await loop.submit { verifier.value.abandon(check.value) }.get()
    }

    func stop() async throws {
        let verifier = verifier
        try await loop.submit { verifier.value.stop() }.get()
    }
}

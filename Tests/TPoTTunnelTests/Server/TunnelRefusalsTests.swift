import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import TPoTTunnel

@Suite struct TunnelRefusalsTests {
    /// Whether the answer has been given.
    private func isAnswered(_ refusal: ServerRefusal, after time: TimeAmount) -> Bool {
        let loop = EmbeddedEventLoop()
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let refusals = TunnelRefusals(eventLoop: loop, logger: logger, wording: PlainServerWording())
        var isAnswered = false
        refusals.answer(refusal).assumeIsolated().whenComplete { _ in isAnswered = true }
        loop.advanceTime(by: time)
        defer { loop.advanceTime(by: .seconds(10)) }
        return isAnswered
    }

    @Test(arguments: [ServerRefusal.busy, .memoryFull, .tooManyTunnels(limit: 1), .tooManyWrongKeys(wait: .seconds(1))])
    func clientsOverALimitAreAnsweredLater(refusal: ServerRefusal) {
        #expect(!isAnswered(refusal, after: .milliseconds(400)))
        #expect(isAnswered(refusal, after: .seconds(2)))
    }

    /// A visitor may be waiting for the tunnel with the kept name.
    @Test(arguments: [ServerRefusal.nameKept(for: .seconds(8)), .nameInUse, .reservedName, .serverStopping])
    func otherClientsAreAnsweredAtOnce(refusal: ServerRefusal) {
        #expect(isAnswered(refusal, after: .zero))
    }
}

import Logging
import NIOCore
import NIOEmbedded
import Testing

@testable import TPoTTunnel

@Suite struct EndpointHandlerTests {
    @Test func anUnfinishedRequestTimesOut() throws {
        let channel = EmbeddedChannel()
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        let server = ServerCore(
            eventLoop: channel.embeddedEventLoop,
            domains: ["localhost"],
            verifier: nil,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        try channel.pipeline.syncOperations.addHandler(EndpointHandler(ServerEndpoints(server: server)))
        channel.embeddedEventLoop.advanceTime(by: .seconds(29))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .seconds(2))
        #expect(!channel.isActive)
    }
}

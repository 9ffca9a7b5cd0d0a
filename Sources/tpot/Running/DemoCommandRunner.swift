import NIOCore
import NIOPosix
import TPoTTraffic
import TPoTTunnel
import TPoTWire

/// Runs `tpot demo` until it is asked to stop: server, target, tunnel and visitors in one process.
enum DemoCommandRunner {
    static func run(_ settings: DemoSettings) async throws {
        FileLimit.raise()
        let logger = ProgramLog.make(settings.debug ? .debug : .notice)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let loop = group.next()
        let (server, address) = try await EmbeddedServer.start(logger: logger, eventLoop: loop)
        let targetPort = try await DemoTarget.start(on: loop)
        let target = try TargetAddress("localhost:\(targetPort)")
        StandardStream.error.print(
            line: "tpot: demo: a small web server on port \(targetPort), visitors that call it through the tunnel every"
                + " second; call it yourself, with curl or a browser, at the URL below; ctrl-C ends it"
        )
        let configuration = TunnelClientConfiguration(server: address, target: target)
        let visitors = DemoVisitors(serverPort: server.port, eventLoop: loop)
        try await HTTPCommandRunner.runClient(
            configuration,
            settings.logFormat,
            logger: logger,
            eventLoop: loop,
            whenOnline: { visitors.start(url: $0) }
        )
    }
}

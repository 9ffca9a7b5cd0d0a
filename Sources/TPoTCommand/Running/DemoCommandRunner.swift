import NIOCore
import NIOPosix
import TPoTTunnel
import TPoTWire

/// Runs `tpot demo` until it is asked to stop: server, target, tunnel and visitors in one process.
enum DemoCommandRunner {
    static func run(_ settings: DisplaySettings, environment: [String: String]) async throws {
        FileLimit.raise()
        MemoryTrim.start()
        let display = try ClientDisplay.open(settings, environment)
        try await display.closingOnFailure {
            let loop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
            let targetPort = try await DemoTarget.start(on: loop)
            let (server, address) = try await EmbeddedServer.start(
                target: nil,
                logger: display.logger,
                eventLoop: loop
            )
            display.tell(
                "demo: a small web server on port \(targetPort), called through the tunnel every second;"
                    + " call it yourself at the public URL, with curl or a browser; ctrl-C ends the demo"
            )
            let target = try TargetAddress("localhost:\(targetPort)")
            let visitors = DemoVisitors(serverPort: server.port, eventLoop: loop)
            try await FailureText.naming(address) {
                try await display.run(
                    TunnelClientConfiguration(
                        server: address,
                        target: target,
                        wording: FailureText(server: address, target: target)
                    ),
                    isEmbedded: true,
                    eventLoop: loop,
                    whenOnline: { visitors.start(url: $0) }
                )
            }
        }
    }
}

import NIOCore
import NIOPosix
import TPoTTunnel
import TPoTWire

/// Runs `tpot demo` until it is asked to stop: server, target, tunnel and visitors in one process.
enum DemoCommandRunner {
    /// The first lines of the log.
    static func invitation(targetPort: Int) -> [String] {
        [
            "demo: Ada's tea shop on port \(targetPort), called through the tunnel as Stripe, GitHub, Slack, Shopify,"
                + " browsers and apps would; call it yourself at the public URL; ctrl-C ends the demo",
            "three keys to try on the invoice.payment_failed that got 500: enter says why, e sends it again with a"
                + " number for amount_due, d compares both answers; or press o, deploy the fix there, and then r",
        ]
    }

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
            for line in invitation(targetPort: targetPort) { display.tell(line) }
            let target = try TargetAddress("localhost:\(targetPort)")
            let visitors = DemoVisitors(serverPort: server.port, eventLoop: loop)
            var configuration = TunnelClientConfiguration(
                server: address,
                target: target,
                wording: FailureText(server: address, target: target)
            )
            // The server is this process's own, so nobody else can have the name.
            configuration.subdomain = Subdomain("shop")
            try await FailureText.naming(address) {
                try await display.run(
                    configuration,
                    isEmbedded: true,
                    // Its visitors need no answers any more.
                    drain: .zero,
                    eventLoop: loop,
                    whenOnline: { visitors.start(url: $0) }
                )
            }
        }
    }
}

import Glibc
import Logging
import NIOCore
import NIOPosix
import TPoTNetwork
import TPoTTunnel

/// Runs the server of `tpot server` until it is asked to stop.
enum ServerCommandRunner {
    /// How long answers under way may take after a signal.
    private static let drain = TimeAmount.seconds(5)

    static func run(_ settings: ServerSettings) async throws {
        FileLimit.raise()
        MemoryTrim.start()
        let logger = ProgramLog.make(settings.debug ? .debug : .info, settings.logFormat)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var configuration = TunnelServerConfiguration(
            domains: settings.domains,
            bind: settings.bind,
            port: settings.port,
            authKey: settings.authKey
        )
        configuration.trustedProxies = settings.trustedProxies
        configuration.maximumTunnels = settings.maximumTunnels
        configuration.reservedNames = settings.reservedNames
        configuration.wording = ServerLogText()
        // Signals are handled before the log says that the server listens:
        // a script that waits for that line may stop it at once.
        let (stops, asked) = AsyncStream.makeStream(of: Void.self)
        let signals = StopSignals { isFirst in
            guard isFirst else { exit(ExitStatus.stopped.rawValue) }
            asked.yield()
        }
        let server: TunnelServer
        do {
            server = try await TunnelServer.start(configuration, logger: logger, eventLoop: group.next()).get()
        } catch {
            throw CommandError(.serverUnreachable, failure(error, settings))
        }
        logger.info("listening on \(settings.bind):\(server.port) for \(settings.domains.joined(separator: ", "))")
        if settings.authKey == nil { logger.notice("no key is set: anyone who reaches this port may open tunnels") }
        for await _ in stops { break }
        withExtendedLifetime(signals) {}
        logger.info("stopping: answers under way get \(drain.nanoseconds / 1_000_000_000) s")
        try await server.stop(drain: drain).get()
        // Close frames and answers that were just written leave with the event loop's next turn.
        try await group.shutdownGracefully()
    }

    private static func failure(_ error: any Error, _ settings: ServerSettings) -> String {
        let place = "\(settings.bind):\(settings.port)"
        switch (error as? IOError)?.errnoCode {
        case EADDRINUSE: return "\(place) is in use by another program; choose another --port, or stop that one"
        case EACCES: return "no permission to listen on \(place); ports below 1024 need root, or choose another --port"
        case EADDRNOTAVAIL: return "\(settings.bind) is not an address of this machine; choose another --bind"
        default: return "cannot listen on \(place): \(NetworkCause(error))"
        }
    }
}

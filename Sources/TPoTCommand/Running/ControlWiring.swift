import Glibc
import NIOConcurrencyHelpers
import NIOCore
import TPoTControl
import TPoTSystem

/// The interface of a run for other programs, and what the user is told about it.
final class ControlWiring: Sendable {
    /// The server of the run that is under way: its socket is removed however the process ends.
    private static let current = NIOLockedValueBox<ControlServer?>(nil)
    private static let cleaning: Void = {
        atexit { ControlWiring.current.withLockedValue { $0 }?.removeSocket() }
    }()

    private let settings: ControlSettings
    private let folders: ControlFolders
    private let tell: @Sendable (String) -> Void
    private let warn: @Sendable (String) -> Void
    private let server = NIOLockedValueBox<ControlServer?>(nil)
    private let address = NIOLockedValueBox<String?>(nil)

    init(
        _ settings: ControlSettings,
        _ environment: [String: String],
        tell: @escaping @Sendable (String) -> Void,
        warn: @escaping @Sendable (String) -> Void
    ) {
        self.settings = settings
        folders = ProcessContext.controlFolders(in: environment)
        self.tell = tell
        self.warn = warn
    }

    /// The URL of the API, if there is one.
    var url: String? { address.withLockedValue { $0 } }

    /// Serves a run from now on. Throws only if the address that the user asked for cannot be used.
    func open(_ service: some ControlService) async throws {
        let server = ControlServer(service)
        self.server.withLockedValue { $0 = server }
        Self.current.withLockedValue { $0 = server }
        _ = Self.cleaning
        do {
            guard let path = folders.socket(of: ProcessContext.identifier) else {
                throw FileError("its path is too long, or HOME is not set")
            }
            try await server.listen(socket: path)
        } catch {
            let reason = (error as? FileError)?.reason ?? "\(error)"
            warn("other programs cannot find this tunnel (tpot status, tpot wait, …): no socket: \(reason)")
        }
        switch settings.address {
        case nil: break
        case .loopback(let ports): try await listen(server, "127.0.0.1", ports)
        case .fixed(let host, let port): try await listen(server, host, port...port)
        }
    }

    /// Listens on the first free port.
    private func listen(_ server: ControlServer, _ host: String, _ ports: ClosedRange<Int>) async throws {
        let place = host.contains(":") ? "[\(host)]" : host
        for port in ports {
            do {
                _ = try await server.listen(host: host, port: port, token: settings.token)
                let url = "http://\(place):\(port)"
                address.withLockedValue { $0 = url }
                let readers = settings.token == nil ? "every local user can read it" : "with the token of --api-token"
                return tell("API on \(url): \(readers)")
            } catch let error as IOError where error.errnoCode == EADDRINUSE && port < ports.upperBound {
                continue
            } catch let error as IOError where error.errnoCode == EADDRINUSE {
                let numbers = ports.count == 1 ? "port \(port)" : "ports \(ports.lowerBound) to \(ports.upperBound)"
                throw CommandError(
                    .serverUnreachable,
                    "the API cannot listen on \(place): \(numbers) \(ports.count == 1 ? "is" : "are") in use"
                )
            } catch {
                throw CommandError(
                    .serverUnreachable,
                    "the API cannot listen on \(place):\(port): \((error as? IOError).map { SystemError.text($0.errnoCode) } ?? "\(error)")"
                )
            }
        }
    }

    /// Removes the socket and ends all connections.
    func close() async {
        let server = server.withLockedValue { server in
            defer { server = nil }
            return server
        }
        await server?.stop()
        Self.current.withLockedValue { if $0 === server { $0 = nil } }
    }
}

extension ProcessContext {
    /// The number of this process.
    static let identifier = getpid()

    static func controlFolders(in environment: [String: String]) -> ControlFolders {
        ControlFolders(
            home: home(in: environment),
            runtime: environment["XDG_RUNTIME_DIR"].flatMap { $0.isEmpty ? nil : $0 }
        )
    }
}

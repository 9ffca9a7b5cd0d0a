import Dispatch
import Glibc
import NIOConcurrencyHelpers
import TPoTSystem
import TPoTTerminal

/// Calls a closure on SIGINT, SIGTERM and SIGHUP. The first signal asks to stop, a second one asks to stop at once.
///
/// SIGHUP stays ignored if the program was started that way (`nohup tpot …`). SIGINT and SIGTERM are always handled: a
/// shell starts its background jobs with SIGINT ignored.
///
/// If several objects exist, only the newest is called. When it is released, a signal ends the process.
final class StopSignals: Sendable {
    private struct State {
        var owner: ObjectIdentifier?
        var action: (@Sendable (_ isFirst: Bool) -> Void)?
        var count = 0
    }

    private static let state = NIOLockedValueBox(State())
    /// Made once and never released: a released source unregisters its signal some time later,
    /// and that of a newer source with it.
    /// `nonisolated(unsafe)` is safe because the sources are only kept, and never used after they are made.
    private nonisolated(unsafe) static let sources: [any DispatchSourceSignal] = {
        let registration = DispatchGroup()
        let numbers = HangUpSignal.isIgnored ? [SIGINT, SIGTERM] : [SIGINT, SIGTERM, SIGHUP]
        let sources = numbers.map { number in
            // The signal is not set to be ignored first:
            // until the source handles it, it must end the process and not be lost.
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { received() }
            registration.enter()
            source.setRegistrationHandler { registration.leave() }
            source.resume()
            return source
        }
        registration.wait()
        return sources
    }()

    init(_ action: @escaping @Sendable (_ isFirst: Bool) -> Void) {
        Self.state.withLockedValue { $0 = State(owner: ObjectIdentifier(self), action: action) }
        _ = Self.sources
    }

    deinit {
        Self.state.withLockedValue { state in
            if state.owner == ObjectIdentifier(self) { state = State() }
        }
    }

    private static func received() {
        let (action, isFirst) = state.withLockedValue { state in
            state.count += 1
            return (state.action, state.count == 1)
        }
        guard let action else { exit(ExitStatus.stopped.rawValue) }
        action(isFirst)
    }
}

import Dispatch
import Glibc
import NIOConcurrencyHelpers
import TPoTSystem
import TPoTTerminal

/// SIGINT, SIGTERM and SIGHUP as calls: the first one asks to stop, a second one to stop at once.
///
/// A SIGHUP that the program was started to ignore (`nohup tpot …`) stays ignored. The others always count: a shell has
/// its background jobs ignore SIGINT.
/// Of several the last one made is called; when that one is gone, a signal ends the process.
final class StopSignals: Sendable {
    private struct State {
        var owner: ObjectIdentifier?
        var action: (@Sendable (_ isFirst: Bool) -> Void)?
        var count = 0
    }

    private static let state = NIOLockedValueBox(State())
    /// Made once: a source that is released lets go of its signal later, and with it of that of its successor.
    /// Unsafe in name only: nobody does anything with them but keep them.
    private nonisolated(unsafe) static let sources: [any DispatchSourceSignal] = {
        let registration = DispatchGroup()
        let numbers = HangUpSignal.isIgnored ? [SIGINT, SIGTERM] : [SIGINT, SIGTERM, SIGHUP]
        let sources = numbers.map { number in
            // Not ignored before: until the source has taken it, a signal has to end the process, not to be lost.
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

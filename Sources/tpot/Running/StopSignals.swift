import Dispatch
import Glibc
import NIOConcurrencyHelpers

/// SIGINT, SIGTERM and SIGHUP as calls: the first one asks to stop, a second one to stop at once.
final class StopSignals {
    private let sources: [any DispatchSourceSignal]

    init(_ received: @escaping @Sendable (_ isFirst: Bool) -> Void) {
        let count = NIOLockedValueBox(0)
        sources = [SIGINT, SIGTERM, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                let isFirst = count.withLockedValue { count in
                    count += 1
                    return count == 1
                }
                received(isFirst)
            }
            source.resume()
            return source
        }
        // A reader of standard output that goes away must not end the tunnel.
        signal(SIGPIPE, SIG_IGN)
    }
}

import Glibc
import SystemPackage

/// A failed system call.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    package var call: String
    package var code: Int32

    package init(call: String, code: Int32) {
        self.call = call
        self.code = code
    }

    package var description: String { "\(call) failed: \(Self.text(code))" }

    package static func text(_ code: Int32) -> String { Errno(rawValue: code).description }
}

/// The environment variables of this process.
package enum Environment {
    /// - Returns: nil if the variable is missing or empty.
    package static func value(_ name: String) -> String? {
        guard let text = getenv(name), text.pointee != 0 else { return nil }
        return String(cString: text)
    }
}

/// Time that never goes back, whatever happens to the date.
package enum MonotonicClock {
    package static func milliseconds() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
    }
}

/// How SIGHUP was set when the program was started. `nohup` makes programs ignore it, and so does `trap '' HUP` in a
/// shell.
package enum HangUpSignal {
    /// Whether the signal was ignored, and so must stay ignored. Read it before the program changes the signal's
    /// action: the first result is kept.
    package static let isIgnored: Bool = {
        var action = sigaction()
        sigaction(SIGHUP, nil, &action)
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }()
}

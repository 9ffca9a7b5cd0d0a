import Glibc

/// SIGHUP as this program was started with it. `nohup` has programs ignore it, and so has `trap '' HUP` in a shell.
package enum HangUpSignal {
    /// Whether it was ignored, and so has to stay ignored. To be asked before the program changes what the signal does:
    /// the first answer is kept.
    package static let isIgnored: Bool = {
        var action = sigaction()
        sigaction(SIGHUP, nil, &action)
        return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }()
}

import TPoTWire

/// The URL and options with which curl reaches the target as the tunnel does.
package struct CurlTarget: Hashable, Sendable {
    /// Which certificates are trusted.
    package enum Trust: Hashable, Sendable {
        case system, anything
        /// A PEM file with the authorities, instead of the system's.
        case authorities(String)
    }

    /// Scheme and authority. With https, curl sends the host of this URL as the server name (SNI), not the value of Host.
    /// The tunnel does the same.
    var url: String { "\(isTLS ? "https" : "http")://\(authority)" }
    package let authority: String
    private let isTLS: Bool
    /// The options that curl needs to reach the target, each with its value.
    let options: [[String]]

    /// - Parameter workingDirectory: the base of a relative socket path. The command may be run in another directory.
    package init(_ target: TargetAddress, trust: Trust = .system, workingDirectory: String = ".") {
        isTLS = target.isTLS
        authority = target.hostHeader
        switch (target.endpoint, trust) {
        case (.unixSocket(let path), _):
            options = [["--unix-socket", path.hasPrefix("/") ? path : "\(workingDirectory)/\(path)"]]
        case (.host, .anything) where target.isTLS: options = [["-k"]]
        case (.host, .authorities(let path)) where target.isTLS: options = [["--cacert", path]]
        case (.host, _): options = []
        }
    }
}

import TPoTWire

/// The target as curl reaches it in the way of the tunnel.
package struct CurlTarget: Hashable, Sendable {
    /// Which certificates are trusted.
    package enum Trust: Hashable, Sendable {
        case system, anything
        /// A PEM file with the authorities, instead of the system's.
        case authorities(String)
    }

    /// Scheme and authority. With https curl names the host of this URL to the target (SNI), as the tunnel does, and not
    /// what Host says.
    var url: String { "\(isTLS ? "https" : "http")://\(authority)" }
    package let authority: String
    private let isTLS: Bool
    /// The options that curl needs to get there, each with its value.
    let options: [[String]]

    /// - Parameter workingDirectory: where a relative path of a socket begins; the command may run elsewhere.
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

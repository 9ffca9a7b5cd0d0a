import NIOSSL

/// Why no certificates could be taken to check others with.
package enum TrustFailure: Error, Hashable, Sendable {
    /// The system has none.
    case noSystemRoots
    case missingFile(String)
    /// There are no certificates in it, or it cannot be read.
    case unusableFile(String)
}

/// Which certificates are trusted.
package enum CertificateTrust: Hashable, Sendable {
    case system
    /// A PEM file with the roots to trust, instead of the system's.
    case roots(String)
    /// The same, beside the system's.
    case additionalRoots(String)
    /// Any certificate at all.
    case anything

    /// A TLS context for connecting as a client. Reads files and parses certificates: not on an event loop.
    package func makeContext() throws(TrustFailure) -> NIOSSLContext {
        var configuration = TLSConfiguration.makeClientConfiguration()
        switch self {
        case .system: break
        case .roots(let path): configuration.trustRoots = .file(path)
        case .additionalRoots(let path): configuration.additionalTrustRoots = [.file(path)]
        case .anything: configuration.certificateVerification = .none
        }
        do {
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw failure(error)
        }
    }

    private func failure(_ error: any Error) -> TrustFailure {
        switch self {
        case .system, .anything: return .noSystemRoots
        case .roots(let path): return Self.failure(error, of: path)
        case .additionalRoots(let path):
            // The library says nothing at all where the system has no certificates.
            if case .unknownError(let stack)? = error as? BoringSSLError, stack.isEmpty { return .noSystemRoots }
            return Self.failure(error, of: path)
        }
    }

    private static func failure(_ error: any Error, of path: String) -> TrustFailure {
        (error as? NIOSSLError) == .noSuchFilesystemObject ? .missingFile(path) : .unusableFile(path)
    }
}

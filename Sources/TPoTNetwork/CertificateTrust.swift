import NIOSSL

/// Why there are no certificates of authorities to check others with.
package enum TrustFailure: Error, Hashable, Sendable {
    /// The system has none.
    case noSystemRoots
    case missingFile(String)
    /// The file has no certificates, or cannot be read.
    case unusableFile(String)
}

/// Which certificates of authorities are trusted.
package enum CertificateTrust: Hashable, Sendable {
    case system
    /// A PEM file with the roots to trust, instead of the system's roots.
    case roots(String)
    /// A PEM file with roots to trust beside the system's roots.
    case additionalRoots(String)
    /// Any certificate at all.
    case anything

    /// A TLS context for connecting as a client. It reads files and parses certificates: do not call it on an event
    /// loop.
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
            // The library's error is empty if the system has no certificates.
            if case .unknownError(let stack)? = error as? BoringSSLError, stack.isEmpty { return .noSystemRoots }
            return Self.failure(error, of: path)
        }
    }

    private static func failure(_ error: any Error, of path: String) -> TrustFailure {
        (error as? NIOSSLError) == .noSuchFilesystemObject ? .missingFile(path) : .unusableFile(path)
    }
}

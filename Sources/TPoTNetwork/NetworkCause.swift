import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Why a connection was not made, or why it ended. Its text is in plain words and suggests no remedy, because that
/// depends on the peer of the connection.
package enum NetworkCause: Error, Hashable, Sendable {
    case nameNotFound(String)
    /// No TCP connection was made within this many seconds.
    case noConnection(seconds: Int64)
    /// The error code of the operating system.
    case system(errno: CInt)
    case closed
    /// The connection was made, but no answer came.
    case noAnswer
    case certificate(CertificateFault)
    /// We spoke TLS, and the answer is not TLS.
    case notTLS
    /// We spoke plain HTTP, and the answer is TLS.
    case speaksTLS
    /// The other side ended the handshake because we showed no certificate.
    case clientCertificateWanted
    /// Any other failure of TLS, in the words of its alert: "protocol version".
    case tls(String)
    case notHTTP
    /// The answer is longer than this many bytes.
    case answerTooLong(Int)
    /// None of these.
    case unknown

    package enum CertificateFault: Hashable, Sendable {
        case notTrusted, expired, notYetValid, wrongName
    }

    /// Whether the other side ended the connection, no matter how.
    package var isEndByPeer: Bool {
        switch self {
        case .closed, .system(errno: ECONNRESET), .system(errno: EPIPE): true
        default: false
        }
    }

    /// Whether the connection was made, and TLS failed on it.
    package var isOfTLS: Bool {
        switch self {
        case .certificate, .notTLS, .clientCertificateWanted, .tls: true
        default: false
        }
    }
}

// MARK: From errors

extension NetworkCause {
    package init(_ error: any Error) { self.init(error, certificate: nil) }

    /// - Parameter certificate: the peer's certificate, if it showed one.
    private init(_ error: any Error, certificate: NIOSSLCertificate?) {
        switch error {
        case let cause as NetworkCause: self = cause
        case let error as IOError: self = .system(errno: error.errnoCode)
        case let error as NIOConnectionError:
            if let failure = error.connectionErrors.last {
                self.init(failure.error)
            } else {
                self = .nameNotFound(error.host)
            }
        case ChannelError.connectTimeout(let after): self = .noConnection(seconds: after.nanoseconds / 1_000_000_000)
        case ChannelError.ioOnClosedChannel, ChannelError.alreadyClosed, ChannelError.eof, ChannelError.inputClosed,
            ChannelError.outputClosed:
            self = .closed
        case is HTTPParserError, is NIOHTTPDecoderError: self = .notHTTP
        case NIOSSLError.handshakeFailed(let inner), NIOSSLError.shutdownFailed(let inner):
            self.init(inner, certificate)
        case NIOSSLError.uncleanShutdown: self = .closed
        case NIOSSLError.noCertificateToValidate, NIOSSLError.unableToValidateCertificate:
            self = .certificate(.wrongName)
        case let error as NIOSSLExtraError
        where error == .failedToValidateHostname || error == .serverHostnameImpossibleToMatch:
            self = .certificate(.wrongName)
        case let error as BoringSSLError: self.init(error, certificate)
        case is NIOSSLError, is NIOSSLExtraError: self = .tls("")
        default: self = .unknown
        }
    }

    /// The cause, which also considers the peer's certificate in `context` if there is one.
    package init(_ error: any Error, in context: ChannelHandlerContext) {
        self.init(error, certificate: try? context.pipeline.syncOperations.nioSSL_peerCertificate())
    }

    private init(_ error: BoringSSLError, _ certificate: NIOSSLCertificate?) {
        let reasons: [String] =
            switch error {
            case .sslError(let stack), .unknownError(let stack), .invalidSNIName(let stack),
                .failedToSetALPN(let stack):
                stack.map { "\($0)" }
            default: []
            }
        if case .sslError(let stack) = error,
            stack.contains(where: { $0 == .eofDuringHandshake || $0 == .eofDuringAdditionalCertficiateChainValidation })
        {
            self = .closed
            return
        }
        func names(_ word: String) -> Bool { reasons.contains { $0.contains(word) } }
        if names("CERTIFICATE_VERIFY_FAILED") {
            self = .certificate(CertificateFault(certificate))
        } else if names("WRONG_VERSION_NUMBER") || names("HTTP_REQUEST") || names("HTTPS_PROXY_REQUEST") {
            self = .notTLS
        } else if names("ALERT_CERTIFICATE_REQUIRED") {
            self = .clientCertificateWanted
        } else {
            self = .tls(reasons.lazy.compactMap(Self.alert).first ?? "")
        }
    }

    /// The reason within the library's text: "Error: 268436496 error:1000…:SSL routines:OPENSSL_internal:REASON at
    /// file:line".
    private static func alert(_ text: String) -> String? {
        let mark = "OPENSSL_internal:"
        guard let start = text.firstRange(of: mark)?.upperBound else { return nil }
        var words = text[start...].prefix { $0 != " " }.split(separator: "_").map { $0.lowercased() }
        if let end = words.firstIndex(of: "alert") { words.removeFirst(end + 1) }
        return words.isEmpty ? nil : words.joined(separator: " ")
    }
}

extension NetworkCause.CertificateFault {
    /// The fault of a certificate that was not accepted. TLS does not say why; the certificate's dates may.
    fileprivate init(_ certificate: NIOSSLCertificate?) {
        let now = time(nil)
        switch certificate {
        case let certificate? where certificate.notValidAfter < now: self = .expired
        case let certificate? where certificate.notValidBefore > now: self = .notYetValid
        default: self = .notTrusted
        }
    }
}

// MARK: In words

extension NetworkCause: CustomStringConvertible {
    package var description: String {
        switch self {
        case .nameNotFound(let name): "the name \(name) cannot be resolved"
        case .noConnection(let seconds): "no answer within \(seconds) s"
        case .system(let errno): Self.text(ofErrno: errno)
        case .closed: "it closed the connection"
        case .noAnswer: "it accepted the connection and then did not answer"
        case .certificate(.notTrusted): "its certificate is not trusted"
        case .certificate(.expired): "its certificate has expired"
        case .certificate(.notYetValid): "its certificate is not valid yet"
        case .certificate(.wrongName): "its certificate is for another name"
        case .notTLS: "it does not speak TLS"
        case .speaksTLS: "it speaks TLS"
        case .clientCertificateWanted: "it wants a client certificate"
        case .tls(""): "the TLS handshake failed"
        case .tls(let alert): "the TLS handshake failed (\(alert))"
        case .notHTTP: "it does not speak HTTP"
        case .answerTooLong(let bytes): "its answer is longer than \(bytes) bytes"
        case .unknown: "for an unknown reason"
        }
    }

    private static func text(ofErrno code: CInt) -> String {
        switch code {
        case ECONNREFUSED: "connection refused"
        // Only Unix domain sockets give this; over TCP such connections wait.
        case EAGAIN: "too many connections wait there already"
        case ECONNRESET: "connection reset"
        case EHOSTUNREACH: "host unreachable"
        case ENETUNREACH: "network unreachable"
        case ETIMEDOUT: "timed out"
        case EPIPE: "connection closed by the other side"
        case ENOENT: "no such socket file"
        case EMFILE: "this process has no file descriptor left; raise its limit of open files (ulimit -n)"
        case ENFILE: "this machine has no file descriptor left"
        case EACCES: "permission denied"
        case EADDRINUSE: "address already in use"
        case EADDRNOTAVAIL: "address not available on this machine"
        default: Errno(rawValue: code).description
        }
    }
}

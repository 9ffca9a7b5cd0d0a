import NIOCore
import NIOExtras
import NIOPosix
import NIOSSL

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Errors of the network in the user's words.
enum ErrorText {
    static func describe(_ error: any Error) -> String {
        switch error {
        case let error as IOError:
            return text(ofErrno: error.errnoCode)
        case let error as NIOConnectionError:
            if let failure = error.connectionErrors.last { return describe(failure.error) }
            if error.dnsAError != nil || error.dnsAAAAError != nil {
                return "the name \(error.host) cannot be resolved"
            }
            return "no address found for \(error.host)"
        case ChannelError.connectTimeout(let after):
            return "no answer within \(after.nanoseconds / 1_000_000_000) s"
        case is SocketAddressError:
            return "the name cannot be resolved"
        case let error as NIOHTTP1ProxyConnectHandler.Error:
            // Its text ends with the place in its own source.
            return "\(error)".split(separator: " (").first.map { $0.lowercased() } ?? "no answer"
        case let error as NIOSSLError:
            return tls(error)
        case let error as BoringSSLError:
            return "TLS failed: \(error)"
        case is NIOSSLExtraError:
            return "TLS failed: \(error)"
        default:
            return "\(error)"
        }
    }

    private static func tls(_ error: NIOSSLError) -> String {
        switch error {
        case .handshakeFailed(let inner) where "\(inner)".contains("CERTIFICATE_VERIFY_FAILED"):
            "its certificate is not trusted; name the authority's PEM file with --server-ca or --target-ca"
        case .handshakeFailed(let inner) where "\(inner)".contains("WRONG_VERSION_NUMBER"):
            "it does not speak TLS; is it http instead of https?"
        case .handshakeFailed(let inner): "the TLS handshake failed: \(inner)"
        case .noCertificateToValidate, .unableToValidateCertificate:
            "its certificate is not for this name, or not valid"
        default: "TLS failed: \(error)"
        }
    }

    private static func text(ofErrno code: CInt) -> String {
        switch code {
        case ECONNREFUSED: "connection refused"
        // Of a Unix domain socket; over TCP such connections wait.
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
        default: String(cString: strerror(code))
        }
    }
}

import NIOCore
import TPoTWire

/// How `Host` is changed in requests.
package enum HostRewrite: Hashable, Sendable {
    /// The target's own address, as the user typed it.
    case target
    case value(String)
    /// `Host` stays as the visitor sent it.
    case off

    /// The value that the target gets; nil if it is unchanged.
    package func host(of target: TargetAddress) -> String? {
        switch self {
        case .target: target.hostHeader
        case .value(let host): host
        case .off: nil
        }
    }
}

/// The changes to the head of every request on its way to the target. Nothing else is changed.
struct RequestEdit {
    /// The new value of Host; nil to keep it.
    var host: ByteBuffer?
    /// Whether X-Forwarded-For, -Proto and -Host are added if the request lacks them. Present ones are kept, because a
    /// reverse proxy in front of the server knows better.
    var addsForwardedHeaders = false
    /// `http` or `https`, the scheme of the public URL.
    var publicScheme = "http"

    /// The head as the target gets it; nil if it is unchanged.
    func apply(to head: HTTPRequestHead, from remote: RemoteAddress) -> ByteBuffer? {
        guard let original = head.host else { return nil }
        let extra = addsForwardedHeaders ? forwardedFields(head, from: remote, host: original) : nil
        if let host { return head.replacingHost(with: host, inserting: extra) }
        return extra.map { head.replacingHost(with: ByteBuffer(original), inserting: $0) }
    }

    /// The missing header lines; nil if the request has them all.
    private func forwardedFields(
        _ head: HTTPRequestHead,
        from remote: RemoteAddress,
        host: ByteBufferView
    ) -> ByteBuffer? {
        let fields = head.fields
        var lines = ByteBuffer()
        if !remote.isUnknown, fields.first(named: "x-forwarded-for") == nil {
            lines.writeString("X-Forwarded-For: \(remote.host)\r\n")
        }
        if fields.first(named: "x-forwarded-proto") == nil {
            lines.writeString("X-Forwarded-Proto: \(publicScheme)\r\n")
        }
        if fields.first(named: "x-forwarded-host") == nil {
            lines.writeString("X-Forwarded-Host: ")
            lines.writeBytes(host)
            lines.writeString("\r\n")
        }
        return lines.readableBytes > 0 ? lines : nil
    }
}

import TPoTCapture
import TPoTWire

/// A captured request as a curl command for any POSIX shell. The command sends the same fields and body.
///
/// - Fields keep their order and spelling, but a Content-Length that curl computes comes last. Fields that curl would add
///   are removed (`-H 'Accept:'`).
/// - A field that is first removed and then given is sent as it is. Otherwise curl would move Host to the front, and
///   would add chunks to a body that is chunked already.
/// - Fields that curl writes at the same place with the same value are left to curl, and so is the framing of a body
///   with one chunk. The command is shorter, and a length that curl computes fits an edited body.
package struct CurlCommand: Sendable {
    /// The longest text body that is put into the command itself, in bytes.
    static let inlineLimit = 32 * 1024
    /// The longest body that every version of curl sends as one chunk, in bytes.
    private static let singleChunkLimit = 8 * 1024

    /// A body that must be written to a file, because it is long or not text. Nil if the command contains the body.
    package let bodyFile: [UInt8]?

    private let exchange: CapturedExchange
    private let head: [UInt8]
    /// The body as given to curl, which may add chunk framing.
    private let body: [UInt8]
    /// The body was sent in one chunk, exactly as curl would frame it.
    private let isChunkedByCurl: Bool
    private let target: CurlTarget
    private let mask: SecretMask

    /// - Throws: if the request was not captured completely.
    package init(
        _ exchange: CapturedExchange,
        target: CurlTarget,
        mask: SecretMask = SecretMask()
    ) throws(ReplayRefusal) {
        if let refusal = exchange.replayRefusal { throw refusal }
        self.exchange = exchange
        head = exchange.sentRequestHead ?? exchange.requestHead ?? []
        self.target = target
        self.mask = mask
        let chunk = Self.singleChunk(exchange.requestBody.bytes, head)
        isChunkedByCurl = chunk != nil
        body = chunk ?? exchange.requestBody.bytes
        let isInline =
            body.count <= Self.inlineLimit && BodyKind.looksLikeText(body) && !body.contains(0)
            && String(validating: body, as: UTF8.self) != nil
        bodyFile = isInline ? nil : body
    }

    /// The number of control characters in the request. The command has them as escapes of `printf`.
    package var controlCharacters: Int {
        ControlCharacters.count(in: head) + (bodyFile == nil ? ControlCharacters.count(in: body) : 0)
    }

    /// The command, in several lines.
    /// - Parameter path: where ``bodyFile`` was written, if there is one.
    package func text(bodyFile path: String? = nil) -> [UInt8] {
        let fields = self.fields
        var words = [method + url]
        words += target.options.map { Array($0.map { ShellWord.quote($0.utf8) }.joined(separator: [0x20])) }
        if let agent = fields.userAgent { words.append(Array("-A ".utf8) + ShellWord.quote(agent)) }
        words += fields.suppressed.map { option("-H", $0 + ":") }
        words += fields.given.map(header)
        if acceptsCodedAnswer { words.append(Array("--compressed".utf8)) }
        if !body.isEmpty {
            if bodyFile != nil {
                words.append(option("--data-binary", "@" + (path ?? "body")))
            } else {
                words.append(Array("--data-raw ".utf8) + ShellWord.quote(body))
            }
        }
        return Array(words.joined(separator: Array(" \\\n  ".utf8)))
    }

    // MARK: Request line

    private var method: [UInt8] {
        let line = HTTPText.firstLine(head)
        let method = line.prefix { $0 != 0x20 }
        var command = "curl"
        command += line.suffix(3).elementsEqual("1.0".utf8) ? " --http1.0" : " --http1.1"
        // With `-X HEAD` curl would wait for a response body.
        if method.elementsEqual("HEAD".utf8), body.isEmpty { return Array("\(command) --head ".utf8) }
        let natural = body.isEmpty ? "GET" : "POST"
        if method.elementsEqual(natural.utf8) { return Array("\(command) ".utf8) }
        return Array("\(command) -X ".utf8) + ShellWord.quote(method) + [0x20]
    }

    private var url: [UInt8] {
        let words = HTTPText.firstLine(head).split(separator: 0x20)
        let path = words.count > 1 ? mask.url(Array(words[1])) : Array("/".utf8)
        guard Self.isPlain(path) else {
            return Array("--request-target ".utf8) + ShellWord.quote(path) + [0x20] + ShellWord.quote(target.url.utf8)
        }
        let hasDots = path.indices.dropLast().contains { path[$0] == 0x2f && path[$0 + 1] == 0x2e }
        return Array(hasDots ? "--path-as-is ".utf8 : "".utf8) + ShellWord.quote(Array(target.url.utf8) + path)
    }

    private static let plainTarget = Set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/?%".utf8
    )

    /// Whether curl sends the target unchanged if it is part of a URL.
    private static func isPlain(_ target: [UInt8]) -> Bool {
        target.first == UInt8(ascii: "/") && target.last != UInt8(ascii: "?") && target.allSatisfy(plainTarget.contains)
    }

    // MARK: Fields

    private var lines: [ArraySlice<UInt8>] { HTTPText.fieldLines(head) }

    private static func name(_ line: ArraySlice<UInt8>) -> String {
        String(decoding: line.prefix { $0 != UInt8(ascii: ":") }.map(\.lowercasedASCII), as: UTF8.self)
    }

    private struct Fields {
        /// Given with `-A`, which keeps it at the place where curl writes its own.
        var userAgent: [UInt8]?
        /// Names of fields that curl must neither add nor handle specially.
        var suppressed: [String] = []
        /// Given with `-H`.
        var given: [ArraySlice<UInt8>] = []
    }

    /// curl writes Host, User-Agent, Accept, the given fields, Content-Length and Content-Type, in this order.
    private var fields: Fields {
        var fields = Fields()
        var lines = self.lines[...]
        let names = lines.map(Self.name)
        func isOnce(_ name: String) -> Bool { names.count { $0 == name } == 1 }

        // A given `Host:` with this spelling goes to the front, too.
        if let host = lines.first, host.starts(with: Array("Host:".utf8)), isOnce("host") {
            if !host.elementsEqual("Host: \(target.authority)".utf8) { fields.given.append(host) }
            lines.removeFirst()
        } else {
            fields.suppressed.append("Host")
        }
        let agent = Array("User-Agent: ".utf8)
        if let line = lines.first, line.starts(with: agent), line.count > agent.count, isOnce("user-agent") {
            fields.userAgent = Array(mask.line(line).dropFirst(agent.count))
            lines.removeFirst()
        } else if !names.contains("user-agent") {
            fields.suppressed.append("User-Agent")
        }
        if let line = lines.first, line.elementsEqual("Accept: */*".utf8), isOnce("accept") {
            lines.removeFirst()
        } else if !names.contains("accept") {
            fields.suppressed.append("Accept")
        }
        if names.contains("transfer-encoding"), !isChunkedByCurl {
            fields.suppressed += ["Transfer-Encoding", "Content-Length"]
        }
        if !body.isEmpty { leaveBodyToCurl(&lines, &fields, names) }
        fields.given += lines
        return fields
    }

    private func leaveBodyToCurl(
        _ lines: inout ArraySlice<ArraySlice<UInt8>>,
        _ fields: inout Fields,
        _ names: [String]
    ) {
        let form = "Content-Type: application/x-www-form-urlencoded"
        let length = "Content-Length: \(body.count)"
        let isLengthOurs = names.count { $0 == "content-length" } == 1 && !names.contains("transfer-encoding")
        if isLengthOurs, let place = lines.firstIndex(where: { $0.elementsEqual(length.utf8) }) {
            // curl writes it itself, though last: a length in the command would be wrong once its body is edited.
            lines.remove(at: place)
            let isLast = lines.last?.elementsEqual(form.utf8) == true && place == lines.endIndex - 1
            if isLast, names.count(where: { $0 == "content-type" }) == 1 { lines.removeLast() }
        }
        if !names.contains("content-type") { fields.suppressed.append("Content-Type") }
        if !names.contains("content-length"), !names.contains("transfer-encoding") {
            fields.suppressed.append("Content-Length")
        }
        if !names.contains("expect") { fields.suppressed.append("Expect") }
    }

    /// The request accepts a compressed response, which curl must decode to make it readable.
    private var acceptsCodedAnswer: Bool {
        lines.contains { line in
            guard Self.name(line) == "accept-encoding" else { return false }
            let value = line.drop { $0 != UInt8(ascii: ":") }.dropFirst()
            return value.split { ", \t".utf8.contains($0) }.contains { coding in
                !String(decoding: coding, as: UTF8.self).lowercased().hasPrefix("identity") && !coding.isEmpty
            }
        }
    }

    /// The data of a body with one chunk that is framed exactly as curl would do it. Nil for other bodies.
    private static func singleChunk(_ wire: [UInt8], _ head: [UInt8]) -> [UInt8]? {
        let codings = HTTPText.fieldLines(head).filter { name($0) == "transfer-encoding" }
        guard codings.count == 1, codings[0].elementsEqual("Transfer-Encoding: chunked".utf8) else { return nil }
        let data = ChunkedBody(wire, limit: singleChunkLimit + 1).bytes
        guard !data.isEmpty, data.count <= singleChunkLimit else { return nil }
        let size = Array(String(data.count, radix: 16).utf8)
        return wire == size + [0x0d, 0x0a] + data + Array("\r\n0\r\n\r\n".utf8) ? data : nil
    }

    private func header(_ line: ArraySlice<UInt8>) -> [UInt8] {
        let name = line.prefix { $0 != UInt8(ascii: ":") }
        let value = line.dropFirst(name.count + 1)
        // `-H 'Name:'` would remove the field. With a semicolon curl sends the name with an empty value.
        let isEmpty = value.allSatisfy { $0 == 0x20 || $0 == 0x09 }
        return Array("-H ".utf8) + ShellWord.quote(isEmpty ? name + [UInt8(ascii: ";")] : mask.line(line)[...])
    }

    private func option(_ name: String, _ value: String) -> [UInt8] {
        Array("\(name) ".utf8) + ShellWord.quote(value.utf8)
    }
}

/// The URL and options with which curl reaches the target as the tunnel does.
package struct CurlTarget: Hashable, Sendable {
    /// Which certificates are trusted.
    package enum Trust: Hashable, Sendable {
        case system, anything
        /// A PEM file with the authorities, instead of the system's.
        case authorities(String)
    }

    /// Scheme and authority. With https, curl sends the host of this URL as the server name (SNI), not the value of
    /// Host. The tunnel does the same.
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

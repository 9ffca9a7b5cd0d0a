/// A captured request as a curl command, for any POSIX shell, that sends the same bytes.
///
/// The fields are given in their order and spelling; those that curl would add by itself are taken away (`-H 'Accept:'`).
/// Taking one away first and giving it afterwards makes curl pass it on as it is: without that it would move Host to
/// the front, and put chunks around a body that has them already. A body in one chunk is left to curl, for the reader.
package struct CurlCommand: Sendable {
    /// Bytes of a text body up to which it stands in the command itself.
    static let inlineLimit = 32 * 1024
    /// Bytes that any curl sends as one chunk.
    private static let singleChunkLimit = 8 * 1024

    /// The body has to be written to a file, because it is long or not text; nil when there is no need.
    package let bodyFile: [UInt8]?

    private let exchange: CapturedExchange
    private let head: [UInt8]
    /// What curl is given, which is not always what it sends.
    private let body: [UInt8]
    /// The body went in one chunk, just as curl itself would put one around it.
    private let isChunkedByCurl: Bool
    private let baseURL: String
    private let mask: SecretMask

    /// - Parameter baseURL: scheme and authority to send it to, like `http://localhost:8080`.
    /// - Throws: when the request was not captured whole.
    package init(
        _ exchange: CapturedExchange,
        baseURL: String,
        mask: SecretMask = SecretMask()
    ) throws(ReplayRefusal) {
        if let refusal = exchange.replayRefusal { throw refusal }
        self.exchange = exchange
        head = exchange.sentRequestHead ?? exchange.requestHead ?? []
        self.baseURL = baseURL
        self.mask = mask
        let chunk = Self.singleChunk(exchange.requestBody.bytes, head)
        isChunkedByCurl = chunk != nil
        body = chunk ?? exchange.requestBody.bytes
        let isInline =
            body.count <= Self.inlineLimit && BodyKind.looksLikeText(body) && !body.contains(0)
            && String(validating: body, as: UTF8.self) != nil
        bodyFile = isInline ? nil : body
    }

    /// Control characters of the request; the command has them as escapes of `printf`.
    package var controlCharacters: Int {
        ControlCharacters.count(in: head) + (bodyFile == nil ? ControlCharacters.count(in: body) : 0)
    }

    /// The command, in several lines.
    /// - Parameter path: where ``bodyFile`` was written, if there is one.
    package func text(bodyFile path: String? = nil) -> [UInt8] {
        var words = [method + url]
        words += suppressed.map { option("-H", $0 + ":") }
        words += fieldLines.map(header)
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
        // curl would wait for the body of an answer to `-X HEAD`.
        if method.elementsEqual("HEAD".utf8), body.isEmpty { return Array("\(command) --head ".utf8) }
        let natural = body.isEmpty ? "GET" : "POST"
        if method.elementsEqual(natural.utf8) { return Array("\(command) ".utf8) }
        return Array("\(command) -X ".utf8) + ShellWord.quote(method) + [0x20]
    }

    private var url: [UInt8] {
        let words = HTTPText.firstLine(head).split(separator: 0x20)
        let target = words.count > 1 ? mask.url(Array(words[1])) : Array("/".utf8)
        guard Self.isPlain(target) else {
            return Array("--request-target ".utf8) + ShellWord.quote(target) + [0x20] + ShellWord.quote(baseURL.utf8)
        }
        let hasDots = target.indices.dropLast().contains { target[$0] == 0x2f && target[$0 + 1] == 0x2e }
        return Array(hasDots ? "--path-as-is ".utf8 : "".utf8) + ShellWord.quote(Array(baseURL.utf8) + target)
    }

    private static let plainTarget = Set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@/?%".utf8
    )

    /// Whether curl leaves it alone as a part of a URL.
    private static func isPlain(_ target: [UInt8]) -> Bool {
        target.first == UInt8(ascii: "/") && target.last != UInt8(ascii: "?") && target.allSatisfy(plainTarget.contains)
    }

    // MARK: Fields

    private var lines: [ArraySlice<UInt8>] { HTTPText.fieldLines(head) }

    private static func name(_ line: ArraySlice<UInt8>) -> String {
        String(decoding: line.prefix { $0 != UInt8(ascii: ":") }.map(\.lowercasedASCII), as: UTF8.self)
    }

    /// Names that curl must not add, or must not treat in its own way.
    private var suppressed: [String] {
        let names = Set(lines.map(Self.name))
        var result: [String] = []
        if !hostIsFirst { result.append("Host") }
        for (name, field) in [("user-agent", "User-Agent"), ("accept", "Accept")] where !names.contains(name) {
            result.append(field)
        }
        if names.contains("transfer-encoding"), !isChunkedByCurl { result += ["Transfer-Encoding", "Content-Length"] }
        if !body.isEmpty {
            if !names.contains("content-type") { result.append("Content-Type") }
            if !names.contains("content-length"), !names.contains("transfer-encoding") {
                result.append("Content-Length")
            }
            if !names.contains("expect") { result.append("Expect") }
        }
        return result
    }

    /// curl puts Host there, spelled so.
    private var hostIsFirst: Bool {
        lines.first?.starts(with: Array("Host:".utf8)) == true
            && lines.dropFirst().allSatisfy { Self.name($0) != "host" }
    }

    /// The fields without those that curl adds in the same place with the same value.
    private var fieldLines: [ArraySlice<UInt8>] {
        var lines = lines
        let authority = baseURL.utf8.split(separator: 0x2f).last.map { Array($0) } ?? []
        if hostIsFirst, let host = lines.first, Array(host) == Array("Host: ".utf8) + authority { lines.removeFirst() }
        let names = lines.map(Self.name)
        if !body.isEmpty, names.last == "content-length", !names.contains("transfer-encoding"),
            let last = lines.last, Array(last) == Array("Content-Length: \(body.count)".utf8)
        {
            lines.removeLast()
        }
        return lines
    }

    /// The data of a body that is one chunk, in the spelling of curl.
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
        // An empty value would take the field away; a semicolon makes curl send the name with nothing.
        let isEmpty = value.allSatisfy { $0 == 0x20 || $0 == 0x09 }
        return Array("-H ".utf8) + ShellWord.quote(isEmpty ? name + [UInt8(ascii: ";")] : mask.line(line)[...])
    }

    private func option(_ name: String, _ value: String) -> [UInt8] {
        Array("\(name) ".utf8) + ShellWord.quote(value.utf8)
    }
}

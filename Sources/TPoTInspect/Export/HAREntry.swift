import NIOCore
import TPoTCapture
import TPoTWire

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One `entry` of an HTTP Archive. Members that are not in the specification begin with `_`, as it requires.
struct HAREntry {
    private let exchange: CapturedExchange
    private let options: HARExport.Options
    private let now: NIODeadline
    /// Nil if the exchange is no WebSocket.
    private let messages: HARMessages?

    init(_ exchange: CapturedExchange, options: HARExport.Options, now: NIODeadline) {
        self.exchange = exchange
        self.options = options
        self.now = now
        messages = HARMessages(exchange)
    }

    func write(to json: inout JSONWriter) {
        let phases = ExchangePhases(exchange.exchange.times, at: now)
        json.object { entry in
            entry.add("startedDateTime", UTCTime.rfc3339(unixNanoseconds: exchange.row.unixNanoseconds))
            entry.add("time", thousandths: exchange.exchange.times.whole(at: now).microseconds)
            entry.object("request", request)
            entry.object("response", response)
            entry.object("cache") { _ in }
            entry.object("timings") { timings in
                timings.add("blocked", thousandths: phases.held.microseconds)
                timings.add("dns", -1)
                if let connect = phases.connect {
                    timings.add("connect", thousandths: connect.microseconds)
                } else {
                    timings.add("connect", -1)
                }
                timings.add("ssl", -1)
                timings.add("send", thousandths: phases.send.microseconds)
                timings.add("wait", thousandths: (phases.wait ?? .zero).microseconds)
                timings.add("receive", thousandths: (phases.receive ?? .zero).microseconds)
            }
            entry.add("connection", String(exchange.exchange.conversation))
            entry.add("_number", Int(exchange.number))
            if let remote = exchange.exchange.remote { entry.add("_remote", remote.description) }
            if let via = exchange.exchange.via { entry.add("_via", via) }
            if let original = exchange.exchange.replayOf { entry.add("_replayOf", Int(original)) }
            if exchange.row.isMarked { entry.add("_marked", true) }
            addOutcome(to: &entry)
            messages?.write(to: &entry)
        }
    }

    /// An exchange without these ended well, or is still in progress.
    private func addOutcome(to json: inout JSONWriter) {
        guard case .aborted = exchange.exchange.state else { return }
        let stored = StoredState(exchange.exchange.state)
        json.add("_outcome", stored.word)
        if let reason = stored.reason { json.add("_reason", reason) }
    }

    // MARK: Request

    private func request(_ json: inout JSONWriter) {
        let head = exchange.requestHead ?? []
        json.add("method", HTTPText.text(exchange.exchange.method))
        json.add("url", options.mask.url(url))
        json.add("httpVersion", HTTPText.requestVersion(head))
        json.array("cookies") { cookies in
            addCookies(HTTPText.fields(head), named: "cookie", separator: ";", to: &cookies)
        }
        addHeaders(head, to: &json)
        json.array("queryString") { query in
            let target = options.mask.url(exchange.exchange.target)
            guard let mark = target.firstIndex(of: UInt8(ascii: "?")) else { return }
            addPairs(FormTable.pairs(target[(mark + 1)...]).pairs, to: &query)
        }
        if exchange.requestBody.count > 0, !exchange.exchange.isOpaque {
            json.object("postData") { data in
                let body = DecodedBody(exchange.requestBody, head: exchange.requestHead)
                data.add("mimeType", Self.contentType(HTTPText.fields(head)) ?? "application/octet-stream")
                let kind = BodyKind(body)
                var areAllListed = true
                data.array("params") { areAllListed = addParameters(of: body, kind, to: &$0) }
                addText(
                    body,
                    kind,
                    encodingName: "_encoding",
                    areAllListed ? [] : ["params does not list all fields"],
                    to: &data
                )
            }
        }
        json.add("headersSize", exchange.requestHead?.count ?? -1)
        json.add("bodySize", exchange.requestBody.count)
    }

    /// The URL that the visitor requested, as far as it is known. For a replay it is made from the public URL, because
    /// its Host is the target's.
    private var url: String {
        if exchange.exchange.replayOf != nil, let publicURL = options.publicURL {
            return RawText.url(of: exchange.exchange, at: publicURL)
        }
        let target = HTTPText.text(exchange.exchange.target)
        if target.hasPrefix("http://") || target.hasPrefix("https://") { return target }
        var scheme = options.publicURL.map { String($0.prefix { $0 != ":" }) } ?? "http"
        if messages != nil { scheme = scheme == "https" ? "wss" : "ws" }
        let host = Self.value(of: "host", in: HTTPText.fields(exchange.requestHead ?? []))
        let path = target.hasPrefix("/") ? target : "/" + target
        return "\(scheme)://\(host ?? "localhost")\(path)"
    }

    /// Adds the fields of a form. The specification allows either the fields or the text, but browsers write both, so
    /// readers can use the one that they need.
    /// - Returns: false if there are more fields than are listed.
    private func addParameters(of body: DecodedBody, _ kind: BodyKind, to json: inout JSONWriter) -> Bool {
        guard !body.isStillCoded else { return true }
        switch kind {
        case .form:
            let (pairs, isCut) = FormTable.pairs(body.bytes)
            addPairs(pairs, to: &json)
            return !isCut
        case .multipart(let boundary):
            let parts = MultipartPart.all(in: body.bytes, boundary: boundary, limit: MultipartTable.limit + 1)
            for part in parts.prefix(MultipartTable.limit) {
                json.object { parameter in
                    parameter.add("name", part.name ?? "")
                    if part.fileName == nil, part.isText { parameter.add("value", HTTPText.text(part.body)) }
                    if let name = part.fileName { parameter.add("fileName", name) }
                    if let type = part.type { parameter.add("contentType", type.name) }
                }
            }
            return parts.count <= MultipartTable.limit
        case .json, .text, .binary:
            return true
        }
    }

    private func addPairs(_ pairs: [ArraySlice<UInt8>], to json: inout JSONWriter) {
        for pair in pairs {
            let (name, value) = FormTable.decoded(pair: pair)
            json.object { parameter in
                parameter.add("name", HTTPText.text(name))
                parameter.add("value", HTTPText.text(value))
            }
        }
    }

    // MARK: Response

    private func response(_ json: inout JSONWriter) {
        let head = exchange.responseHead ?? []
        let fields = HTTPText.fields(head)
        json.add("status", exchange.exchange.status ?? 0)
        json.add("statusText", HTTPText.reason(head))
        json.add("httpVersion", HTTPText.responseVersion(head))
        json.array("cookies") { cookies in
            addCookies(fields, named: "set-cookie", separator: nil, to: &cookies)
        }
        addHeaders(head, to: &json)
        json.object("content") { content in
            let body = DecodedBody(exchange.responseBody, head: exchange.responseHead)
            content.add("size", body.isStillCoded || !body.isWhole ? exchange.responseBody.count : body.bytes.count)
            content.add("mimeType", Self.contentType(fields) ?? "x-unknown")
            if !exchange.exchange.isOpaque { addText(body, BodyKind(body), encodingName: "encoding", to: &content) }
        }
        json.add("redirectURL", options.mask.url(Self.value(of: "location", in: fields) ?? ""))
        json.add("headersSize", exchange.responseHead?.count ?? -1)
        json.add("bodySize", exchange.responseHead == nil ? -1 : exchange.responseBody.count)
        if case .aborted(let reason) = exchange.exchange.state { json.add("_error", reason.text) }
    }

    // MARK: Both

    /// The media type with its parameters, as browsers write it.
    private static func contentType(_ fields: [HTTPHeaderFields.Field]) -> String? {
        value(of: "content-type", in: fields)
    }

    /// - Parameter name: in lower case.
    private static func value(of name: String, in fields: [HTTPHeaderFields.Field]) -> String? {
        fields.first { $0.nameText.lowercasedASCII == Array(name.utf8) }?.valueText
    }

    private func addHeaders(_ head: [UInt8], to json: inout JSONWriter) {
        json.array("headers") { headers in
            for field in HTTPText.fields(head) {
                headers.object { header in
                    header.add("name", field.nameText)
                    let value = options.mask.value(Array(field.value), of: field.name)
                    header.add("value", HTTPText.text(value))
                }
            }
        }
    }

    private func addCookies(
        _ fields: [HTTPHeaderFields.Field],
        named name: String,
        separator: Character?,
        to json: inout JSONWriter
    ) {
        guard options.mask == .off else { return }
        for field in fields where field.nameText.lowercasedASCII == Array(name.utf8) {
            let value = field.valueText
            // In a Set-Cookie only the first piece is the cookie. The others are its attributes.
            let cookies =
                separator.map { MediaType.pieces(value, separator: $0) }
                ?? Array(MediaType.pieces(value, separator: ";").prefix(1))
            for cookie in cookies {
                let name = cookie.prefix { $0 != "=" }
                json.object { object in
                    object.add("name", String(name))
                    object.add("value", String(cookie.dropFirst(name.count + 1)))
                }
            }
        }
    }

    /// Adds the body as text if it is text, else in base64.
    private func addText(
        _ body: DecodedBody,
        _ kind: BodyKind,
        encodingName: String,
        _ remarks: [String] = [],
        to json: inout JSONWriter
    ) {
        let charset = CharsetText(body.bytes, charset: body.mediaType?.charset)
        if !body.isStillCoded, kind != .binary, let text = String(validating: charset.utf8, as: UTF8.self) {
            json.add("text", text)
        } else if !body.bytes.isEmpty {
            json.add("text", Data(body.bytes).base64EncodedString())
            json.add(encodingName, "base64")
        } else {
            json.add("text", "")
        }
        var comments = body.notes + remarks
        if !body.isWhole {
            json.add("_truncated", true)
            comments.append("only the first \(body.capturedCount) of \(body.passedCount) bytes were captured")
        }
        if !comments.isEmpty { json.add("comment", comments.joined(separator: ", ")) }
    }
}

extension TimeAmount {
    fileprivate var microseconds: Int64 { nanoseconds / 1000 }
}

import NIOCore
import TPoTCapture
import TPoTWire

extension Delivery {
    /// - Parameters:
    ///   - head: of the request, as the visitor sent it.
    ///   - body: what was kept of it, decoded.
    package init(head: [UInt8], body: [UInt8]) {
        let request = RecognizableRequest(head: head, body: body)
        if let provider = WebhookProvider.all.first(where: { $0.sent(request) }) {
            self.init(
                sender: provider.name,
                event: provider.event.lazy.compactMap { $0.text(request) }.first,
                id: provider.id.lazy.compactMap { $0.text(request) }.first,
                signature: provider.signature
            )
        } else {
            self.init(sender: UserAgent.product(request.header("user-agent")))
        }
    }
}

/// The program that sent a request, by its User-Agent (RFC 9110 section 10.1.5).
enum UserAgent {
    /// In the order in which they are looked for: Edge says that it is Chrome, and Chrome that it is Safari.
    private static let browsers = [
        ("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("FxiOS/", "Firefox"), ("Chrome/", "Chrome"),
        ("CriOS/", "Chrome"), ("Safari/", "Safari"),
    ]
    private static let limit = 24

    static func product(_ value: String?) -> String? {
        guard let value else { return nil }
        if value.hasPrefix("Mozilla/"), let browser = browsers.first(where: { value.contains($0.0) }) {
            return browser.1
        }
        let product = value.prefix { $0 != "/" && $0 != " " }
        guard !product.isEmpty, product != "Mozilla" else { return nil }
        return VisibleText.text(String(product.prefix(limit)))
    }
}

/// A request as the table of providers asks about it.
final class RecognizableRequest {
    let path: String
    private let fields: [String: String]
    private let bytes: [UInt8]
    private(set) lazy var json = JSONFields(bytes, wanted: WebhookProvider.jsonPlaces)
    private(set) lazy var form = Self.form(bytes)

    /// Bytes of a header's value that are looked at.
    private static let valueLimit = 512

    init(head: [UInt8], body: [UInt8]) {
        bytes = body
        let words = HTTPText.firstLine(head).split(separator: UInt8(ascii: " "))
        path = words.count > 1 ? String(decoding: words[1].prefix { $0 != UInt8(ascii: "?") }, as: UTF8.self) : ""
        var fields: [String: String] = [:]
        for field in HTTPText.fields(head) {
            let name = field.nameText.lowercased()
            if fields[name] == nil { fields[name] = String(field.valueText.prefix(Self.valueLimit)) }
        }
        self.fields = fields
    }

    func header(_ name: String) -> String? { fields[name].flatMap { $0.isEmpty ? nil : $0 } }

    /// Without parameters, in lower case.
    var mediaType: String {
        (header("content-type") ?? "").prefix { $0 != ";" }.lowercased().filter { $0 != " " }
    }

    var isForm: Bool { mediaType == "application/x-www-form-urlencoded" }

    /// JSON by its type, or by its first character where the type is not told.
    var isJSON: Bool {
        if mediaType == "application/json" || mediaType.hasSuffix("+json") { return true }
        guard mediaType.isEmpty || mediaType == "text/plain" else { return false }
        let first = bytes.first { $0 > 0x20 }
        return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
    }

    private static func form(_ bytes: [UInt8]) -> [String: String] {
        var form: [String: String] = [:]
        for pair in FormTable.pairs(bytes.prefix(JSONFields.byteLimit)).pairs {
            let (name, value) = FormTable.decoded(pair: pair)
            let key = String(decoding: name, as: UTF8.self)
            if form[key] == nil { form[key] = String(decoding: value, as: UTF8.self) }
        }
        return form
    }
}

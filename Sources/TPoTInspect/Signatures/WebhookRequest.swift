import TPoTCapture
import TPoTWire

/// A request whose signature is checked or made.
package struct WebhookRequest: Sendable {
    package let head: [UInt8]
    /// The public URL of the tunnel, without a path: `https://shop.example.com`. Twilio signs it.
    package var publicURL: String?
    /// The bytes that are signed: without chunks, but with content codings. Nil if not all of them are there.
    let content: [UInt8]?
    /// The body as on the wire.
    let wireBody: [UInt8]
    private let fields: [(name: [UInt8], value: [UInt8])]

    /// The most bytes of a header that are read for a signature. All of them are shorter.
    static let valueLimit = 4096

    /// - Parameter body: as on the wire, with chunk sizes and trailers.
    package init(head: [UInt8], body: [UInt8], isWhole: Bool = true, publicURL: String? = nil) {
        self.head = head
        self.publicURL = publicURL
        wireBody = body
        fields = HTTPText.fields(head).map { ($0.name.map(\.lowercasedASCII), Array($0.value)) }
        let description = BodyDescription(head: head)
        if !isWhole {
            content = nil
        } else if description.isChunked {
            let chunked = ChunkedBody(body)
            let isGood = chunked.isComplete && chunked.faultOffset == nil && description.transferCodings.count == 1
            content = isGood ? chunked.bytes : nil
        } else {
            content = body
        }
    }

    /// The request of an exchange as the visitor sent it; if it was edited while it was held, as the target got it.
    package init(_ exchange: CapturedExchange, publicURL: String? = nil) {
        let sent = exchange.exchange.isEdited ? exchange.sentRequestHead : nil
        self.init(
            head: sent ?? exchange.requestHead ?? [],
            body: exchange.requestBody.bytes,
            isWhole: exchange.requestBody.isWhole && exchange.exchange.times.requestEnded != nil,
            publicURL: publicURL
        )
    }

    /// - Parameter bytes: a whole request, as it is sent.
    package init(bytes: [UInt8], publicURL: String? = nil) {
        let start = bytes.firstIndex { $0 != 0x0d && $0 != 0x0a } ?? bytes.endIndex
        var lineStart = start
        var end = bytes.endIndex
        while let lineFeed = bytes[lineStart...].firstIndex(of: 0x0a) {
            let line = bytes[lineStart..<lineFeed]
            lineStart = lineFeed + 1
            guard !line.isEmpty, line != [0x0d] else {
                end = lineStart
                break
            }
        }
        self.init(head: Array(bytes[start..<end]), body: Array(bytes[end...]), publicURL: publicURL)
    }

    // MARK: Reading

    /// - Parameter name: in lower case.
    func has(_ name: String) -> Bool { fields.contains { $0.name.elementsEqual(name.utf8) } }

    /// The value of the only header of that name.
    ///
    /// A header that is there twice is malformed, because receivers disagree about which one counts.
    func value(_ name: String) throws(SignatureFault) -> [UInt8] {
        let key = Array(name.lowercased().utf8)
        let values = fields.filter { $0.name == key }.map(\.value)
        guard let value = values.first, !value.isEmpty else { throw SignatureFault(.missing(name)) }
        guard values.count == 1, value.count <= Self.valueLimit else { throw SignatureFault(.malformed(name)) }
        return value
    }

    func body() throws(SignatureFault) -> [UInt8] {
        guard let content else { throw SignatureFault(.cannotTell(.partOfBody)) }
        return content
    }

    var target: [UInt8] {
        let words = HTTPText.firstLine(head).split(separator: 0x20)
        return words.count > 1 ? Array(words[1]) : []
    }

    var isForm: Bool { BodyDescription(head: head).mediaType?.isForm == true }
}

/// Ends the reading of a signature.
struct SignatureFault: Error {
    let verdict: SignatureVerdict

    init(_ verdict: SignatureVerdict) { self.verdict = verdict }
}

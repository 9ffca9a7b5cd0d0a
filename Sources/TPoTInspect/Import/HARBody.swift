import TPoTCapture
import TPoTWire

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A body, made from the content in an entry as it could have been on the wire.
///
/// The content is decoded, but the head names the codings that were undone. They are applied again: the body then fits
/// its head, and what shows, searches, compares or sends it again needs no second way.
struct HARBody {
    /// The beginning of the content.
    private var content: [UInt8]
    /// It came in base64, so it may be something that is not text.
    private let isBase64: Bool
    /// All bytes of the content, in the file or not.
    private let contentCount: Int
    /// Only a beginning of the body was captured.
    private let isTruncated: Bool

    /// - Parameters:
    ///   - members: those of `postData` or `content`, as far as ``names`` has them.
    ///   - limit: the most bytes of the content.
    init(_ members: [String: JSONSlice], limit: Int) {
        let encoding = (members["encoding"] ?? members["_encoding"])?.string(limit: 16)?.lowercased()
        // Four characters are three bytes.
        let isInBase64 = encoding == "base64"
        let textLimit = isInBase64 ? limit / 3 * 4 + 4 : limit
        let text = members["text"]?.text(limit: textLimit)
        var (content, count) = (text?.bytes ?? [], text?.count ?? 0)
        var isBase64 = false
        if isInBase64, let decoded = Self.decoded(base64: content, isWhole: count == content.count) {
            (content, isBase64) = (decoded, true)
            count = count <= textLimit ? decoded.count : count / 4 * 3
        }
        if content.count > limit { content.removeLast(content.count - limit) }
        // Chrome leaves out content that it no longer has. Its size stays.
        if text == nil, let size = members["size"]?.number { count = Int(min(max(size, 0), Double(1 << 53))) }
        self.content = content
        self.isBase64 = isBase64
        contentCount = count
        isTruncated = members["_truncated"]?.bool == true
    }

    /// The members that are read.
    static let names = ["mimeType", "text", "encoding", "_encoding", "_truncated", "size", "params"]

    private static func decoded(base64 text: [UInt8], isWhole: Bool) -> [UInt8]? {
        var text = text.filter { $0 > 0x20 }
        for place in text.indices {
            // The alphabet for URLs.
            if text[place] == UInt8(ascii: "-") { text[place] = UInt8(ascii: "+") }
            if text[place] == UInt8(ascii: "_") { text[place] = UInt8(ascii: "/") }
        }
        if isWhole {
            while text.count % 4 > 1 { text.append(UInt8(ascii: "=")) }
        } else {
            text.removeLast(text.count % 4)
        }
        return Data(base64Encoded: Data(text)).map { [UInt8]($0) }
    }

    // MARK: What forms have

    /// Takes the fields of a form if the file has only them.
    /// - Parameter params: a list of objects with `name` and `value`.
    mutating func addFields(_ params: JSONSlice?, _ type: MediaType?, limit: Int) {
        guard contentCount == 0, type?.isForm == true, let params else { return }
        var fields: [(name: String, value: String)] = []
        for field in params.elements where fields.count < FormTable.limit {
            let members = field.members(["name", "value"])
            fields.append((members["name"]?.string() ?? "", members["value"]?.string() ?? ""))
        }
        let form = Array(PercentEncoding.form(fields).utf8)
        self = HARBody(content: Array(form.prefix(limit)), of: form.count)
    }

    private init(content: [UInt8], of count: Int) {
        self.content = content
        contentCount = count
        (isBase64, isTruncated) = (false, false)
    }

    /// Removes the header fields that Firefox writes before the body of a form.
    mutating func removeFields(_ type: MediaType?) {
        guard type?.isForm == true || type?.isMultipart == true else { return }
        let start = Array(content.prefix(2048))
        guard start.lowercasedASCII.starts(with: "content-".utf8) else { return }
        let blankLine = Array("\r\n\r\n".utf8)
        guard let end = start.offset(ofIgnoringCase: blankLine).map({ $0 + blankLine.count }) else { return }
        self = HARBody(content: Array(content.dropFirst(end)), of: contentCount - end)
    }

    // MARK: On the wire

    /// - Parameters:
    ///   - isRequest: the end of a chunked body is written even if it is empty.
    ///   - wireCount: the bytes of the body on the wire, if that is known.
    func captured(_ description: BodyDescription, isRequest: Bool, wireCount: Int?) -> CapturedBody {
        let isWhole = !isTruncated && contentCount == content.count
        var bytes = isBase64 ? content : Self.inCharset(content, description.mediaType?.charset)
        var codings = description.contentCodings + description.transferCodings
        let isChunked = codings.last == "chunked"
        if isChunked { codings.removeLast() }
        if !bytes.isEmpty, !(isBase64 && Self.isCoded(bytes, codings.last)) {
            for name in codings { bytes = ContentCoder(name)?.encoded(bytes) ?? bytes }
        }
        if isChunked, !bytes.isEmpty || isRequest { bytes = Self.chunked(bytes, isWhole: isWhole) }
        guard !isWhole else { return CapturedBody(bytes) }
        return CapturedBody(bytes, of: max(wireCount ?? contentCount, bytes.count + 1))
    }

    /// Text stays in UTF-8 if the charset lacks one of its characters.
    private static func inCharset(_ text: [UInt8], _ charset: String?) -> [UInt8] {
        guard let charset, !["utf-8", "utf8"].contains(charset),
            !text.allSatisfy({ $0 < 0x80 }) || charset.hasPrefix("utf-16")
        else { return text }
        return CharsetEncoder.encoded(text, to: charset, like: []) ?? text
    }

    /// Content that its program could not decode is in the file as it was on the wire.
    private static func isCoded(_ bytes: [UInt8], _ coding: String?) -> Bool {
        guard let coding, let coder = ContentCoder(coding, of: bytes), !BodyKind.looksLikeText(bytes),
            let result = coder.decoded(bytes, limit: 1024 * 1024)
        else { return false }
        return !result.bytes.isEmpty && result.ending != .damaged
    }

    private static func chunked(_ content: [UInt8], isWhole: Bool) -> [UInt8] {
        let chunk =
            content.isEmpty ? [] : Array("\(String(content.count, radix: 16))\r\n".utf8) + content + [0x0d, 0x0a]
        return isWhole ? chunk + Array("0\r\n\r\n".utf8) : chunk
    }
}

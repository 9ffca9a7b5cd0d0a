import NIOCore
import TPoTCapture
import TPoTWire

/// One part of a multipart body (RFC 7578, 4; RFC 2046, 5.1.1).
struct MultipartPart {
    /// Nil if the part has no name. The file name and the type are optional as well.
    let name: String?
    let fileName: String?
    let type: MediaType?
    let body: [UInt8]

    /// - Parameter bytes: the bytes between two delimiter lines.
    init(_ bytes: ArraySlice<UInt8>) {
        let (head, body) = Self.divide(bytes)
        // HTTPHeaderFields skips the first line.
        let fields = HTTPHeaderFields(ofHead: ByteBuffer(bytes: Array("part\n".utf8) + head))
        let disposition = fields.first(named: "content-disposition").map { MediaType(HTTPHeaderFields.text($0)) }
        name = disposition?.parameters["name"]
        fileName = disposition?.parameters["filename"]
        type = fields.first(named: "content-type").map { MediaType(HTTPHeaderFields.text($0)) }
        self.body = body
    }

    var isText: Bool { type?.isText ?? BodyKind.looksLikeText(body) }

    /// The parts of a body, which are the bytes between the delimiter lines. Bytes before the first and after the last
    /// delimiter are not content. If no delimiter follows the last part, its end was not captured.
    static func all(in bytes: [UInt8], boundary: String, limit: Int) -> [MultipartPart] {
        let delimiter = Array("--\(boundary)".utf8)
        var parts: [MultipartPart] = []
        var start: Int?
        var lineStart = 0
        while lineStart < bytes.count, parts.count < limit {
            let lineEnd = bytes[lineStart...].firstIndex(of: 0x0a) ?? bytes.count
            let line = bytes[lineStart..<lineEnd]
            if line.starts(with: delimiter) {
                let rest = line.dropFirst(delimiter.count)
                let isLast = rest.starts(with: [0x2d, 0x2d])
                if isLast || rest.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }) {
                    if let start { parts.append(MultipartPart(content(bytes, start, lineStart))) }
                    guard !isLast else { return parts }
                    start = min(lineEnd + 1, bytes.count)
                }
            }
            lineStart = lineEnd + 1
        }
        if parts.count < limit, let start, start < bytes.count { parts.append(MultipartPart(bytes[start...])) }
        return parts
    }

    /// The line end before a delimiter belongs to the delimiter.
    private static func content(_ bytes: [UInt8], _ start: Int, _ end: Int) -> ArraySlice<UInt8> {
        var end = end
        if end > start, bytes[end - 1] == 0x0a { end -= 1 }
        if end > start, bytes[end - 1] == 0x0d { end -= 1 }
        return bytes[start..<end]
    }

    private static func divide(_ part: ArraySlice<UInt8>) -> (head: [UInt8], body: [UInt8]) {
        var lineStart = part.startIndex
        while let lineFeed = part[lineStart...].firstIndex(of: 0x0a) {
            let line = part[lineStart..<lineFeed]
            if line.isEmpty || line.elementsEqual([0x0d]) {
                return (Array(part[...lineFeed]), Array(part[(lineFeed + 1)...]))
            }
            lineStart = lineFeed + 1
        }
        return ([], Array(part))
    }
}

import TPoTCapture
import TPoTDashboard
import TPoTInspect
import TPoTWire

/// A list of requests as the result of a tool.
enum RequestList {
    /// - Parameters:
    ///   - rows: the newest first. They are given the oldest first.
    ///   - more: members for the structured content.
    static func result(
        _ rows: [CaptureRow],
        _ first: String,
        hasMore: Bool,
        _ mask: SecretMask,
        more: (inout JSONWriter) -> Void = { _ in }
    ) -> ToolResult {
        var objects: [[UInt8]] = []
        var room = ToolResult.structuredLimit
        for row in rows {
            let object = Array(ExchangeJSON.line(row, mask).dropLast())
            room -= object.count
            guard room >= 0 else { break }
            objects.append(object)
        }
        var result = ToolResult(first + (hasMore ? " There are more: say a filter, since or after." : ""))
        if !rows.isEmpty {
            let lines = [ExchangeText.head] + rows.reversed().map { ExchangeText.line($0, mask) }
            result.add(untrusted: lines.joined(separator: "\n"))
        }
        result.structure(hasTraffic: true) { json in
            json.array("requests") { json in
                for object in objects.reversed() { json.append(json: object) }
            }
            if objects.count < rows.count { json.add("leftOut", rows.count - objects.count) }
            json.add("hasMore", hasMore)
            more(&json)
        }
        return result
    }
}

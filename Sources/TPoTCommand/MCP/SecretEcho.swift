import TPoTCapture
import TPoTInspect
import TPoTWire

/// The values that a mask hides of an exchange, where they stand elsewhere: a target that repeats a header in its answer
/// must not give it away.
enum SecretEcho {
    /// The fewest bytes of a whole value, and of a part of one: shorter ones are also other words.
    private static let valueLimit = 8
    private static let partLimit = 12
    private static let countLimit = 100

    static func values(of exchange: CapturedExchange, _ mask: SecretMask) -> [[UInt8]] {
        let heads = [exchange.requestHead, exchange.sentRequestHead, exchange.responseHead].compactMap { $0 }
        return heads.reduce(into: []) { found, head in
            for value in values(head, mask) where !found.contains(value) && found.count < countLimit {
                found.append(value)
            }
        }
    }

    private static func values(_ head: [UInt8], _ mask: SecretMask) -> [[UInt8]] {
        var found: [[UInt8]] = []
        for field in HTTPText.fields(head) where mask.hides(field: field.name) {
            let value = Array(field.value)
            if value.count >= valueLimit { found.append(value) }
            for part in value.split(whereSeparator: { " ;,=\"".utf8.contains($0) }) where part.count >= partLimit {
                found.append(Array(part))
            }
        }
        // In the URL, and in URLs that fields have.
        for part in head.split(whereSeparator: { $0 <= 0x20 || "?&#;\"<>".utf8.contains($0) }) {
            guard let equals = part.firstIndex(of: UInt8(ascii: "=")), mask.hides(parameter: part[..<equals]) else {
                continue
            }
            let value = part[(equals + 1)...]
            if value.count >= valueLimit { found.append(Array(value)) }
        }
        // Others would not stand in JSON as they are.
        return found.filter {
            $0.allSatisfy { 0x20...0x7e ~= $0 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
        }
    }

    static func hide(_ values: [[UInt8]], in text: String) -> String {
        values.isEmpty ? text : String(decoding: hide(values, in: Array(text.utf8)[...]), as: UTF8.self)
    }

    /// Replaces the values in JSON: in texts, and not in names of members or in numbers.
    static func hide(_ values: [[UInt8]], inTextsOf json: [UInt8]) -> [UInt8] {
        guard !values.isEmpty else { return json }
        var result: [UInt8] = []
        result.reserveCapacity(json.count)
        var index = 0
        while index < json.count {
            guard json[index] == UInt8(ascii: "\"") else {
                result.append(json[index])
                index += 1
                continue
            }
            var end = index + 1
            while end < json.count, json[end] != UInt8(ascii: "\"") { end += json[end] == UInt8(ascii: "\\") ? 2 : 1 }
            end = min(end + 1, json.count)
            let isName = end < json.count && json[end] == UInt8(ascii: ":")
            result += isName ? Array(json[index..<end]) : hide(values, in: json[index..<end])
            index = end
        }
        return result
    }

    private static func hide(_ values: [[UInt8]], in bytes: ArraySlice<UInt8>) -> [UInt8] {
        // The longest first: a part must not be taken out of a whole one.
        values.sorted { $0.count > $1.count }.reduce(Array(bytes)) { bytes, value in
            guard let first = value.first, bytes.count >= value.count else { return bytes }
            var result: [UInt8] = []
            result.reserveCapacity(bytes.count)
            var index = 0
            while index < bytes.count {
                if bytes[index] == first, bytes[index...].starts(with: value) {
                    result += SecretMask.text.utf8
                    index += value.count
                } else {
                    result.append(bytes[index])
                    index += 1
                }
            }
            return result
        }
    }
}

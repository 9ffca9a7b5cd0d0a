#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Converts text with the system's iconv(3). glibc loads a table for each charset when it is first needed; a small system
/// may lack the tables.
enum IconvText {
    private static let step = 64 * 1024

    /// Nil if the system does not know the charset.
    /// - Parameter charset: of a media type, from the network.
    /// - Returns: the text, with U+FFFD for each invalid byte, and how many these were.
    static func utf8(_ bytes: [UInt8], from charset: String) -> (text: [UInt8], replaced: Int)? {
        convert(bytes, from: charset, to: "UTF-8", replacement: UTF8.encodedReplacementCharacter)
    }

    /// The text in another charset; nil if the system does not know the charset, or the charset has not all characters.
    static func encoded(_ utf8: [UInt8], to charset: String) -> [UInt8]? {
        guard let result = convert(utf8, from: "UTF-8", to: charset, replacement: [0x3f][...]), result.replaced == 0
        else {
            return nil
        }
        return result.text
    }

    private static func convert(
        _ bytes: [UInt8],
        from source: String,
        to target: String,
        replacement: some Collection<UInt8>
    ) -> (text: [UInt8], replaced: Int)? {
        // A slash would add options, and other characters could name a file.
        let isName = { (name: String) in
            name.utf8.count <= 40
                && name.utf8.allSatisfy { $0.isASCIIDigit || 0x61...0x7a ~= $0 | 0x20 || "-_:".utf8.contains($0) }
        }
        guard isName(source), isName(target), let converter = iconv_open(target, source),
            Int(bitPattern: converter) != -1
        else { return nil }
        defer { iconv_close(converter) }
        var output: [UInt8] = []
        var buffer = [CChar](repeating: 0, count: step)
        var replaced = 0
        // iconv(3) does not write to its input, although its type says so.
        var input = bytes.map { CChar(bitPattern: $0) }
        input.withUnsafeMutableBufferPointer { input in
            var next = input.baseAddress
            var left = input.count
            while left > 0 {
                var free = step
                let result = buffer.withUnsafeMutableBufferPointer { buffer in
                    var target = buffer.baseAddress
                    return iconv(converter, &next, &left, &target, &free)
                }
                let problem = errno
                output += buffer[..<(step - free)].lazy.map { UInt8(bitPattern: $0) }
                guard result == -1, problem != E2BIG else { continue }
                // An invalid byte, or half a character at the end.
                output += replacement
                replaced += 1
                next = next.map { $0 + 1 }
                left -= 1
            }
        }
        // A charset with shift states ends with the sequence that leads back to the first one.
        var free = step
        buffer.withUnsafeMutableBufferPointer { buffer in
            var target = buffer.baseAddress
            _ = iconv(converter, nil, nil, &target, &free)
        }
        output += buffer[..<(step - free)].lazy.map { UInt8(bitPattern: $0) }
        return (output, replaced)
    }
}

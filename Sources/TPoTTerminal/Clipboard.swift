#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The escape sequence OSC 52: the terminal puts text into the clipboard of the machine that it runs on.
enum Clipboard {
    /// More would be cut off by some terminals, whose limit is 100,000 bytes for the whole sequence.
    static let mostBytes = 74_994

    /// - Returns: nil if the text is too long.
    static func sequence(for text: String) -> [UInt8]? {
        guard text.utf8.count <= mostBytes else { return nil }
        return Array("\u{1b}]52;c;".utf8) + Data(text.utf8).base64EncodedString().utf8 + [7]
    }
}

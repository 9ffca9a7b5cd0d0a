import CNCurses
import Glibc

/// The few escape sequences that are written directly, not through ncurses. They contain no raw bytes from the network.
enum TerminalSequence {
    /// Turns bracketed paste on, so that pasted letters are not taken for keys.
    static let pasteOn = Array("\u{1b}[?2004h".utf8)
    static let pasteOff = Array("\u{1b}[?2004l".utf8)

    /// Restores the terminal from any state, for use when ncurses cannot be called any more.
    static var restore: [UInt8] {
        let mouseOff = "\u{1b}[?1000l\u{1b}[?1002l\u{1b}[?1003l\u{1b}[?1006l"
        let names = ["sgr0", "op", "rmkx", "cnorm", "rmcup"]
        return pasteOff + Array(mouseOff.utf8) + names.flatMap { capability($0) ?? [] } + [13]
    }

    /// A sequence from the terminal's description, without the delays for old hardware terminals (`$<5>`).
    static func capability(_ name: String) -> [UInt8]? {
        // tigetstr returns nil for a missing capability and -1 for an unknown name.
        guard let text = tigetstr(name), Int(bitPattern: text) != -1 else { return nil }
        var rest = Array(String(cString: text).utf8)[...]
        var result: [UInt8] = []
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "$"), rest.first == UInt8(ascii: "<"),
                let end = rest.firstIndex(of: UInt8(ascii: ">"))
            {
                rest = rest[(end + 1)...]
            } else {
                result.append(byte)
            }
        }
        return result
    }

    /// Writes all bytes, even if the terminal is slow and set to non-blocking.
    static func write(_ bytes: [UInt8]) {
        var offset = 0
        while offset < bytes.count {
            let count = bytes[offset...].withUnsafeBytes { Glibc.write(STDOUT_FILENO, $0.baseAddress, $0.count) }
            if count > 0 {
                offset += count
            } else if errno == EAGAIN {
                var entry = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
                poll(&entry, 1, 1000)
            } else if errno != EINTR {
                return
            }
        }
    }
}

import CNCurses
import Glibc

/// The few bytes that are written past ncurses, all of our own making.
enum TerminalSequence {
    /// Pasted text comes in brackets, so that its letters are not taken for keys.
    static let pasteOn = Array("\u{1b}[?2004h".utf8)
    static let pasteOff = Array("\u{1b}[?2004l".utf8)

    /// What makes a terminal as it was, whatever state it is in; for use when ncurses cannot be called any more.
    static var giveBack: [UInt8] {
        let mouseOff = "\u{1b}[?1000l\u{1b}[?1002l\u{1b}[?1003l\u{1b}[?1006l"
        let names = ["sgr0", "op", "rmkx", "cnorm", "rmcup"]
        return pasteOff + Array(mouseOff.utf8) + names.flatMap { capability($0) ?? [] } + [13]
    }

    /// A sequence that the terminal's description holds, without the pauses for machines of old (`$<5>`).
    static func capability(_ name: String) -> [UInt8]? {
        // Neither nil nor -1, which ncurses returns for a name that is none.
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

    /// All of `bytes`, also to a terminal that is slow and that somebody has made non-blocking.
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

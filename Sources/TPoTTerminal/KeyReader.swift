import CNCurses
import Glibc
import TPoTDashboard
import TPoTSystem

/// Turns ncurses input into keys. It is used on the terminal's thread only.
final class KeyReader {
    /// The longest pasted text, in characters. The rest is dropped.
    static let maximumPasteLength = 1 << 20
    /// If a paste does not continue for this time, the text so far is passed on.
    private static let pasteMilliseconds: Int64 = 2000

    /// Key codes above those of ncurses.
    private static let pasteBegins: Int32 = 3000
    private static let pasteEnds: Int32 = 3001

    private let window: UnsafeMutablePointer<WINDOW>
    private var pasted: String.UnicodeScalarView?
    private var pasteDeadline: Int64 = 0

    init(window: UnsafeMutablePointer<WINDOW>) {
        self.window = window
        define_key("\u{1b}[200~", Self.pasteBegins)
        define_key("\u{1b}[201~", Self.pasteEnds)
    }

    /// All available keys. Input that means nothing gives no key.
    /// - Parameter sawInput: is set to true if anything was read.
    func read(sawInput: inout Bool) -> [Key] {
        var keys: [Key] = []
        while let input = next() {
            sawInput = true
            switch input {
            case .code(Self.pasteBegins):
                pasted = pasted ?? String.UnicodeScalarView()
                pasteDeadline = MonotonicClock.milliseconds() + Self.pasteMilliseconds
            case .code(Self.pasteEnds):
                endPaste(into: &keys)
            case .code(KEY_MOUSE):
                keys += mouse()
            case .code(let code):
                if let key = Self.named[code] { keys.append(key) }
            case .scalar(let scalar) where pasted != nil:
                paste(scalar)
            case .scalar("\u{1b}"):
                keys.append(contentsOf: escape())
            case .scalar(let scalar):
                keys.append(Self.key(for: scalar))
            }
        }
        if pasted != nil, MonotonicClock.milliseconds() >= pasteDeadline { endPaste(into: &keys) }
        return keys
    }

    /// How long the caller may sleep before it must read again, in milliseconds; -1 for no limit.
    var timeout: Int32 {
        guard pasted != nil else { return -1 }
        return Int32(clamping: max(pasteDeadline - MonotonicClock.milliseconds(), 0))
    }

    // MARK: Pieces

    private enum Input {
        case scalar(Unicode.Scalar)
        case code(Int32)
    }

    private func next() -> Input? {
        while true {
            var value: wint_t = 0
            let result = wget_wch(window, &value)
            if result == KEY_CODE_YES { return .code(Int32(bitPattern: value)) }
            guard result == OK else { return nil }
            if let scalar = Unicode.Scalar(value) { return .scalar(scalar) }
        }
    }

    /// Reads on after an escape byte, which is either the key itself or begins a sequence that ncurses does not know.
    /// An unknown sequence is skipped completely, because its letters are not keys.
    private func escape() -> [Key] {
        switch next() {
        case nil:
            return [.escape]
        case .scalar("["):
            for _ in 0..<64 {
                guard case .scalar(let scalar) = next() else { break }
                if 0x40...0x7e ~= scalar.value { break }
            }
            return []
        case .scalar("O"):
            _ = next()
            return []
        case .scalar("\u{1b}"):
            return [.escape] + escape()
        case .scalar(let scalar):
            return [.escape, Self.key(for: scalar)]
        case .code(KEY_MOUSE):
            return [.escape] + mouse()
        case .code(let code):
            return [.escape] + (Self.named[code].map { [$0] } ?? [])
        }
    }

    /// All events that ncurses has taken in: it announces a press and a release that come together only once, and gives the
    /// latest first.
    private func mouse() -> [Key] {
        var keys: [Key] = []
        var event = MEVENT()
        while getmouse(&event) == OK {
            if let key = Self.key(for: event) { keys.insert(key, at: 0) }
        }
        return keys
    }

    private static func key(for event: MEVENT) -> Key? {
        guard event.x >= 0, event.y >= 0 else { return nil }
        let kind: Key.MouseKind
        if event.bstate & tpot_wheel_up != 0 {
            kind = .wheelUp
        } else if event.bstate & tpot_wheel_down != 0 {
            kind = .wheelDown
        } else if event.bstate & tpot_click != 0 {
            kind = .click
        } else if event.bstate & tpot_release != 0 {
            kind = .release
        } else {
            return nil
        }
        return .mouse(row: Int(event.y), column: Int(event.x), kind: kind)
    }

    private func paste(_ scalar: Unicode.Scalar) {
        guard let count = pasted?.count, count < Self.maximumPasteLength else { return }
        // Terminals send a carriage return for a line break.
        pasted?.append(scalar == "\r" ? "\n" : scalar)
        pasteDeadline = MonotonicClock.milliseconds() + Self.pasteMilliseconds
    }

    private func endPaste(into keys: inout [Key]) {
        if let pasted, !pasted.isEmpty { keys.append(.paste(String(pasted))) }
        pasted = nil
    }

    private static func key(for scalar: Unicode.Scalar) -> Key {
        switch scalar.value {
        case 0x09: .tab
        case 0x0a, 0x0d: .enter
        case 0x08, 0x7f: .backspace
        case 0x1b: .escape
        case 0x00: .ctrl("@")
        case 0x01...0x1a: .ctrl(Character(Unicode.Scalar(UInt8(scalar.value) + 0x60)))
        case 0x1c...0x1f: .ctrl(Character(Unicode.Scalar(UInt8(scalar.value) + 0x40)))
        default: .character(Character(scalar))
        }
    }

    private static let named: [Int32: Key] = [
        KEY_UP: .up, KEY_DOWN: .down, KEY_LEFT: .left, KEY_RIGHT: .right,
        KEY_PPAGE: .pageUp, KEY_NPAGE: .pageDown, KEY_HOME: .home, KEY_END: .end,
        KEY_FIND: .home, KEY_SELECT: .end,
        KEY_ENTER: .enter, KEY_BACKSPACE: .backspace, KEY_DC: .delete, KEY_BTAB: .backTab,
    ]
}

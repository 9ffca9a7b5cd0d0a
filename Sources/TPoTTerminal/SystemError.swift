import CNCurses

enum SystemError {
    /// Unlike `strerror`, safe on any thread.
    static func text(_ code: Int32) -> String {
        tpot_error_text(code).map { String(cString: $0) } ?? "error \(code)"
    }
}

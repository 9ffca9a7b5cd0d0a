import Glibc

package enum Environment {
    /// - Returns: nil for a variable that is empty, too.
    package static func value(_ name: String) -> String? {
        guard let text = getenv(name), text.pointee != 0 else { return nil }
        return String(cString: text)
    }
}

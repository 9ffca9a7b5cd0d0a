import SystemPackage

/// A system call that failed.
package struct SystemError: Error, Hashable, Sendable, CustomStringConvertible {
    package var call: String
    package var code: Int32

    package init(call: String, code: Int32) {
        self.call = call
        self.code = code
    }

    package var description: String { "\(call) failed: \(Self.text(code))" }

    package static func text(_ code: Int32) -> String { Errno(rawValue: code).description }
}

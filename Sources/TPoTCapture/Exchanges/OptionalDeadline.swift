import NIOCore

/// A moment that may not have come, in 8 bytes: an optional takes 16, and each exchange has seven of them.
@propertyWrapper
package struct OptionalDeadline: Hashable, Sendable {
    /// No deadline has this: they end with the largest signed number.
    private static let none = UInt64.max

    private var nanoseconds = Self.none

    package init() {}

    package var wrappedValue: NIODeadline? {
        get { nanoseconds == Self.none ? nil : .uptimeNanoseconds(nanoseconds) }
        set { nanoseconds = newValue?.uptimeNanoseconds ?? Self.none }
    }
}

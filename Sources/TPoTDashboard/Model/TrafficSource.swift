import TPoTCapture

/// Where the dashboard gets what it shows. ``CaptureStore`` is one.
package protocol TrafficSource: CaptureReading, AnyObject, Sendable {
    /// Changes whenever something that can be asked for has changed.
    var version: UInt64 { get }

    /// Answers everything that `body` asks for as of one moment; it must not take long.
    func read<Result>(_ body: (any CaptureReading) -> Result) -> Result

    @discardableResult func mark(_ number: UInt64, _ isMarked: Bool) -> Bool
    @discardableResult func clearUnmarked() -> Int
}

extension CaptureStore: TrafficSource {}

import NIOCore
import TPoTCapture
import TPoTWire

/// Writes exchanges as an HTTP Archive 1.2 (http://www.softwareishard.com/blog/har-12-spec/).
///
/// The file is written piece by piece: only one exchange is in memory at a time.
package struct HARExport: Sendable {
    package struct Options: Hashable, Sendable {
        /// The public URL of the tunnel, for the URLs of requests. Nil if it is not known.
        package var publicURL: String?
        /// Hides credentials.
        package var mask: SecretMask
        /// The version of this program.
        package var version: String

        package init(publicURL: String? = nil, mask: SecretMask = SecretMask(), version: String) {
            self.publicURL = publicURL
            self.mask = mask
            self.version = version
        }
    }

    private let options: Options
    private let now: NIODeadline
    private var isFirst = true

    /// - Parameter now: the end time for exchanges that are still in progress.
    package init(options: Options, now: NIODeadline) {
        self.options = options
        self.now = now
    }

    /// The text before the first entry.
    package func head() -> [UInt8] {
        var json = JSONWriter()
        json.object { creator in
            creator.add("name", "tpot")
            creator.add("version", options.version)
        }
        return Array("{\"log\":{\"version\":\"1.2\",\"creator\":".utf8) + json.bytes + Array(",\"entries\":[\n".utf8)
    }

    /// - Parameter publicURL: that of the tunnel of this exchange, if the entries are of several ones.
    package mutating func entry(_ exchange: CapturedExchange, publicURL: String? = nil) -> [UInt8] {
        var options = options
        if let publicURL { options.publicURL = publicURL }
        let separator = isFirst ? "" : ",\n"
        isFirst = false
        var json = JSONWriter()
        HAREntry(exchange, options: options, now: now).write(to: &json)
        return Array(separator.utf8) + json.bytes
    }

    /// The text after the last entry.
    package func tail() -> [UInt8] { Array("\n]}}\n".utf8) }

    /// Writes those of these exchanges that the store still has, the oldest first.
    /// - Parameter write: takes the next bytes of the file. An error that it throws ends the export.
    /// - Returns: the number of exchanges written.
    package static func write<Failure: Error>(
        _ numbers: [UInt64],
        of store: CaptureStore,
        options: Options,
        to write: ([UInt8]) throws(Failure) -> Void
    ) throws(Failure) -> Int {
        var export = HARExport(options: options, now: store.clock.read().monotonic)
        var count = 0
        try write(export.head())
        for number in numbers.sorted() {
            guard let exchange = store.detail(number) else { continue }
            try write(export.entry(exchange))
            count += 1
        }
        try write(export.tail())
        return count
    }
}

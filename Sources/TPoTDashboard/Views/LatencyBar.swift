import NIOCore

/// The bar beside the time taken. It is logarithmic, and its scale is the same in each row, so rows can be compared.
///
///     ▏ up to 10 ms   █ 40 ms   ██ 160 ms   ███ 640 ms   ████ 2.6 s   █████ 10 s and more
enum LatencyBar {
    /// The columns of the longest bar.
    static let width = 5
    /// The columns of the time in front of it.
    static let timeWidth = 6

    /// For the help screen and the README.
    static let scale = "bar: `▏` up to 10 ms, each `█` is four times as long, `█████` 10 s and more"

    private static let shortest = 10_000_000.0
    private static let eighths: [Character] = ["▏", "▎", "▍", "▌", "▋", "▊", "▉"]

    static func text(_ amount: TimeAmount) -> String {
        let count = count(Double(amount.nanoseconds))
        let rest = count % 8
        return String(repeating: "█", count: count / 8) + (rest > 0 ? String(eighths[rest - 1]) : "")
    }

    /// In eighths of a column: 8 for each factor of four above the shortest.
    private static func count(_ nanoseconds: Double) -> Int {
        var count = 0
        // Rounded to the nearest: half of an eighth above the shortest.
        var limit = shortest * 1.090_507_732_665_258
        while count < width * 8, nanoseconds > limit {
            // The eighth root of four.
            limit *= 1.189_207_115_002_721
            count += 1
        }
        return max(1, count)
    }
}

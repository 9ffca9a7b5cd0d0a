/// `tpot-microbenchmarks [WORD…]`: measures the path of bytes, piece by piece. With words, only the benchmarks whose
/// names contain one of them run.
@main
enum Microbenchmarks {
    static let all =
        BusBenchmarks.all + HTTPBenchmarks.all + MessageBenchmarks.all + FrameBenchmarks.all + SchedulerBenchmarks.all
        + CaptureBenchmarks.all + LoopBenchmarks.all

    static func main() {
        let words = CommandLine.arguments.dropFirst()
        let chosen = all.filter { benchmark in words.isEmpty || words.contains { benchmark.name.contains($0) } }
        guard !chosen.isEmpty else { return print("no benchmark has such a name") }
        let width = chosen.map(\.name.count).max() ?? 0
        print(padded("", to: width), padded(left: "ns", to: 12), padded(left: "mallocs", to: 9), " per")
        for benchmark in chosen {
            let cost = benchmark.run()
            print(
                padded(benchmark.name, to: width),
                padded(left: decimal(cost.nanoseconds, digits: 1), to: 12),
                padded(left: cost.allocations.map { decimal($0, digits: 2) } ?? "", to: 9),
                " \(benchmark.unit)"
            )
        }
    }

    private static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func padded(left text: String, to width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    /// Does not use Foundation, like the program itself.
    private static func decimal(_ value: Double, digits: Int) -> String {
        let scale = (0..<digits).reduce(1) { scale, _ in scale * 10 }
        let scaled = Int((value * Double(scale)).rounded())
        let fraction = String(scaled % scale)
        return "\(scaled / scale)." + String(repeating: "0", count: digits - fraction.count) + fraction
    }
}

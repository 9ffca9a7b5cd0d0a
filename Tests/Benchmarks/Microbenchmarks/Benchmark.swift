import AllocationCounter

/// Measures one small operation that the program does very often.
struct Benchmark: Sendable {
    let name: String
    /// What one operation is, for the table.
    let unit: String
    /// The number of operations is a multiple of this.
    let batch: Int
    /// Prepares so many operations and returns a closure that does them. The closure's result depends on all of them,
    /// so that the compiler cannot remove any.
    let prepare: @Sendable (_ operations: Int) -> () -> Int

    init(
        _ name: String,
        per unit: String,
        batch: Int = 1,
        prepare: @escaping @Sendable (_ operations: Int) -> () -> Int
    ) {
        self.name = name
        self.unit = unit
        self.batch = batch
        self.prepare = prepare
    }

    struct Cost {
        var nanoseconds: Double
        /// Allocations of the measuring thread; nil where they cannot be counted.
        var allocations: Double?
    }

    private static let sampleNanoseconds = 10_000_000.0
    private static let samples = 15

    /// The medians of several samples, each long enough for the clock.
    func run() -> Cost {
        var operations = batch
        while sample(operations).nanoseconds * Double(operations) < Self.sampleNanoseconds { operations *= 2 }
        let costs = (0..<Self.samples).map { _ in sample(operations) }
        return Cost(
            nanoseconds: Self.median(costs.map(\.nanoseconds)),
            allocations: costs[0].allocations == nil ? nil : Self.median(costs.compactMap(\.allocations))
        )
    }

    /// The cost of one operation, averaged over so many.
    private func sample(_ operations: Int) -> Cost {
        let work = prepare(operations)
        let allocationsBefore = allocation_count()
        let begin = ContinuousClock.now
        Outcome.note(work())
        let taken = ContinuousClock.now - begin
        let allocations = allocation_count() - allocationsBefore
        let nanoseconds = Double(taken.components.attoseconds) / 1e9 + Double(taken.components.seconds) * 1e9
        return Cost(
            nanoseconds: nanoseconds / Double(operations),
            allocations: allocationsBefore < 0 ? nil : Double(allocations) / Double(operations)
        )
    }

    private static func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return sorted[sorted.count / 2]
    }
}

/// Takes results that are not needed, so that the compiler cannot remove the work.
enum Outcome {
    @inline(never)
    static func note(_ result: Int) {
        // Never true, but the compiler cannot know that.
        if result == CommandLine.arguments.count &- 1_000_000 { print("an unlikely result: \(result)") }
    }
}

import AllocationCounter

/// One small thing that the program does very often, and what it costs.
struct Benchmark: Sendable {
    let name: String
    /// What is done once in an operation.
    let unit: String
    /// Operations come in multiples of this.
    let batch: Int
    /// Gets ready for so many operations and gives what does them. Its result says something about all of them, so that
    /// the compiler leaves none out.
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
        /// Of the thread that measures; nil where they cannot be counted.
        var allocations: Double?
    }

    private static let sampleNanoseconds = 10_000_000.0
    private static let samples = 15

    /// The medians of some samples that are long enough for the clock.
    func run() -> Cost {
        var operations = batch
        while sample(operations).nanoseconds * Double(operations) < Self.sampleNanoseconds { operations *= 2 }
        let costs = (0..<Self.samples).map { _ in sample(operations) }
        return Cost(
            nanoseconds: Self.median(costs.map(\.nanoseconds)),
            allocations: costs[0].allocations == nil ? nil : Self.median(costs.compactMap(\.allocations))
        )
    }

    /// What one operation cost, of so many.
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

/// Where results go that nobody needs.
enum Outcome {
    @inline(never)
    static func note(_ result: Int) {
        // The program cannot know this beforehand, nor can the compiler.
        if result == CommandLine.arguments.count &- 1_000_000 { print("an unlikely result: \(result)") }
    }
}

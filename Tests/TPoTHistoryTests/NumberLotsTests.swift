import TestSupport
import Testing

@testable import TPoTHistory

@Suite struct NumberLotsTests {
    @Test func theNextLotIsWantedWhenHalfOfTheLastOneIsUsed() {
        var lots = NumberLots(1..<101)
        for _ in 0..<49 { _ = lots.take() }
        #expect(!lots.isLow)
        _ = lots.take()
        #expect(lots.isLow)
        lots.add(501..<701)
        #expect(!lots.isLow)
        #expect((0..<50).map { _ in lots.take() } == Array(51...100))
        #expect(lots.take() == 501)
    }

    @Test func numbersWithoutAReservationBecomeValid() {
        var lots = NumberLots(1..<11)
        #expect((0..<15).map { _ in lots.take() } == Array(1...15))
        #expect(lots.standing(of: 10) == .reserved && lots.standing(of: 11) == .open)
        // Nobody else has reserved any.
        lots.add(11..<116)
        #expect((1...15).allSatisfy { lots.standing(of: $0) == .reserved })
        #expect(lots.take() == 16)
    }

    @Test func thoseOfAnotherProcessAreNoticed() {
        var lots = NumberLots(1..<11)
        for _ in 0..<15 { _ = lots.take() }
        // Another one has 11 and 12.
        lots.add(13..<116)
        #expect(lots.standing(of: 11) == .taken && lots.standing(of: 12) == .taken)
        #expect(lots.standing(of: 13) == .reserved && lots.take() == 16)
    }

    /// Processes that reserve, and are late to do so, in any order: no number is valid for two of them, and none is handed
    /// out twice or out of order.
    @Test func noNumberIsValidTwice() async {
        let refuted = await counterexample(of: "numbers of several processes", rounds: 300) { random in
            struct Process {
                var lots: NumberLots
                var taken: [UInt64] = []
                var wanted: UInt64?
            }
            var next: UInt64 = 1
            func reserve(_ count: UInt64, after used: UInt64) -> Range<UInt64> {
                let first = next
                next = max(next, used) + count
                return first..<next
            }
            var processes = (0..<3).map { _ in Process(lots: NumberLots(reserve(5, after: 0))) }
            for _ in 0..<200 {
                let index = Int.random(in: 0..<processes.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0 where processes[index].lots.isLow: processes[index].wanted = processes[index].lots.next
                case 1:
                    guard let used = processes[index].wanted else { break }
                    processes[index].lots.add(reserve(.random(in: 1...20, using: &random), after: used))
                    processes[index].wanted = nil
                default: processes[index].taken.append(processes[index].lots.take())
                }
            }
            var valid: Set<UInt64> = []
            for process in processes {
                try require(zip(process.taken, process.taken.dropFirst()).allSatisfy { $0 < $1 }, "they grow")
                for number in process.taken where process.lots.standing(of: number) == .reserved {
                    try require(valid.insert(number).inserted, "\(number) is valid twice")
                }
            }
        }
        #expect(refuted == nil)
    }
}

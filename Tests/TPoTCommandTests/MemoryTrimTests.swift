import Testing

@testable import TPoTCommand

@Suite final class MemoryTrimTests {
    private static let mebibyte = 1024 * 1024
    /// 20 MiB of code and stacks, 5 MiB allocated.
    private var policy = MemoryTrimPolicy(resident: 25 * mebibyte, allocated: 5 * mebibyte)

    private func isDue(_ resident: Int, allocated: Int) -> Bool {
        policy.isDue(resident: resident * Self.mebibyte) { allocated * Self.mebibyte }
    }

    @Test func memoryIsReturnedOnceABurstIsOver() {
        #expect(!isDue(25, allocated: 5))
        #expect(!isDue(300, allocated: 270))
        #expect(!isDue(320, allocated: 5), "it grew since the last look")
        #expect(isDue(320, allocated: 5))
        policy.trimmed(resident: 27 * Self.mebibyte, allocated: 5 * Self.mebibyte)
        #expect(!isDue(27, allocated: 5))
        #expect(!isDue(100, allocated: 5))
        #expect(isDue(100, allocated: 5), "and after the next burst")
    }

    @Test func memoryInUseIsNotReturned() {
        #expect(!isDue(300, allocated: 270))
        for _ in 0..<10 { #expect(!isDue(300, allocated: 270)) }
        // It is freed, which does not change the resident memory.
        #expect(isDue(300, allocated: 10))
    }

    @Test func someMemoryIsKeptForTheNextBurst() {
        #expect(!isDue(40, allocated: 5))
        #expect(!isDue(40, allocated: 5))
    }

    /// For example, when every page contains something in use.
    @Test func memoryThatCannotBeReturnedIsTriedOnce() {
        #expect(!isDue(300, allocated: 20))
        #expect(isDue(300, allocated: 20))
        policy.trimmed(resident: 290 * Self.mebibyte, allocated: 20 * Self.mebibyte)
        for _ in 0..<10 { #expect(!isDue(290, allocated: 20)) }
        // The memory was returned without a trim, and another burst follows.
        #expect(!isDue(50, allocated: 20))
        #expect(!isDue(300, allocated: 20))
        #expect(isDue(300, allocated: 20))
    }

    @Test func allocatedMemoryIsNotMeasuredWhenLittleIsResident() {
        let isDue = policy.isDue(resident: 30 * Self.mebibyte) {
            Issue.record("the lists of free blocks are walked")
            return 0
        }
        #expect(!isDue)
    }
}

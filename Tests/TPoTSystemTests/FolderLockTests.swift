import TPoTSystem
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(3))) struct FolderLockTests {
    private let temporary: TemporaryFolder

    init() throws {
        temporary = try TemporaryFolder()
    }

    @Test func onlyOneHolderAtATime() async throws {
        let folder = temporary.path
        let first = try await FolderLock.acquire(folder, patience: .zero)
        await #expect(throws: FileError.self) { try await FolderLock.acquire(folder, patience: .zero) }
        let second = Task { try await FolderLock.acquire(folder, patience: .seconds(30)) }
        first.release()
        try await second.value.release()
        try await FolderLock.acquire(folder, patience: .zero).release()
    }

    @Test func aCancelledWaitTakesNoLock() async throws {
        let folder = temporary.path
        let first = try await FolderLock.acquire(folder, patience: .zero)
        let second = Task { try await FolderLock.acquire(folder, patience: .seconds(30)) }
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
        first.release()
        try await FolderLock.acquire(folder, patience: .zero).release()
    }

    @Test func aMissingFolderIsReported() async {
        let error = await #expect(throws: FileError.self) { try await FolderLock.acquire("/no/such", patience: .zero) }
        #expect(error?.isMissing == true)
    }
}

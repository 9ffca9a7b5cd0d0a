import Testing

@testable import TPoTCommand
@testable import TPoTSystem

@Suite(.timeLimit(.minutes(3))) struct FolderLockTests {
    let fixture: CommandFixture

    init() throws {
        fixture = try CommandFixture()
    }

    @Test func onlyOneHolderAtATime() async throws {
        let folder = fixture.folder
        let first = try await FolderLock.take(folder, patience: .zero)
        await #expect(throws: FileError.self) { try await FolderLock.take(folder, patience: .zero) }
        let second = Task { try await FolderLock.take(folder, patience: .seconds(30)) }
        first.letGo()
        try await second.value.letGo()
        try await FolderLock.take(folder, patience: .zero).letGo()
    }

    @Test func aCancelledWaitTakesNoLock() async throws {
        let folder = fixture.folder
        let first = try await FolderLock.take(folder, patience: .zero)
        let second = Task { try await FolderLock.take(folder, patience: .seconds(30)) }
        second.cancel()
        await #expect(throws: CancellationError.self) { try await second.value }
        first.letGo()
        try await FolderLock.take(folder, patience: .zero).letGo()
    }

    @Test func aMissingFolderIsReported() async {
        let error = await #expect(throws: FileError.self) { try await FolderLock.take("/no/such", patience: .zero) }
        #expect(error?.isMissing == true)
    }
}

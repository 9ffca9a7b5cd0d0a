import Glibc

/// Keeps other processes of ours from changing a folder's files meanwhile: flock(2) on the folder itself, so that no
/// lock file is left behind.
enum FolderLock {
    private static let pause = Duration.milliseconds(100)
    /// Some 20 s: longer than a renewal takes.
    private static let tries = 200

    /// Waits for the lock. One that is never let go, or a file system without locks, does not stop `body` for ever.
    static func holding<Result>(
        _ folder: String,
        isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws -> Result
    ) async throws -> Result {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return try await body() }
        defer { close(descriptor) }
        for _ in 0..<tries {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK { break }
            try await Task.sleep(for: pause)
        }
        return try await body()
    }
}

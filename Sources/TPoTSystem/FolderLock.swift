import Glibc

/// Keeps other processes of ours from changing a folder's files meanwhile: flock(2) on the folder itself, so that no
/// lock file is left behind, and a process that dies lets go.
package struct FolderLock {
    private static let pause = Duration.milliseconds(100)

    private let descriptor: Int32

    /// Waits for the lock, for at most `patience`. On a file system that knows no locks there is none to wait for.
    /// - Throws: `FileError`, and `CancellationError` when the task is cancelled.
    package static func take(
        _ folder: String,
        patience: Duration,
        isolation: isolated (any Actor)? = #isolation
    ) async throws -> FolderLock {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(errno: errno) }
        let lock = FolderLock(descriptor: descriptor)
        let clock = ContinuousClock()
        let deadline = clock.now + patience
        do {
            // Asked again and again: there is no flock(2) that ends by itself and leaves the thread to others.
            while flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
                guard clock.now < deadline else {
                    throw FileError(
                        "another tpot has been at work there for \(patience.components.seconds) s; end that one"
                    )
                }
                try await Task.sleep(for: pause)
            }
        } catch {
            lock.letGo()
            throw error
        }
        return lock
    }

    package func letGo() {
        // A child that has been forked and not yet become its program has the descriptor too, and with it the lock.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}

import Glibc

/// Keeps other tpot processes from changing the files of a folder. It uses flock(2) on the folder itself, so that no
/// lock file is left behind and a process that dies releases the lock.
package struct FolderLock {
    private static let pause = Duration.milliseconds(100)

    private let descriptor: Int32

    /// Waits for the lock, for at most `patience`. On a file system without locks it returns at once.
    /// - Throws: `FileError`, or `CancellationError` if the task is cancelled.
    package static func acquire(
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
            // Polls, because flock(2) has no time limit and would block the thread.
            while flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
                guard clock.now < deadline else {
                    throw FileError(
                        "another tpot has been using the folder for \(patience.components.seconds) s; stop it first"
                    )
                }
                try await Task.sleep(for: pause)
            }
        } catch {
            lock.release()
            throw error
        }
        return lock
    }

    /// Waits for the lock on this thread, for at most `patience`.
    /// - Returns: nil if another process still has it.
    package static func wait(_ folder: String, patience: Duration) throws(FileError) -> FolderLock? {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError(errno: errno) }
        let deadline = ContinuousClock.now + patience
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
            guard ContinuousClock.now < deadline else {
                close(descriptor)
                return nil
            }
            usleep(10_000)
        }
        return FolderLock(descriptor: descriptor)
    }

    package func release() {
        // Unlocks explicitly: a forked child that has not called exec yet still has the descriptor, and with it the
        // lock.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }
}

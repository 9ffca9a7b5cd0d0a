import Synchronization

/// Temporary files that are removed at the latest when the dashboard ends, because requests may contain private data.
package final class TemporaryFiles: Sendable {
    private struct State {
        var files: [String: PrivateFile] = [:]
        var isOver = false
    }

    private let state = Mutex(State())

    package init() {}

    /// - Parameter make: called under the lock, so that no file is made after ``end()``.
    package func add(_ make: () throws(FileError) -> PrivateFile) throws(FileError) -> PrivateFile {
        let made: Result<PrivateFile, FileError> = state.withLock { state in
            guard !state.isOver else { return .failure(FileError("tpot is shutting down")) }
            do throws(FileError) {
                let file = try make()
                state.files[file.path] = file
                return .success(file)
            } catch {
                return .failure(error)
            }
        }
        return try made.get()
    }

    /// Files are removed under the lock, so that ``end()`` does not return while another thread still removes one.
    package func remove(_ file: PrivateFile) {
        state.withLock { state in
            state.files[file.path] = nil
            file.remove()
        }
    }

    /// Removes all remaining files. No more can be added.
    package func end() {
        state.withLock { state in
            state.isOver = true
            for file in state.files.values { file.remove() }
            state.files = [:]
        }
    }
}

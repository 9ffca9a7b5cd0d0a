import Synchronization

/// Files that are there only for a while, and at most as long as the dashboard: what requests hold is nobody else's business.
package final class TemporaryFiles: Sendable {
    private struct State {
        var files: [String: PrivateFile] = [:]
        var isOver = false
    }

    private let state = Mutex(State())

    package init() {}

    /// - Parameter make: called under the lock, so that nothing is made after ``end()``.
    package func add(_ make: () throws(FileError) -> PrivateFile) throws(FileError) -> PrivateFile {
        let made: Result<PrivateFile, FileError> = state.withLock { state in
            guard !state.isOver else { return .failure(FileError("tpot is about to end")) }
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

    package func remove(_ file: PrivateFile) {
        state.withLock { $0.files[file.path] = nil }
        file.remove()
    }

    /// Removes all that is left. There will be no more.
    package func end() {
        let files = state.withLock { state in
            state.isOver = true
            return state.files.values
        }
        for file in files { file.remove() }
    }
}

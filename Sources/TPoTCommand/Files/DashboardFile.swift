import Dispatch
import NIOConcurrencyHelpers
import TPoTDashboard
import TPoTSystem
import TPoTWire

/// `~/.tpot/dashboard.json`. Several tpot processes may use it: each reads it again before it writes a change.
///
/// A file that cannot be read, is corrupt or comes from a newer version is never written. That, and a failure to write,
/// is said once.
final class DashboardFile: Sendable {
    /// How long to wait for another process that uses the folder.
    private static let patience = Duration.seconds(1)

    /// Nil if there is no home folder: then nothing lasts.
    private let path: String?
    /// A disk may be slow or hang, so neither the dashboard nor the tunnel waits for it.
    private let queue = DispatchQueue(label: "tpot.dashboard.file")
    private let state = NIOLockedValueBox(State())

    private struct State {
        /// The file must not be written.
        var isLeftAlone = false
        var hasComplained = false
    }

    /// Why nothing lasts.
    private struct Problem: Error {
        var text: String
        var wayOut: String
        /// Whether the file is there but cannot be used.
        var isOfContents = false
    }

    init(home: String?) {
        path = home.map { $0 + "/.tpot/dashboard.json" }
    }

    /// Reads the file at the start.
    /// - Returns: what it holds, and why it cannot be used.
    func open() -> (memory: DashboardMemory, problem: DashboardMessage?) {
        guard let path else { return (DashboardMemory(), nil) }
        do throws(Problem) {
            return (try Self.read(path).memory, nil)
        } catch {
            return (DashboardMemory(), complain(error))
        }
    }

    /// Makes a change in the file, later.
    /// - Parameter report: gets why something will not last.
    func remember(_ change: DashboardMemory.Change, report: @escaping @Sendable (DashboardMessage) -> Void) {
        queue.async {
            guard !self.state.withLockedValue({ $0.isLeftAlone }) else { return }
            do throws(Problem) {
                if let note = try self.write(change) { report(DashboardMessage(note, isFailure: true)) }
            } catch {
                if let message = self.complain(error) { report(message) }
            }
        }
    }

    /// Returns when all changes are written, or after `limit`.
    func flush(within limit: DispatchTimeInterval) {
        let done = DispatchSemaphore(value: 0)
        queue.async { done.signal() }
        _ = done.wait(timeout: .now() + limit)
    }

    private func complain(_ problem: Problem) -> DashboardMessage? {
        let isNew = state.withLockedValue { state in
            if problem.isOfContents { state.isLeftAlone = true }
            defer { state.hasComplained = true }
            return !state.hasComplained
        }
        guard isNew else { return nil }
        let text = "\(problem.text); \(problem.wayOut). Until then, kept filters and columns last for one run only"
        return DashboardMessage(VisibleText.text(text), isFailure: true)
    }

    private static func read(_ path: String) throws(Problem) -> DashboardDocument {
        let text: String
        do throws(FileError) {
            text = try FileSystem.text(of: path, limit: DashboardDocument.maximumLength)
        } catch {
            guard !error.isMissing else { return DashboardDocument() }
            let text = "cannot read \(path): \(error.reason)"
            throw Problem(text: text, wayOut: "mend it or move it away", isOfContents: true)
        }
        do throws(DashboardDocument.Mistake) {
            return try DashboardDocument(text)
        } catch {
            switch error {
            case .corrupt(let line, let reason):
                let text = "\(path) is corrupt, line \(line): \(reason)"
                throw Problem(text: text, wayOut: "mend it or move it away", isOfContents: true)
            case .newer:
                throw Problem(text: "\(path) is of a newer tpot", wayOut: "update this one", isOfContents: true)
            }
        }
    }

    /// - Returns: what the user must know about the written change.
    private func write(_ change: DashboardMemory.Change) throws(Problem) -> String? {
        guard let path else { throw Problem(text: "there is no home folder", wayOut: "set HOME") }
        func failure(_ reason: String) -> Problem {
            Problem(text: "cannot write \(path): \(reason)", wayOut: "make it writable")
        }
        let lock: FolderLock?
        do throws(FileError) {
            let folder = FileSystem.folder(of: path)
            try FileSystem.makePrivateFolder(folder, narrowing: true)
            // A login may have the lock for long. What is written meanwhile is a file of its own.
            lock = try FolderLock.wait(folder, patience: Self.patience)
        } catch {
            throw failure(error.reason)
        }
        defer { lock?.release() }
        let old = try Self.read(path)
        var new = old
        let note = new.apply(change)
        guard new != old else { return note }
        guard let text = new.text else {
            let limit = DashboardDocument.maximumLength
            throw Problem(text: "\(path) would be longer than \(limit) bytes", wayOut: "shorten it")
        }
        do throws(FileError) {
            try FileSystem.replace(path, with: text)
        } catch {
            throw failure(error.reason)
        }
        return note
    }
}

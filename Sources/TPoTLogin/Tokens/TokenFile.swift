import NIOCore
import TPoTSystem
import TPoTWire

/// `~/.tpot/tokens.json`, read and changed as a whole.
package struct TokenFile: Sendable {
    /// The longest file that is read, in bytes; longer files are refused.
    private static let maximumLength = 1 << 20

    /// The most bytes that a login adds.
    private static let roomForLogin = 64 * 1024

    /// Nil if there is no home folder: then nothing is kept.
    let path: String?
    /// How long to wait while another process changes the file: longer than it takes to renew a login.
    var patience = Duration.nanoseconds((IdentityProvider.longestRenewal + .seconds(10)).nanoseconds)

    /// - Parameter home: the user's home folder; nil if there is none.
    package init(home: String?) {
        path = home.map { $0 + "/.tpot/tokens.json" }
    }

    /// Empty if there is no file.
    package func read() throws(TokenFileError) -> TokenDocument {
        guard let path else { return TokenDocument() }
        let text: String
        do throws(FileError) {
            text = try FileSystem.text(of: path, limit: Self.maximumLength)
        } catch {
            guard !error.isMissing else { return TokenDocument() }
            throw .unreadable(path, error)
        }
        do throws(JSONError) {
            return TokenDocument(try JSONParser.object(text).object)
        } catch {
            throw .corrupt(path, error)
        }
    }

    /// Lets `body` change the document while no other tpot process does, and writes the file if it changed.
    /// - Throws: ``TokenFileError``, what `body` throws, and `CancellationError` when the task is cancelled.
    package func change<Result>(
        isolation: isolated (any Actor)? = #isolation,
        _ body: (inout TokenDocument) async throws -> Result
    ) async throws -> Result {
        let path = try prepare()
        do {
            let lock = try await FolderLock.acquire(FileSystem.folder(of: path), patience: patience)
            defer { lock.release() }
            let old = try read()
            var new = old
            let result = try await body(&new)
            if new != old { try FileSystem.replace(path, with: JSONValue.object(new.object).formatted + "\n") }
            return result
        } catch let error as FileError {
            throw TokenFileError.unwritable(path, error)
        }
    }

    /// Checks that the file can be written, before anything depends on it, and creates its folder.
    /// - Returns: its path.
    @discardableResult
    func prepare() throws(TokenFileError) -> String {
        guard let path else { throw .noHome }
        do throws(FileError) {
            let folder = FileSystem.folder(of: path)
            try FileSystem.makePrivateFolder(folder, narrowing: true)
            let present = (try? FileSystem.text(of: path, limit: Self.maximumLength).utf8.count) ?? 0
            try FileSystem.tryWriting(present + Self.roomForLogin, in: folder)
        } catch {
            throw .unwritable(path, error)
        }
        return path
    }
}

import NIOCore
import TPoTSystem
import TPoTWire

/// `~/.tpot/tokens.json`, read and changed as a whole.
struct TokenFile: Sendable {
    /// Bytes that are read; longer files are refused.
    private static let maximumLength = 1 << 20

    /// Bytes that a login adds at most.
    private static let roomForLogin = 64 * 1024

    /// Nil without a home folder: then nothing is kept.
    let path: String?
    /// How long another process may change the file: longer than it takes to renew a login.
    var patience = Duration.nanoseconds((IdentityProvider.longestRenewal + .seconds(10)).nanoseconds)

    init(in context: ProcessContext) {
        path = context.home.map { $0 + "/.tpot/tokens.json" }
    }

    /// Empty if there is no file.
    func read() throws(CommandError) -> TokenDocument {
        guard let path else { return TokenDocument() }
        let text: String
        do throws(FileError) {
            text = try FileSystem.text(of: path, limit: Self.maximumLength)
        } catch {
            guard !error.isMissing else { return TokenDocument() }
            throw CommandError(.badConfig, "cannot read the token file \(path): \(error.reason)")
        }
        return TokenDocument(try JSONParser.object(text, in: "token file \(path)").object)
    }

    /// Lets `body` change what the file holds while no other process of ours does, and writes it if it did.
    func change<Result>(
        isolation: isolated (any Actor)? = #isolation,
        _ body: (inout TokenDocument) async throws -> Result
    ) async throws -> Result {
        let path = try prepare()
        do {
            let lock = try await FolderLock.take(FileSystem.folder(of: path), patience: patience)
            defer { lock.letGo() }
            let old = try read()
            var new = old
            let result = try await body(&new)
            if new != old { try FileSystem.replace(path, with: JSONValue.object(new.object).formatted + "\n") }
            return result
        } catch let error as FileError {
            throw unwritable(path, error)
        }
    }

    /// Finds out whether it can be written, before anything depends on it, and makes its folder.
    /// - Returns: its path.
    @discardableResult
    func prepare() throws(CommandError) -> String {
        guard let path else {
            throw CommandError(.badConfig, "there is no home folder (HOME is not set): a login cannot be kept")
        }
        do throws(FileError) {
            let folder = FileSystem.folder(of: path)
            try FileSystem.makePrivateFolder(folder, narrowing: true)
            let present = (try? FileSystem.text(of: path, limit: Self.maximumLength).utf8.count) ?? 0
            try FileSystem.tryWriting(present + Self.roomForLogin, in: folder)
        } catch {
            throw unwritable(path, error)
        }
        return path
    }

    private func unwritable(_ path: String, _ error: FileError) -> CommandError {
        CommandError(.badConfig, "cannot write the token file \(path): \(error.reason)")
    }
}

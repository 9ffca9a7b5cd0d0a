/// `~/.tpot/tokens.json`, read and changed as a whole.
struct TokenFile: Sendable {
    /// Bytes that are read; longer files are refused.
    private static let maximumLength = 1 << 20

    /// Nil without a home folder: then nothing is kept.
    let path: String?

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
        guard let path else {
            throw CommandError(.badConfig, "there is no home folder (HOME is not set): a login cannot be kept")
        }
        let folder = FileSystem.folder(of: path)
        try writing(path) { () throws(FileError) in try FileSystem.makePrivateFolder(folder, narrowing: true) }
        return try await FolderLock.holding(folder) {
            let old = try read()
            var new = old
            let result = try await body(&new)
            if new != old {
                let text = JSONValue.object(new.object).formatted + "\n"
                try writing(path) { () throws(FileError) in try FileSystem.replace(path, with: text) }
            }
            return result
        }
    }

    private func writing(_ path: String, _ body: () throws(FileError) -> Void) throws(CommandError) {
        do throws(FileError) {
            try body()
        } catch {
            throw CommandError(.badConfig, "cannot write the token file \(path): \(error.reason)")
        }
    }
}

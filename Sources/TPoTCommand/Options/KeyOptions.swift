import ArgumentParser

/// The key that client and server share.
struct KeyOptions: SettingOptions {
    @Option(
        name: [.customShort("k", allowingJoined: true), .long],
        help: ArgumentHelp("The key of the server. Other users see it in the process list.", valueName: "key")
    )
    var authKey: String?

    @Option(help: ArgumentHelp("Read the key from a file, or from standard input.", valueName: "path|-"))
    var authKeyFile: String?

    var settings: [Setting: SettingValue] {
        entry(.authKey, authKey) + entry(.authKeyFile, authKeyFile)
    }
}

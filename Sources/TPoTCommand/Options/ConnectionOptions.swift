import ArgumentParser

/// Which server is meant, and how it is reached.
struct ConnectionOptions: SettingOptions {
    @Option(
        name: [.customShort("t", allowingJoined: true), .long],
        help: ArgumentHelp("The TPoT server: tpot.example.com, host:port or https://…", valueName: "server")
    )
    var tpotServer: String?

    @Option(
        help: ArgumentHelp(
            "Check the certificates of the server and its identity provider against these authorities.",
            valueName: "pem"
        )
    )
    var serverCa: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Another config file than ~/.tpot/config.json.", valueName: "file")
    )
    var config: String?

    var settings: [Setting: SettingValue] {
        entry(.tpotServer, tpotServer) + entry(.serverCa, serverCa)
    }

    var given: [String] {
        Setting.allCases.filter { settings[$0] != nil }.map(\.optionName) + (config == nil ? [] : ["--config"])
    }
}

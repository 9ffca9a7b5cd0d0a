import ArgumentParser

/// How the traffic is shown, and how much of it is kept to be shown.
struct DisplayOptions: SettingOptions {
    @Flag(help: "Print one line for each request instead of the dashboard.")
    var noUi = false

    @Flag(help: "Start with the tunnel held: visitors wait until `p` lets them go.")
    var hold = false

    @Option(help: ArgumentHelp("Bytes kept of each body: 1MiB, 64KiB, ….", valueName: "size"))
    var captureBody: String?

    @Option(help: ArgumentHelp("Bytes kept in all; the oldest requests go first.", valueName: "size"))
    var captureMemory: String?

    @Flag(help: "Keep no bodies.")
    var noCaptureBodies = false

    @Flag(help: "Leave secrets in HAR files, curl commands, copies and lines: cookies, authorization, tokens, ….")
    var exportSecrets = false

    @Option(help: ArgumentHelp("More headers that are secret, with commas between names.", valueName: "names"))
    var maskHeaders: String?

    var settings: [Setting: SettingValue] {
        entry(.noUi, noUi) + entry(.hold, hold) + entry(.captureBody, captureBody)
            + entry(.captureMemory, captureMemory) + entry(.noCaptureBodies, noCaptureBodies)
            + entry(.exportSecrets, exportSecrets) + entry(.maskHeaders, maskHeaders)
    }
}

import ArgumentParser

/// How the traffic is shown.
struct DisplayOptions: SettingOptions {
    @Flag(help: "Print one line for each request instead of the dashboard.")
    var noUi = false

    var settings: [Setting: SettingValue] { entry(.noUi, noUi) }
}

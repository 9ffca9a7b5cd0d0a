import TPoTCommand

@main
enum Main {
    static func main() async { await Tpot.run() }
}

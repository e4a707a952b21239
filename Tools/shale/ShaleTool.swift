@main
struct ShaleTool {
    static func main() {}
}

import Foundation
import Testing
import Tokenization

@testable import Assistant

@Suite struct CalibrationStoreTests {
  @Test func whatWasLearnedIsThereNextTime() async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "calibration-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "c.json").path
    let first = CalibrationStore(path: path)
    for _ in 0..<40 { await first.learn(model: "p/m", counted: 1_000, reported: 1_300) }
    let second = CalibrationStore(path: path)
    let estimate = await second.current().estimate(1_000, model: "p/m")
    #expect(estimate.isReliable)
    #expect((1_290...1_310).contains(estimate.expected))
  }

  @Test(arguments: ["", "{", "[1,2]", #"{"models":5}"#])
  func aFileThatIsNoneIsDoneWithout(_ text: String) async throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "calibration-\(UUID().uuidString).json").path
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    let store = CalibrationStore(path: path)
    #expect(await store.current() == TokenCalibration())
    await store.learn(model: "p/m", counted: 100, reported: 120)
    #expect(await store.current() != TokenCalibration())
  }

  @Test func aFolderThatIsMissingIsNoError() async {
    let store = CalibrationStore(path: "/nonexistent-folder/c.json")
    await store.learn(model: "p/m", counted: 100, reported: 120)
    #expect(await store.current().knownModels.contains("p/m"))
  }
}

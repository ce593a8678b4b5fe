import Foundation
import Testing
import Workspace

@Suite struct ReadingTests {
  @Test func readsWithinBounds() throws {
    let folder = try ScratchFolder()
    let bytes = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
    try folder.write("a.bin", bytes: bytes)
    let file = folder.uri.appending("a.bin")
    let content = try FileReader.read(file)
    #expect(content.bytes == bytes)
    #expect(content.status.size == bytes.count)
    #expect(try FileReader.status(file) == content.status)
    #expect(try FileReader.read(file, limit: bytes.count).bytes.count == bytes.count)
    #expect(throws: FileReader.Failure.tooLarge) { try FileReader.read(file, limit: bytes.count - 1) }
  }

  @Test func refusesWhatIsNoRegularFile() throws {
    let folder = try ScratchFolder()
    try folder.write("a")
    symlink("a", folder.path + "/link")
    mkfifo(folder.path + "/pipe", 0o644)
    #expect(throws: FileReader.Failure.missing) { try FileReader.read(folder.uri.appending("none")) }
    #expect(throws: FileReader.Failure.symlink) { try FileReader.read(folder.uri.appending("link")) }
    #expect(throws: FileReader.Failure.special) { try FileReader.read(folder.uri.appending("pipe")) }
    #expect(throws: FileReader.Failure.special) { try FileReader.read(folder.uri) }
    #expect(throws: FileReader.Failure.symlink) { try FileReader.status(folder.uri.appending("link")) }
    #expect(FileReader.Failure.symlink.skipReason == .symlink)
  }

  @Test func filesThatTellNoSizeAreRead() throws {
    // Files of the proc file system say that they are empty.
    #if os(Linux)
      #expect(try FileReader.read(path: Array("/proc/self/status".utf8)).bytes.count > 100)
      #expect(throws: FileReader.Failure.tooLarge) {
        try FileReader.read(path: Array("/proc/self/status".utf8), limit: 50)
      }
    #endif
  }

  @Test func projectDirectories() throws {
    let folder = try ScratchFolder()
    let plain = try ProjectDirectories(environment: ["HOME": "/h"])
    #expect(plain.cache == "/h/.cache/cicerone")
    #expect(plain.state == "/h/.local/state/cicerone")
    #expect(plain.configuration == "/h/.config/cicerone")
    let set = try ProjectDirectories(environment: ["HOME": "/h", "XDG_CACHE_HOME": "/c", "XDG_STATE_HOME": "relative"])
    #expect(set.cache == "/c/cicerone")
    #expect(set.state == "/h/.local/state/cicerone")
    #expect(throws: ProjectDirectories.Failure.noHome) { try ProjectDirectories(environment: [:]) }

    try ProjectDirectories.create(folder.path + "/x/y/z")
    try ProjectDirectories.create(folder.path + "/x/y/z")
    let attributes = try FileManager.default.attributesOfItem(atPath: folder.path + "/x/y/z")
    #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o700)
    try folder.write("file")
    #expect(throws: ProjectDirectories.Failure.self) { try ProjectDirectories.create(folder.path + "/file/x") }

    try folder.makeDirectory("real")
    symlink("real", folder.path + "/alias")
    let name = ProjectDirectories.name(forWorkspace: folder.uri.appending("real"))
    #expect(name == ProjectDirectories.name(forWorkspace: folder.uri.appending("alias")))
    #expect(name.hasPrefix("real-"))
    #expect(name != ProjectDirectories.name(forWorkspace: folder.uri))
  }
}

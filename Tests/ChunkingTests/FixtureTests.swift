import Chunking
import Testing

@Suite struct FixtureTests {
  @Test(arguments: Fixture.all.map(\.id))
  func declarations(id: String) throws {
    for fixture in Fixture.all where fixture.id == id {
      #expect(try outline(fixture.text, id) == fixture.expected)
    }
  }

  @Test func everyRowHasAFixture() {
    let covered = Set(Fixture.all.map(\.id))
    #expect(Language.all.map(\.id).filter { !covered.contains($0) } == [])
  }
}

import Testing

@testable import Assistant

struct MarkdownGuardTests {
  @Test(arguments: [
    ("plain text, a < b and 1 <2", "plain text, a < b and 1 <2"),
    ("<script>x</script>", "&lt;script>x&lt;/script>"),
    ("<!-- c -->", "&lt;!-- c -->"),
    ("<command:run>", "&lt;command:run>"),
    ("![pixel](https://example.org/a.png)", "!\\[pixel](https://example.org/a.png)"),
    ("[go](command:evil)", "[go]\\(command:evil)"),
    ("[go]( Command:evil)", "[go]\\( Command:evil)"),
    ("[go](javascript:alert(1))", "[go]\\(javascript:alert(1))"),
    ("[docs](https://example.org)", "[docs](https://example.org)"),
    ("[file](Sources/main.swift)", "[file](Sources/main.swift)"),
    ("[x]: command:evil", "[x]\\: command:evil"),
    ("see [1][2].", "see [1][2]."),
    ("`Array<Int>` and `![x](y)`", "`Array<Int>` and `![x](y)`"),
    ("```swift\nlet a: Array<Int>\n```\n<b>", "```swift\nlet a: Array<Int>\n```\n&lt;b>"),
    ("> ```html\n> <b>\n> ```\n<b>", "> ```html\n> <b>\n> ```\n&lt;b>"),
    ("ends with <", "ends with <"),
    ("ends with [a](comm", "ends with [a](comm"),
    ("", ""),
  ])
  func harmfulMarkdownIsDefused(text: String, expected: String) {
    #expect(MarkdownGuard.guarded(text) == expected)
    // However the text is cut, the same comes out.
    var markdown = MarkdownGuard()
    var output = ""
    for scalar in text.unicodeScalars { output += markdown.push(String(scalar)) }
    #expect(output + markdown.finish() == expected)
  }
}

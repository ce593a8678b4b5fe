extension LanguageTable {
  /// Documents and data: no lexical rules, read by line.
  static let documents = [
    LanguageRow(
      id: "markdown", extensions: ["md", "markdown", "mdx", "mkd", "qmd", "rmd"], structure: .document(.markdown)),
    LanguageRow(id: "restructuredtext", extensions: ["rst", "rest"], structure: .document(.restructuredText)),
    LanguageRow(id: "asciidoc", extensions: ["adoc", "asciidoc", "asc"], structure: .document(.asciidoc)),
    LanguageRow(id: "html", extensions: ["html", "htm", "xhtml"], structure: .document(.html)),
    LanguageRow(
      id: "xml",
      extensions: [
        "xml", "svg", "xsd", "xsl", "xslt", "wsdl", "plist", "csproj", "vbproj", "fsproj", "vcxproj", "props",
        "targets",
        "nuspec", "resx", "xaml", "axaml", "storyboard", "xib", "rss", "atom", "opml", "glade", "ui", "qrc",
      ],
      structure: .document(.xml)),
    LanguageRow(id: "vue", extensions: ["vue"], structure: .document(.component)),
    LanguageRow(id: "svelte", extensions: ["svelte"], structure: .document(.component)),
    LanguageRow(id: "csv", extensions: ["csv", "tsv", "psv"], structure: .document(.table)),
    LanguageRow(id: "log", extensions: ["log"], structure: .document(.log)),
    LanguageRow(
      id: "json", extensions: ["json", "jsonc", "json5", "geojson", "webmanifest"],
      fileNames: [".babelrc", ".eslintrc", ".swift-format"], structure: .document(.json)),
    LanguageRow(id: "jupyter", extensions: ["ipynb"], structure: .document(.notebook)),
    LanguageRow(
      id: "yaml", extensions: ["yaml", "yml"], fileNames: [".clang-format", ".clang-tidy"], structure: .document(.yaml)),
    LanguageRow(
      id: "toml", extensions: ["toml"], fileNames: ["Pipfile"], structure: .document(.toml)),
    LanguageRow(
      id: "ini", extensions: ["ini", "cfg", "conf", "properties", "desktop", "service"],
      fileNames: [".editorconfig", ".gitconfig", ".gitmodules", ".flake8", ".pylintrc"], structure: .document(.toml)),
    LanguageRow(
      id: "makefile", extensions: ["mk", "mak", "make"],
      fileNames: ["Makefile", "makefile", "GNUmakefile", "Makefile.am"],
      structure: .document(.makefile)),
    LanguageRow(
      id: "dockerfile", extensions: ["dockerfile"], fileNames: ["Dockerfile", "Containerfile"],
      structure: .document(.dockerfile)),
  ]
}

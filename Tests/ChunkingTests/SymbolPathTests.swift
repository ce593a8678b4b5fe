import Chunking
import Testing

/// What is found where, by symbol path: cases that a line number alone would not tell apart.
@Suite struct SymbolPathTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var id: String
    var text: String
    /// `kind path @line`, a line each.
    var expected: String
    var testDescription: String { "\(id): \(text.prefix(24))" }
  }

  private func paths(_ text: String, _ id: String) throws -> String {
    let language = try #require(Language(id: id))
    return Chunker().chunk(Array(text.utf8), language: language).declarations.map {
      "\($0.kind) \($0.symbolPath) @\($0.startLine + 1)"
    }.joined(separator: "\n")
  }

  @Test(arguments: [
    Case(
      id: "go",
      text:
        "import (\n\t\"fmt\"\n)\n\ntype (\n\t// A is.\n\tA struct {\n\t\tx int\n\t}\n\tB = C\n)\n\nconst (\n\tOne = iota\n\tTwo\n)\n"
        + "\nfunc (r *A) M() {\n\tconst (z = 1)\n}\n",
      expected: "struct A @7\ntypeAlias B @10\nconstant One @14\nconstant Two @15\nmethod A.M @18"),
    Case(
      id: "scala",
      text: """
        trait Shape:
          def area: Double

        class Circle(r: Double) extends Shape:
          def area: Double = r * r
          private[this] def helper(x: Int): Int =
            def inner(y: Int) =
              y + 1
            inner(x)
          end helper

          def after = 1

        enum Color(val rgb: Int):
          case Red extends Color(1)

        extension (c: Circle)
          def round: Double = 2

        trait Self extends X {
          self =>

          def ordering: Int
          def name_=(x: Int): Unit
        }
        """,
      expected: """
        interface Shape @1
        method Shape.area @2
        class Circle @4
        method Circle.area @5
        method Circle.helper @6
        function Circle.helper.inner @7
        method Circle.after @12
        enum Color @14
        enumCase Color.Red @15
        function round @18
        interface Self @20
        method Self.ordering @23
        method Self.name_= @24
        """),
    Case(
      id: "rust",
      text: """
        cfg_if! {
            if #[cfg(unix)] { fn a() {} }
        }
        serialization! { A, "b" }
        impl Foo { const fn new() -> Foo { assert!(matches!(x, Y { .. })); } }
        enum E { A { x: i32 }, B(u8), C = 1 }
        """,
      expected: """
        other a @2
        extension Foo @5
        method Foo.new @5
        enum E @6
        enumCase E.A @6
        enumCase E.B @6
        enumCase E.C @6
        """),
    Case(
      id: "ruby",
      text:
        "class A\n  def f\n    return if x\n    return unless y\n  end\n\n  def g=\n    1\n  end\nend\n\ndef h\nend\n\n__END__\ndef no\n",
      expected: "class A @1\nmethod A.f @2\nmethod A.g= @7\nfunction h @12"),
    Case(
      id: "javascript",
      text: """
        export default class extends Foo { render() {} }
        A.prototype.b = function () {}
        const T = memo(function T(p) { return <p>it's https://x.y {p}</p>; });
        function f() { return class extends Q { m() {} } }
        export default { mounted() {} }
        """,
      expected: """
        class default @1
        method default.render @1
        function A.b @2
        constant T @3
        function f @4
        method f.m @4
        method mounted @5
        """),
    Case(
      id: "typescript",
      text: """
        class E<T extends { [k: string]: (p: any) => any }>
          implements I<T>
        {
          private h: { [K in keyof T]?: L<T, K>[] } = x;
          async close(): Promise<void> {}
        }
        async function f(): Promise<{ a: number }> { g(); }
        """,
      expected: "class E @1\nproperty E.h @4\nmethod E.close @5\nfunction f @7"),
    Case(
      id: "kotlin",
      text: """
        import a.b.*

        class A {
          companion object { fun of() = A() }
        }
        enum class E(val v: Int) { A(1) { override fun g() {} }, B(2); open fun g() {} }
        """,
      expected: """
        class A @3
        class A.Companion @4
        method A.Companion.of @4
        enum E @6
        enumCase E.A @6
        method E.A.g @6
        enumCase E.B @6
        method E.g @6
        """),
    Case(
      id: "java",
      text: """
        class A {
          static final R r = new R() { public void run() {} };
          enum K { A(1) { int f() { return 1; } }, B; }
          void m() { try (X x = f(new Y())) { x.g(1); } }
        }
        """,
      expected: """
        class A @1
        property A.r @2
        method A.r.run @2
        enum A.K @3
        enumCase A.K.A @3
        method A.K.A.f @3
        enumCase A.K.B @3
        method A.m @4
        """),
    Case(
      id: "c",
      text: """
        #define A (1 << 0) /* of two
                              lines */
        static BOOL
        typed(int x) { return 1; }
        int
        old(a, b)
          int a;
          char *b;
        {
          return a;
        }
        """,
      expected: "macro A @1\nfunction typed @3\nfunction old @5"),
    Case(
      id: "cpp",
      text: """
        template <typename T>
        class V : public decltype(x) { decltype(auto) get() { return 1; } };
        template <class T>
        T a::b::V<T>::first() { return {}; }
        template class V<int>;
        template V<int> make<int>(int);
        namespace x::y { struct Z { }; }
        """,
      expected: "class V @2\nmethod V.get @2\nmethod a.b.V.first @4\nmodule x.y @7\nstruct x.y.Z @7"),
    Case(
      id: "objective-c",
      text: """
        @implementation A (Cat)
        -(BOOL) test: (int)y : (int)m
        {
          return 1;
        }
        - (id)initWithX:(int)x y:(int)y { return self; }
        @end
        typedef NS_ENUM(NSInteger, K) { KA, KB };
        """,
      expected: """
        extension A @1
        method A.test:: @2
        method A.initWithX:y: @6
        enum K @8
        enumCase K.KA @8
        enumCase K.KB @8
        """),
    Case(
      id: "swift",
      text:
        "extension [String: Int] { func f() {} }\nstruct S { static func macro() {} }\nenum E { case a = 1, b; case c(E) }\n",
      expected: """
        extension [String: Int] @1
        method [String: Int].f @1
        struct S @2
        method S.macro @2
        enum E @3
        enumCase E.a @3
        enumCase E.b @3
        enumCase E.c @3
        """),
    Case(
      id: "haskell",
      text:
        "open' :: Int\nopen' = 1\nopen = 2\n(-->) :: a -> b\na --> b = b\nx = [q|\nnot here\n= 1\n|]\ny = [x|x <- xs]\n",
      expected: "function open' @1\nfunction open @3\nfunction --> @4\nfunction x @6\nfunction y @10"),
    Case(
      id: "ocaml",
      text:
        "module type S =\nsig\n  type t\nend\nmodule M (A : S) =\nstruct\n  type u = int\n  let f' x = x\nend\nlet (+) a b = a\n",
      expected: "interface S @1\nstruct S.t @3\nmodule M @5\nstruct M.u @7\nfunction M.f' @8\nfunction + @10"),
    Case(
      id: "erlang", text: "f(1) -> a;\nf(2) -> b.\nf(1, 2) -> c.\n'G x'(1) -> d.\n",
      expected: "function f @1\nfunction f @3\nfunction G x @4"),
    Case(
      id: "zig",
      text:
        "fn G(comptime T: type) type {\n  return struct {\n    a: u32 = 1,\n    b: T,\n\n    pub fn f() void {}\n  };\n}\n",
      expected: "function G @1\nmethod G.f @6"),
    Case(
      id: "r",
      text: "a = b = function(x) x\ne$f <- function(x)\n  x\nif (y) g <- \\(x) x\n\"h<-\" <- function(x, value) x\n",
      expected: "function a @1\nfunction e.f @2\nfunction g @4\nfunction h<- @5"),
    Case(
      id: "dart",
      text: "class A {\n  get open => true;\n  set z(int v) {}\n  A(this.x);\n}\nvoid main() {\n  local() {\n  }\n}\n",
      expected:
        "class A @1\nproperty A.open @2\nmethod A.z @3\nconstructor A.A @4\nfunction main @6\nfunction main.local @7"),
    Case(
      id: "vim",
      text:
        "python3 << EOF\ndef no():\n  pass\nEOF\nlet x =<< trim END\n  func! No()\n  END\nfunc! s:F()\nendfu\nexport def G()\nenddef\n",
      expected: "function s:F @8\nfunction G @10"),
    Case(
      id: "perl",
      text: "sub a { my @x = qw(\(String(repeating: "word } ", count: 600))); }\nsub b { }\n__DATA__\nsub no { }\n",
      expected: "function a @1\nfunction b @2"),
    Case(
      id: "julia", text: "Base.show(io::IO, x) = 1\na.b.c\nf(x) = x\n", expected: "function Base.show @1\nfunction f @3"
    ),
  ])
  func symbolPaths(sample: Case) throws {
    #expect(try paths(sample.text, sample.id) == sample.expected)
  }

  @Test func groupsKeepTheirRanges() throws {
    let text = "type (\n\t// A is.\n\tA struct {\n\t\tx int\n\t}\n)\n"
    let file = Chunker().chunk(Array(text.utf8), language: try #require(Language(id: "go")))
    let a = try #require(file.declarations.first)
    #expect(a.lines == 1..<5)
    #expect(a.docRange.map { String(decoding: Array(text.utf8)[$0], as: UTF8.self) } == "// A is.")
    #expect(String(decoding: Array(text.utf8)[a.signatureRange], as: UTF8.self) == "A struct")
  }

  @Test func aTemplateIsPartOfItsSignature() throws {
    let text = "/// Doc.\ntemplate <class T>\nT f(T t) { return t; }\n"
    let file = Chunker().chunk(Array(text.utf8), language: try #require(Language(id: "cpp")))
    let f = try #require(file.declarations.first)
    #expect(String(decoding: Array(text.utf8)[f.signatureRange], as: UTF8.self) == "template <class T>\nT f(T t)")
    #expect(f.lines == 0..<3)
    #expect(f.startLine == 2)
  }

  @Test(arguments: [
    (
      "elixir",
      "defmodule A do\n  @moduledoc \"M.\"\n  @doc \"\"\"\n  D.\n  \"\"\"\n  def f(x), do: x\n  def g(x), do: x\nend\n",
      ["@moduledoc \"M.\"", "@doc \"\"\"\n  D.\n  \"\"\"", nil]
    ),
    ("julia", "\"D.\"\nf(x) = x\ng(x) = x\n", ["\"D.\"", nil]),
    ("ocaml", "(** D. *)\nlet f x = x\n", ["(** D. *)"]), ("haskell", "-- | D.\nf :: Int\nf = 1\n", ["-- | D."]),
    ("erlang", "%% D.\n-spec f() -> a.\nf() -> a.\n", ["%% D."]), ("lua", "--- D.\nfunction f() end\n", ["--- D."]),
    ("vim", "\" D.\nfunction F()\nendfunction\n", ["\" D."]), ("r", "#' D.\nf <- function(x) x\n", ["#' D."]),
    ("perl", "=head2 f\n\nD.\n\n=cut\nsub f { }\n", ["=head2 f\n\nD.\n\n=cut"]),
    ("sql", "-- D.\nCREATE TABLE t (a int);\n", ["-- D."]), ("terraform", "# D.\nvariable \"a\" {}\n", ["# D."]),
    ("proto", "// D.\nmessage M {}\n", ["// D."]), ("zig", "/// D.\nfn f() void {}\n", ["/// D."]),
    ("dart", "/// D.\nclass A {}\n", ["/// D."]), ("cmake", "# D.\nfunction(f)\nendfunction()\n", ["# D."]),
  ])
  func documentation(id: String, text: String, expected: [String?]) throws {
    let file = Chunker().chunk(Array(text.utf8), language: try #require(Language(id: id)))
    let found = file.declarations.map { $0.docRange.map { String(decoding: Array(text.utf8)[$0], as: UTF8.self) } }
    #expect(found == expected)
  }
}

extension Fixture {
  static let braces: [Fixture] = [
    Fixture(
      id: "swift",
      text: ####"""
        import Foundation

        /// An index.
        @available(macOS 15, *)
        public final class Index<Key: Hashable>: Sendable {
          let path: String, size = 3
          private(set) var count: Int { 0 }

          init?(path: String) throws {
            self.path = "\(path.map { "}" }) {"
          }

          // Recovers.
          @discardableResult
          func recover(
            from url: URL
          ) async throws -> [Int] {
            func local() {}
            let r = #"raw " { "#
            return [] /* { /* nested { */ } */
          }

          static func == (a: Index, b: Index) -> Bool { true }
          class func shared() -> Self { fatalError() }
          subscript(i: Int) -> Int { i }
          deinit {}
        }

        extension Index.Inner where Key == Int {
          enum State: Int { case open, closed(Int); case half }
        }

        protocol Reader {
          associatedtype Element
          func read() throws
          var name: String { get }
        }

        #if DEBUG
        func debugOnly() {
        #else
        func debugOnly(_ x: Int) {
        #endif
        }
        typealias Pair = (Int, Int)
        actor Worker {}
        func `default`() {}

        """####,
      expected: ####"""
        class Index @5
          property path @6
          property count @7
          constructor init @9
          method recover @15
            function local @18
          method == @23
          method shared @24
          method subscript @25
          method deinit @26
        extension Index.Inner @29
          enum State @30
            enumCase open @30
            enumCase closed @30
            enumCase half @30
        interface Reader @33
          typeAlias Element @34
          method read @35
          property name @36
        function debugOnly @40
        function debugOnly @42
        typeAlias Pair @45
        class Worker @46
        function default @47
        """####),
    Fixture(
      id: "javascript",
      text: ####"""
        import fs from "node:fs";
        export default class A extends B {
          #count = 0;
          static async *walk(x) { return /[/}]/.test(x); }
          get size() { return `a ${b.map((x) => `}${x}`)} {`; }
          constructor() { super(); }
          handler = (e) => {
            if (e) { run(); }
          };
        }
        function plain(a, { b } = {}) {
          return a / b / 2;
        }
        const arrow = async (x) => {
          return x;
        };
        const table = {
          method() { return 1; },
          key: function () {},
          short: (a) => a,
        };
        exports.named = function () {};
        if (x) { y(); } else { z(); }

        """####,
      expected: ####"""
        class A @2
          property #count @3
          method walk @4
          method size @5
          constructor constructor @6
          method handler @7
        function plain @11
        function arrow @14
        constant table @17
          method method @18
          method key @19
          method short @20
        function named @22
        """####),
    Fixture(
      id: "typescript",
      text: ####"""
        export interface Shape<T> extends Base {
          area(): number;
          name?: string;
        }
        export type Alias = { a: string };
        enum Color { Red, Green = 2 }
        declare namespace NS.Inner { function f(): void; }
        @Component({ selector: "x" })
        export abstract class Service implements Shape<string> {
          private readonly map: Map<string, { a: number }> = new Map();
          constructor(private http: Http) {}
          abstract run(): void;
          public async load<T>(id: number): Promise<T> { return this.http.get<T>(`/x/${id}`); }
        }
        export const useThing = <T,>(x: T): T => { return x; };

        """####,
      expected: ####"""
        interface Shape @1
          method area @2
          property name @3
        typeAlias Alias @5
        enum Color @6
          enumCase Red @6
          enumCase Green @6
        module NS.Inner @7
          function f @7
        class Service @9
          property map @10
          constructor constructor @11
          method run @12
          method load @13
        function useThing @15
        """####),
    Fixture(
      id: "javascriptreact",
      text: ####"""
        export function Button({ label }) {
          return <button onClick={() => go("}")}>{label} isn't</button>;
        }

        """####,
      expected: ####"""
        function Button @1
        """####),
    Fixture(
      id: "typescriptreact",
      text: ####"""
        const Card: React.FC<Props> = ({ title }) => {
          return <div className="c">{title}</div>;
        };
        class View extends React.Component<Props> {
          render() { return <a href="x"/>; }
        }

        """####,
      expected: ####"""
        function Card @1
        class View @4
          method render @5
        """####),
    Fixture(
      id: "go",
      text: ####"""
        package main

        import "fmt"

        // Config holds.
        type Config struct {
        	A map[string]struct{}
        }

        type Reader interface {
        	Read(p []byte) (n int, err error)
        }

        const Limit = 10

        // Run runs.
        func (c *Config[T]) Run(ctx context.Context, f func() interface{}) (map[string]interface{}, error) {
        	go func() { fmt.Println(`}`, '{') }()
        	return nil, nil
        }

        func main() { }

        """####,
      expected: ####"""
        struct Config @6
        interface Reader @10
        constant Limit @14
        method Run @17
        function main @22
        """####),
    Fixture(
      id: "rust",
      text: ####"""
        use std::{fmt, io};

        /// A point.
        #[derive(Debug, Clone)]
        pub struct Point<'a> { x: &'a str }

        pub(crate) enum E { A { x: i32 }, B(u8) }

        impl<'a, T: Into<String>> fmt::Display for Point<'a> where T: Copy {
            /// Writes.
            #[inline]
            pub async fn fmt<'b>(&self, f: &'b mut fmt::Formatter<'_>) -> fmt::Result {
                let c = '{'; let r = r#"" } "#; let b = b'}';
                fn helper() {}
                Ok(())
            }
        }

        pub trait Shape { fn area(&self) -> f64; const N: usize = 1; }
        mod tests { #[test] fn works() { assert!(true); } }
        macro_rules! my { ($x:expr) => { fn hidden() {} }; }
        type Alias = Vec<u8>;
        static COUNT: usize = 0;

        """####,
      expected: ####"""
        struct Point @5
        enum E @7
          enumCase A @7
          enumCase B @7
        extension Point @9
          method fmt @12
            function helper @14
        interface Shape @19
          method area @19
          property N @19
        module tests @20
          function works @20
        macro my @21
        typeAlias Alias @22
        variable COUNT @23
        """####),
    Fixture(
      id: "java",
      text: ####"""
        package a.b;
        import java.util.*;

        /** Doc. */
        @Deprecated(since = "{")
        public class Box<T extends Comparable<T>> extends Base implements Iface {
            private final Map<String, List<T>> map = new HashMap<>();
            enum Kind { ONE { @Override int v() { return 1; } }, TWO(2); Kind(int... n) {} int v() { return 0; } }

            public Box(int x) { this.x = x; }

            @Override
            public <R> R apply(Function<T, R> f) throws IOException {
                Runnable r = new Runnable() { public void run() { go(); } };
                if (x) { y(); }
                return null;
            }
            abstract int size();
        }
        interface Iface { void f(); default void g() {} }
        record Point(int x, int y) { Point { } }
        @interface Note { String value(); }

        """####,
      expected: ####"""
        class Box @6
          property map @7
          enum Kind @8
            enumCase ONE @8
              method v @8
            enumCase TWO @8
            constructor Kind @8
            method v @8
          constructor Box @10
          method apply @13
            method run @14
          method size @18
        interface Iface @20
          method f @20
          method g @20
        class Point @21
        interface Note @22
          method value @22
        """####),
    Fixture(
      id: "kotlin",
      text: ####"""
        package a
        import b.c

        @Serializable
        data class User(val name: String, val f: () -> Unit = {}) : Base(), Iface {
            val upper: String get() = "${name.map { "}" }}"
            companion object { const val X = 1 }
            constructor(a: Int) : this("x")
            override suspend fun load(id: Int): List<String> = withContext(IO) { emptyList() }
            init { println("x") }
        }
        enum class Color(val rgb: Int) { RED(1), GREEN(2); fun hex() = "" }
        fun interface Action { fun run() }
        inline fun <reified T> List<T>.second(): T = this[1]
        object Single { fun `a b`() {} }
        typealias L = List<Int>
        val top by lazy { 1 }

        """####,
      expected: ####"""
        class User @5
          property upper @6
          class Companion @7
            property X @7
          constructor constructor @8
          method load @9
        enum Color @12
          enumCase RED @12
          enumCase GREEN @12
          method hex @12
        interface Action @13
          method run @13
        function second @14
        class Single @15
          method a b @15
        typeAlias L @16
        constant top @17
        """####),
    Fixture(
      id: "scala",
      text: ####"""
        package a.b
        import scala.util._

        case class Point(x: Int, y: Int) extends Shape with Other {
          def area: Double = {
            val s = s"${x + 1} }"
            def inner(z: Int) = z
            area
          }
          override protected def toString(): String = "x"
          val c = 'a'
        }
        object Main extends App {
          implicit def conv[A](a: A)(implicit o: Ord[A]): Opt[A] = a match {
            case x => x
          }
        }
        sealed trait Shape { def sides: Int }
        type Id[A] = A

        """####,
      expected: ####"""
        module a.b @1
        class Point @4
          method area @5
            function inner @7
          method toString @10
          property c @11
        class Main @13
          method conv @14
        interface Shape @18
          method sides @18
        typeAlias Id @19
        """####),
  ]
}

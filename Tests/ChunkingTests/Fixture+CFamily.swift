extension Fixture {
  static let cFamily: [Fixture] = [
    Fixture(
      id: "c",
      text: ####"""
        #include <stdio.h>
        #define MAX(a, b) \
          ((a) > (b) ? (a) : (b))

        /* A node. */
        typedef struct node {
          int value;
        } node_t;

        struct forward;
        static const struct op table[] = { { "a", 1 }, { "}", 2 } };

        static inline int
        add(int a, int b)
        {
          if (a) { return '}'; }
        #ifdef X
          if (b) {
        #else
          if (c) {
        #endif
          }
          return a + b;
        }
        struct node *find(struct node *n, int (*cmp)(void *, void *)) { return n; }
        __attribute__((noreturn)) void die(const char *fmt, ...) { }
        enum color { RED, GREEN };

        """####,
      expected: ####"""
        macro MAX @2
        struct node @6
          property value @7
        variable table @11
        function add @13
        function find @25
        function die @26
        enum color @27
          enumCase RED @27
          enumCase GREEN @27
        """####),
    Fixture(
      id: "cpp",
      text: ####"""
        namespace a::b {
        template <typename T, class U = std::vector<T>>
        class Box final : public Base<T> {
         public:
          explicit Box(int x) : Base<T>{x}, value_(x) {}
          ~Box() override = default;
          bool operator==(const Box& o) const { return true; }
          int get() const noexcept { return R"x(} ")x"[0]; }
         private slots:
          void changed();
          int value_;
        };
        template <> int Box<int>::size() const { return 1'000; }
        Box::Box() : a_{1}, b_(2) { }
        enum class Color : int { Red };
        static auto f(int a) -> decltype(a) { auto l = [&](int x) { return x; }; return l(a); }
        TEST(Suite, Case) { EXPECT_TRUE(x); }
        }
        extern "C" { void g(void) { } }

        """####,
      expected: ####"""
        module a::b @1
          class Box @3
            constructor Box @5
            method ~Box @6
            method operator== @7
            method get @8
            method changed @10
            property value_ @11
          method size @13
          constructor Box @14
          enum Color @15
            enumCase Red @15
          function f @16
          test TEST(Suite, Case) @17
        function g @19
        """####),
    Fixture(
      id: "csharp",
      text: ####"""
        using System;
        namespace A.B
        {
            /// <summary>Doc.</summary>
            [Serializable, Attr("{")]
            public sealed class Box<T> : Base, IThing where T : class
            {
                private readonly string s = @"c:\" + $"{x:{y}} \"";
                public int Count { get; set; } = 1;
                public int Twice => Count * 2;
                public Box(int x) : base(x) { }
                public static bool operator +(Box<T> a, Box<T> b) => true;
                [Test]
                public async Task<List<int>> RunAsync<U>(int a = 1) where U : new()
                {
                    int Local(int z) { return z; }
                    foreach (var i in x) { }
                    return null;
                }
                void IThing.Do() { }
            }
            enum Color { Red, Green }
            record Point(int X, int Y);
            interface IThing { void Do(); }
        }

        """####,
      expected: ####"""
        module A.B @2
          class Box @6
            property s @8
            property Count @9
            property Twice @10
            constructor Box @11
            method operator + @12
            method RunAsync @14
              function Local @16
            method Do @20
          enum Color @22
            enumCase Red @22
            enumCase Green @22
          class Point @23
          interface IThing @24
            method Do @24
        """####),
    Fixture(
      id: "objective-c",
      text: ####"""
        #import <Foundation/Foundation.h>

        @class Other;

        @interface Box : NSObject <Proto> {
          int _x;
        }
        @property (nonatomic, copy) NSString *name;
        - (instancetype)initWithName:(NSString *)name size:(int)size;
        + (void)reset;
        @end

        @implementation Box
        - (instancetype)initWithName:(NSString *)name
                                size:(int)size {
          if (self) { NSDictionary *d = @{@"a": @"}"}; }
          [self run:^(int x) { go(); }];
          return self;
        }
        + (void)reset {}
        static int helper(int a) { return a; }
        @end

        @implementation Box (Category)
        - (void)extra {}
        @end

        int main(void) { @autoreleasepool { } return 0; }

        """####,
      expected: ####"""
        class Box @5
          property name @8
          method initWithName:size: @9
          method reset @10
        class Box @13
          method initWithName:size: @14
          method reset @20
          method helper @21
        extension Box @24
          method extra @25
        function main @28
        """####),
    Fixture(
      id: "php",
      text: ####"""
        <html><?php
        namespace App\Models;
        use Foo\Bar;
        # comment {
        #[Attr("}")]
        final class User extends Model implements \Countable
        {
            public const MAX = 1;
            public function __construct(private string $name) {}
            public static function &make(array $class = []): ?static
            {
                $f = function () use ($x) { return "}"; };
                $s = <<<EOT
                } {$x}
                EOT;
                return new class { public function inner() {} };
            }
            abstract protected function go();
        }
        interface I { function f(); }
        trait T {}
        enum Suit: string { case Hearts = 'H'; }
        function helper() { ?> don't { <?php }

        """####,
      expected: ####"""
        module App\Models @2
        class User @6
          property MAX @8
          method __construct @9
          method make @10
            method inner @16
          method go @18
        interface I @20
          method f @20
        interface T @21
        enum Suit @22
          enumCase Hearts @22
        function helper @23
        """####),
    Fixture(
      id: "dart",
      text: ####"""
        import 'dart:io';

        /// Doc.
        abstract class Box<T> extends Base with Mix implements I {
          final Map<String, List<int>> m = {};
          Box(this.x, {required this.y});
          Box.named(int a) : x = a { print('${a.map((e) { return '}'; })}'); }
          factory Box.of() => Box(1);
          @override
          Future<void> run(int a) async { if (a) { b(); } }
          int get size => 1;
          static void go() {}
        }
        mixin Mix on Base { void m() {} }
        extension Ext on String { int twice() => 2; }
        enum Color { red, green }
        void main(List<String> args) { int local(int x) { return x; } }

        """####,
      expected: ####"""
        class Box @4
          property m @5
          constructor Box @6
          method named @7
          method of @8
          method run @10
          property size @11
          method go @12
        class Mix @14
          method m @14
        extension Ext @15
          method twice @15
        enum Color @16
          enumCase red @16
          enumCase green @16
        function main @17
          function local @17
        """####),
    Fixture(
      id: "zig",
      text: ####"""
        const std = @import("std");
        /// A point.
        pub const Point = struct {
            x: i32,
            pub fn init(x: i32) Point { return .{ .x = x }; }
        };
        const E = enum { a, b };
        pub fn main() !void {
            const s =
                \\ } {
            ;
        }
        test "adds" { try expect(true); }

        """####,
      expected: ####"""
        constant std @1
        struct Point @3
          method init @5
        enum E @7
          enumCase a @7
          enumCase b @7
        function main @8
        test "adds" @13
        """####),
    Fixture(
      id: "r",
      text: ####"""
        library(dplyr)
        # Doc.
        my.fun <- function(x, y = c(1, 2)) {
          helper = function(z) z + 1
          if (x) { "}" } else { y }
        }
        other = function(a)
        {
          a
        }

        """####,
      expected: ####"""
        function my.fun @3
          function helper @4
        function other @7
        """####),
    Fixture(
      id: "perl",
      text: ####"""
        package My::Mod;
        use strict;

        =pod

        sub not_this {

        =cut

        # Doc.
        sub run {
          my ($self, %args) = @_;
          my $n = $#{$args{list}};
          $x =~ s/{/}/g; my @w = qw(a } b);
          my %h = (s => 1, y => { a => 1 });
          print <<EOT;
        }
        EOT
          return sub { 1 };
        }
        sub other { q{ } } }
        1;
        __END__
        sub fake {}

        """####,
      expected: ####"""
        module My::Mod @1
        function run @11
        function other @21
        """####),
    Fixture(
      id: "shellscript",
      text: ####"""
        #!/bin/bash
        # Doc.
        main() {
          local x=${1:-"}"} y=$(foo "$(bar)")
          case $x in a) echo "}";; esac
          cat <<EOF
        fake() {
        EOF
          if [ $# -gt 1 ]; then { echo a; }; fi
          ( cd x && inner() { echo {a,b}; } )
        }
        function other-name {
          echo '}' # }
        }
        last()
        {
          :
        }

        """####,
      expected: ####"""
        function main @3
        function other-name @12
        function last @15
        """####),
  ]
}

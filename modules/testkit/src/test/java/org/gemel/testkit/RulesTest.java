package org.gemel.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.gemel.compiler.Exactness;
import org.gemel.compiler.Rule;
import org.gemel.compiler.Rules;
import org.gemel.ir.Graph;
import org.gemel.ir.Parser;
import org.gemel.ir.Printer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every rewrite rule evaluated before and after, and looked at where it must not match.
class RulesTest {
    /// Inputs of every kind.
    private static final String INPUTS =
            "x: f32[6], y: f32[6], d: f64[6], i: i32[6], j: i64[6], p: bool[6], q: bool[6],"
                    + " m: f32[2, 3, 4], r: f32[1, 4]";

    /// A rule with lines that it must rewrite (`matches`) or leave as they are.
    record Case(String rule, boolean matches, String lines) {
        Graph graph() {
            List<String> all = lines.lines().toList();
            String last = all.getLast();
            return Parser.parse(
                    "graph(%s) {\n%s\n  return %s\n}"
                            .formatted(INPUTS, lines, last.strip().split(" ")[0]));
        }

        @Override
        public String toString() {
            return rule + (matches ? ": " : ", not: ") + lines.replace('\n', ';');
        }
    }

    private static Case yes(String rule, String... lines) {
        return new Case(rule, true, String.join("\n", lines));
    }

    private static Case no(String rule, String... lines) {
        return new Case(rule, false, String.join("\n", lines));
    }

    private static String fill(String type, String value) {
        return "%0 = fill() value=" + value + " : " + type;
    }

    static List<Case> cases() {
        return Stream.of(movement(), arithmetic(), integers(), choices(), relaxed())
                .flatMap(List::stream)
                .toList();
    }

    private static List<Case> movement() {
        return List.of(
                yes("identity", "%0 = reshape(x) : f32[6]"),
                yes("identity", "%0 = expand(x) : f32[6]"),
                yes("identity", "%0 = permute(m) order=[0, 1, 2] : f32[2, 3, 4]"),
                yes("identity", "%0 = slice(x) starts=[0] steps=[1] : f32[6]"),
                yes("identity", "%0 = cast(x) : f32[6]"),
                no("identity", "%0 = slice(x) starts=[5] steps=[-1] : f32[6]"),
                no("identity", "%0 = cast(x) : f64[6]"),
                yes(
                        "reshape of reshape",
                        "%0 = reshape(m) : f32[4, 6]",
                        "%1 = reshape(%0) : f32[24]"),
                yes(
                        "permute of permute",
                        "%0 = permute(m) order=[2, 0, 1] : f32[4, 2, 3]",
                        "%1 = permute(%0) order=[0, 2, 1] : f32[4, 3, 2]"),
                yes(
                        "expand of expand",
                        "%0 = expand(r) : f32[3, 4]",
                        "%1 = expand(%0) : f32[2, 3, 4]"),
                yes(
                        "slice of slice",
                        "%0 = slice(m) starts=[1, 2, 0] steps=[1, -1, 2] : f32[1, 3, 2]",
                        "%1 = slice(%0) starts=[0, 1, 1] steps=[1, 1, -1] : f32[1, 2, 2]"),
                yes("cast of lossless cast", "%0 = cast(x) : f64[6]", "%1 = cast(%0) : f32[6]"),
                yes("cast of lossless cast", "%0 = cast(x) : f64[6]", "%1 = cast(%0) : i32[6]"),
                yes("cast of lossless cast", "%0 = cast(i) : f64[6]", "%1 = cast(%0) : i64[6]"),
                yes("cast of lossless cast", "%0 = cast(p) : f32[6]", "%1 = cast(%0) : bool[6]"),
                no("cast of lossless cast", "%0 = cast(i) : f32[6]", "%1 = cast(%0) : i32[6]"),
                no("cast of lossless cast", "%0 = cast(d) : f32[6]", "%1 = cast(%0) : f64[6]"));
    }

    private static List<Case> arithmetic() {
        return List.of(
                yes("constant to the right", fill("f32[]", "3.0"), "%1 = add(%0, x) : f32[6]"),
                yes("constant to the right", fill("i32[]", "3.0"), "%1 = mul(%0, i) : i32[6]"),
                no("constant to the right", fill("f32[]", "3.0"), "%1 = sub(%0, x) : f32[6]"),
                yes("double negation", "%0 = neg(x) : f32[6]", "%1 = neg(%0) : f32[6]"),
                yes("double negation", "%0 = neg(i) : i32[6]", "%1 = neg(%0) : i32[6]"),
                yes("unit factor", fill("f32[]", "1.0"), "%1 = mul(x, %0) : f32[6]"),
                yes("unit factor", fill("f64[]", "1.0"), "%1 = mul(%0, d) : f64[6]"),
                yes("unit factor", fill("i32[]", "1.0"), "%1 = div(i, %0) : i32[6]"),
                no("unit factor", fill("f32[]", "1.0"), "%1 = div(%0, x) : f32[6]"),
                no("unit factor", fill("f32[3, 4]", "1.0"), "%1 = mul(r, %0) : f32[3, 4]"),
                yes("negative unit factor", fill("f32[]", "-1.0"), "%1 = mul(x, %0) : f32[6]"),
                yes("negative unit factor", fill("f32[]", "-1.0"), "%1 = mul(%0, x) : f32[6]"),
                yes("negative unit factor", fill("f64[]", "-1.0"), "%1 = div(d, %0) : f64[6]"),
                yes("negative unit factor", fill("i64[]", "-1.0"), "%1 = div(j, %0) : i64[6]"),
                no("negative unit factor", fill("f32[]", "-1.0"), "%1 = div(%0, x) : f32[6]"),
                yes("neutral summand", fill("f32[]", "0.0"), "%1 = sub(x, %0) : f32[6]"),
                yes("neutral summand", fill("f32[]", "-0.0"), "%1 = add(x, %0) : f32[6]"),
                yes("neutral summand", fill("f64[]", "-0.0"), "%1 = add(%0, d) : f64[6]"),
                yes("neutral summand", fill("i32[]", "0.0"), "%1 = add(i, %0) : i32[6]"),
                no("neutral summand", fill("f32[]", "0.0"), "%1 = add(x, %0) : f32[6]"),
                no("neutral summand", fill("f32[]", "-0.0"), "%1 = sub(x, %0) : f32[6]"),
                yes("sum with a negation", "%0 = neg(y) : f32[6]", "%1 = add(x, %0) : f32[6]"),
                yes("sum with a negation", "%0 = neg(x) : f32[6]", "%1 = add(%0, y) : f32[6]"),
                yes("sum with a negation", "%0 = neg(y) : f32[6]", "%1 = sub(x, %0) : f32[6]"),
                yes("sum with a negation", "%0 = neg(i) : i32[6]", "%1 = sub(i, %0) : i32[6]"),
                no("sum with a negation", "%0 = neg(x) : f32[6]", "%1 = sub(%0, y) : f32[6]"),
                yes(
                        "product of negations",
                        "%0 = neg(x) : f32[6]",
                        "%1 = neg(y) : f32[6]",
                        "%2 = mul(%0, %1) : f32[6]"),
                yes(
                        "product of negations",
                        "%0 = neg(x) : f32[6]",
                        "%1 = neg(y) : f32[6]",
                        "%2 = div(%0, %1) : f32[6]"),
                no(
                        "product of negations",
                        "%0 = neg(i) : i32[6]",
                        "%1 = neg(i) : i32[6]",
                        "%2 = div(%0, %1) : i32[6]"),
                yes("division by a power of two", fill("f32[]", "8.0"), "%1 = div(x, %0) : f32[6]"),
                yes(
                        "division by a power of two",
                        fill("f64[]", "-0.25"),
                        "%1 = div(d, %0) : f64[6]"),
                no("division by a power of two", fill("f32[]", "3.0"), "%1 = div(x, %0) : f32[6]"),
                no("division by a power of two", fill("i32[]", "4.0"), "%1 = div(i, %0) : i32[6]"),
                no(
                        "division by a power of two",
                        fill("f32[]", "1.7014118346046923E38"),
                        "%1 = div(x, %0) : f32[6]"),
                no("division by a power of two", fill("f32[]", "0.0"), "%1 = div(x, %0) : f32[6]"));
    }

    private static List<Case> integers() {
        return List.of(
                yes("integer zero", fill("i32[]", "0.0"), "%1 = mul(i, %0) : i32[6]"),
                yes("integer zero", "%0 = sub(j, j) : i64[6]"),
                yes("integer zero", "%0 = xor(p, p) : bool[6]"),
                no("integer zero", "%0 = sub(x, x) : f32[6]"),
                no("integer zero", fill("f32[]", "0.0"), "%1 = mul(x, %0) : f32[6]"),
                yes(
                        "integer constants together",
                        fill("i32[]", "2147483600.0"),
                        "%1 = add(i, %0) : i32[6]",
                        "%2 = fill() value=40.0 : i32[]",
                        "%3 = add(%1, %2) : i32[6]"),
                yes(
                        "integer constants together",
                        fill("i64[]", "70000.0"),
                        "%1 = mul(j, %0) : i64[6]",
                        "%2 = fill() value=-30000.0 : i64[]",
                        "%3 = mul(%1, %2) : i64[6]"),
                no(
                        "integer constants together",
                        fill("i32[]", "70000.0"),
                        "%1 = mul(i, %0) : i32[6]",
                        "%2 = fill() value=70000.0 : i32[]",
                        "%3 = mul(%1, %2) : i32[6]"));
    }

    private static List<Case> choices() {
        return List.of(
                yes(
                        "double not",
                        fill("bool[]", "1.0"),
                        "%1 = xor(p, %0) : bool[6]",
                        "%2 = xor(%1, %0) : bool[6]"),
                no("double not", "%0 = xor(p, q) : bool[6]", "%1 = xor(%0, p) : bool[6]"),
                yes("choice by a constant", fill("bool[]", "1.0"), "%1 = where(%0, x, y) : f32[6]"),
                yes("choice by a constant", fill("bool[]", "0.0"), "%1 = where(%0, x, y) : f32[6]"),
                no(
                        "choice by a constant",
                        fill("bool[3, 4]", "1.0"),
                        "%1 = where(%0, r, r) : f32[3, 4]"),
                yes("choice between equals", "%0 = where(p, x, x) : f32[6]"),
                yes("choice between equals", "%0 = max(x, x) : f32[6]"),
                yes("choice between equals", "%0 = min(i, i) : i32[6]"),
                yes("choice between equals", "%0 = and(p, p) : bool[6]"),
                yes("choice between equals", "%0 = or(p, p) : bool[6]"),
                no("choice between equals", "%0 = where(p, x, y) : f32[6]"),
                yes("idempotent twice", "%0 = abs(x) : f32[6]", "%1 = abs(%0) : f32[6]"),
                yes("idempotent twice", "%0 = relu(x) : f32[6]", "%1 = relu(%0) : f32[6]"),
                yes("idempotent twice", "%0 = sign(x) : f32[6]", "%1 = sign(%0) : f32[6]"),
                yes("idempotent twice", "%0 = floor(d) : f64[6]", "%1 = floor(%0) : f64[6]"),
                yes("idempotent twice", "%0 = ceil(x) : f32[6]", "%1 = ceil(%0) : f32[6]"),
                yes("idempotent twice", "%0 = round(x) : f32[6]", "%1 = round(%0) : f32[6]"),
                yes("idempotent twice", "%0 = abs(i) : i32[6]", "%1 = abs(%0) : i32[6]"),
                no("idempotent twice", "%0 = floor(x) : f32[6]", "%1 = ceil(%0) : f32[6]"),
                yes(
                        "sign before an even function",
                        "%0 = neg(x) : f32[6]",
                        "%1 = abs(%0) : f32[6]"),
                yes(
                        "sign before an even function",
                        "%0 = neg(i) : i32[6]",
                        "%1 = square(%0) : i32[6]"),
                yes(
                        "sign before an even function",
                        "%0 = abs(x) : f32[6]",
                        "%1 = square(%0) : f32[6]"),
                no("sign before an even function", "%0 = neg(x) : f32[6]", "%1 = sin(%0) : f32[6]"),
                yes(
                        "relu of what is not negative",
                        "%0 = abs(x) : f32[6]",
                        "%1 = relu(%0) : f32[6]"),
                yes(
                        "relu of what is not negative",
                        "%0 = square(d) : f64[6]",
                        "%1 = relu(%0) : f64[6]"),
                no(
                        "relu of what is not negative",
                        "%0 = abs(i) : i32[6]",
                        "%1 = relu(%0) : i32[6]"));
    }

    private static List<Case> relaxed() {
        return List.of(
                yes("zero summand", fill("f32[]", "0.0"), "%1 = add(x, %0) : f32[6]"),
                yes("zero summand", fill("f32[]", "0.0"), "%1 = add(%0, x) : f32[6]"),
                yes("zero summand", fill("f64[]", "-0.0"), "%1 = sub(d, %0) : f64[6]"),
                yes("zero factor", fill("f32[]", "0.0"), "%1 = mul(x, %0) : f32[6]"),
                yes("zero factor", fill("f32[]", "0.0"), "%1 = mul(%0, x) : f32[6]"),
                yes("difference of equals", "%0 = sub(x, x) : f32[6]"),
                yes("quotient of equals", "%0 = div(d, d) : f64[6]"),
                no("quotient of equals", "%0 = div(i, i) : i32[6]"),
                yes("negated difference", "%0 = sub(x, y) : f32[6]", "%1 = neg(%0) : f32[6]"),
                yes("negated difference", "%0 = sub(x, x) : f32[6]", "%1 = neg(%0) : f32[6]"),
                yes("division by a constant", fill("f32[]", "3.0"), "%1 = div(x, %0) : f32[6]"),
                yes("division by a constant", fill("f64[]", "-0.7"), "%1 = div(d, %0) : f64[6]"),
                no("division by a constant", fill("f32[]", "0.0"), "%1 = div(x, %0) : f32[6]"),
                no("division by a constant", fill("i32[]", "3.0"), "%1 = div(i, %0) : i32[6]"),
                no("division by a constant", fill("f32[]", "3e38"), "%1 = div(x, %0) : f32[6]"),
                yes(
                        "constant factors together",
                        fill("f32[]", "1.1"),
                        "%1 = mul(x, %0) : f32[6]",
                        "%2 = fill() value=0.7 : f32[]",
                        "%3 = mul(%1, %2) : f32[6]"),
                no(
                        "constant factors together",
                        fill("f32[]", "1e30"),
                        "%1 = mul(x, %0) : f32[6]",
                        "%2 = fill() value=1e30 : f32[]",
                        "%3 = mul(%1, %2) : f32[6]"),
                // Without cancellation units are those of the result.
                yes(
                        "constant summands together",
                        "%0 = abs(x) : f32[6]",
                        "%1 = fill() value=1.1 : f32[]",
                        "%2 = add(%0, %1) : f32[6]",
                        "%3 = fill() value=0.7 : f32[]",
                        "%4 = add(%2, %3) : f32[6]"),
                yes("root of a square", "%0 = square(x) : f32[6]", "%1 = sqrt(%0) : f32[6]"));
    }

    private static Rule rule(String name) {
        return Rules.all().stream()
                .filter(rule -> rule.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void keepsWhatItPromises(Case test) {
        Rule rule = rule(test.rule);
        Graph before = test.graph();
        RewriteCheck check =
                rule.exactness() == Exactness.EXACT
                        ? RewriteCheck.exact()
                        : RewriteCheck.relaxed(rule.ulps());
        Graph after = check.check(before, rule.pass()::run);
        if (test.matches) {
            assertNotEquals(Printer.print(before), Printer.print(after));
        } else {
            assertEquals(Printer.print(before), Printer.print(after));
        }
    }

    @Test
    void everyRuleHasACase() {
        var ruled =
                Rules.all().stream().map(Rule::name).collect(Collectors.toCollection(TreeSet::new));
        var tested =
                cases().stream()
                        .filter(Case::matches)
                        .map(Case::rule)
                        .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(ruled, tested);
    }

    @Test
    void listsHoldWhatTheirNamesSay() {
        assertTrue(
                Rules.EXACT_RULES.stream()
                        .allMatch(rule -> rule.exactness() == Exactness.EXACT && rule.ulps() == 0));
        assertTrue(
                Rules.RELAXED_RULES.stream()
                        .allMatch(rule -> rule.exactness() == Exactness.RELAXED));
        assertEquals(Rules.all().size(), Rules.all().stream().map(Rule::name).distinct().count());
    }
}

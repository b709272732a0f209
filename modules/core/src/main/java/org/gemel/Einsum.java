package org.gemel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Einstein's summation, from the text to matrix products.
///
/// A label is a character; the dimensions of an ellipsis get characters of their own, counted from
/// the right, so that they broadcast.
final class Einsum {
    /// Operands up to which every order of contractions is tried.
    private static final int SEARCHED = 8;

    private static final char ELLIPSIS = '\uE000';

    /// A tensor and the label of each of its dimensions, all different.
    private record Term(Tensor tensor, String labels) {
        Shape shape() {
            return tensor.shape();
        }
    }

    private final String equation;
    private final Map<Character, Integer> sizes = new HashMap<>();

    private Einsum(String equation) {
        this.equation = equation;
    }

    static Tensor of(String equation, List<Tensor> operands) {
        return new Einsum(equation).run(operands);
    }

    private Tensor run(List<Tensor> operands) {
        String text = equation.replace(" ", "");
        int arrow = text.indexOf("->");
        String[] inputs = (arrow < 0 ? text : text.substring(0, arrow)).split(",", -1);
        if (inputs.length != operands.size()) {
            throw wrong(
                    "expects an operand for each of the %d terms".formatted(inputs.length),
                    "there are " + operands.size(),
                    "separate terms by commas");
        }
        List<String> labels = new ArrayList<>();
        int longest = 0;
        for (int i = 0; i < inputs.length; i++) {
            int rank = operands.get(i).shape().rank();
            labels.add(labels(inputs[i], rank));
            longest = Math.max(longest, ellipsis(labels.getLast()).length());
        }
        String output =
                arrow < 0
                        ? implied(labels, longest)
                        : output(text.substring(arrow + 2), labels, longest);
        measure(operands, labels);
        List<Term> terms = new ArrayList<>();
        for (int i = 0; i < inputs.length; i++) {
            terms.add(diagonals(new Term(operands.get(i), labels.get(i))));
        }
        Term result = contract(terms, output);
        return arranged(summed(result, output), output);
    }

    // ---- reading

    // The labels of one term's dimensions.
    private String labels(String term, int rank) {
        int dots = term.indexOf("...");
        String named = term.replace("...", "");
        boolean letters = named.chars().allMatch(c -> Character.isLetter(c) && c < ELLIPSIS);
        int left = rank - named.length();
        if (!letters
                || left < 0
                || (dots < 0 && left > 0)
                || term.indexOf("...", dots + 1) > dots) {
            throw wrong(
                    "expects a letter for each dimension, or one ... for the others",
                    "term '%s' is for %d dimensions".formatted(term, rank),
                    "name each dimension");
        }
        if (dots < 0) {
            return named;
        }
        return term.substring(0, dots) + dotted(left) + term.substring(dots + 3);
    }

    private static String dotted(int count) {
        StringBuilder text = new StringBuilder();
        for (int i = count - 1; i >= 0; i--) {
            text.append((char) (ELLIPSIS + i));
        }
        return text.toString();
    }

    private static String ellipsis(String labels) {
        return labels.chars()
                .filter(c -> c >= ELLIPSIS)
                .mapToObj(Character::toString)
                .collect(Collectors.joining());
    }

    // Without an arrow: the ellipsis, then the letters that occur once, in alphabetical order.
    private static String implied(List<String> labels, int longest) {
        Map<Character, Integer> counts = new TreeMap<>();
        for (String term : labels) {
            for (char c : term.toCharArray()) {
                counts.merge(c, 1, Integer::sum);
            }
        }
        StringBuilder text = new StringBuilder(dotted(longest));
        counts.forEach((c, count) -> {
            if (count == 1 && c < ELLIPSIS) {
                text.append(c);
            }
        });
        return text.toString();
    }

    private String output(String text, List<String> labels, int longest) {
        String output = text.replace("...", dotted(longest));
        String known = String.join("", labels);
        boolean once = output.chars().distinct().count() == output.length();
        if (!once || !output.chars().allMatch(c -> known.indexOf(c) >= 0)) {
            throw wrong(
                    "expects letters of the operands in the result, each once",
                    "the result is '" + text + "'",
                    "sum over the others");
        }
        return output;
    }

    private void measure(List<Tensor> operands, List<String> labels) {
        for (int i = 0; i < labels.size(); i++) {
            for (int axis = 0; axis < labels.get(i).length(); axis++) {
                char c = labels.get(i).charAt(axis);
                int dim = operands.get(i).shape().dim(axis);
                Integer known = sizes.get(c);
                boolean broadcasts = known != null && (dim == 1 || known == 1);
                if (known != null && known != dim && !broadcasts) {
                    String name = c >= ELLIPSIS ? "a dimension of ..." : "index " + c;
                    throw wrong(
                            "expects one size for each index",
                            "%s is %d and %d".formatted(name, known, dim),
                            "check the shapes "
                                    + operands.stream()
                                            .map(x -> x.shape().toString())
                                            .collect(Collectors.joining(", ")));
                }
                sizes.merge(c, dim, (a, b) -> a == 1 ? b : a);
            }
        }
    }

    private TypeException wrong(String rule, String fact, String remedy) {
        return new TypeException(
                "einsum: %s, but in \"%s\" %s; %s".formatted(rule, equation, fact, remedy));
    }

    // ---- one operand

    // A label that occurs twice in a term: the diagonal of both dimensions.
    private static Term diagonals(Term term) {
        for (int i = 0; i < term.labels().length(); i++) {
            int j = term.labels().indexOf(term.labels().charAt(i), i + 1);
            if (j >= 0) {
                return diagonals(diagonal(term, i, j));
            }
        }
        return term;
    }

    private static Term diagonal(Term term, int i, int j) {
        Tensor x = term.tensor();
        int n = Math.max(x.shape().dim(i), x.shape().dim(j));
        Tensor even = x.expand(x.shape().with(i, n).with(j, n));
        String rest = without(without(term.labels(), j), i);
        int rank = x.shape().rank();
        int[] order = new int[rank];
        int next = 0;
        for (int axis = 0; axis < rank; axis++) {
            if (axis != i && axis != j) {
                order[next++] = axis;
            }
        }
        order[rank - 2] = i;
        order[rank - 1] = j;
        Tensor last = even.permute(order);
        int[] dims = Arrays.copyOf(last.shape().dims(), rank - 1);
        dims[rank - 2] = Math.multiplyExact(n, n);
        Tensor line = last.reshape(Shape.of(dims));
        Tensor picked = n == 0 ? line : line.slice(-1, 0, dims[rank - 2], n + 1);
        return new Term(picked, rest + term.labels().charAt(i));
    }

    private static String without(String labels, int index) {
        return labels.substring(0, index) + labels.substring(index + 1);
    }

    // Sums over the labels that are not in `kept`.
    private static Term summed(Term term, String kept) {
        List<Integer> axes = new ArrayList<>();
        StringBuilder left = new StringBuilder();
        for (int axis = 0; axis < term.labels().length(); axis++) {
            char c = term.labels().charAt(axis);
            if (kept.indexOf(c) < 0) {
                axes.add(axis);
            } else {
                left.append(c);
            }
        }
        if (axes.isEmpty()) {
            return term;
        }
        int[] all = axes.stream().mapToInt(Integer::intValue).toArray();
        return new Term(term.tensor().sum(all), left.toString());
    }

    // The term's dimensions in the order of `labels`, size 1 where it lacks one.
    private static Tensor arranged(Term term, String labels) {
        StringBuilder present = new StringBuilder();
        int[] dims = new int[labels.length()];
        for (int i = 0; i < dims.length; i++) {
            int axis = term.labels().indexOf(labels.charAt(i));
            dims[i] = axis < 0 ? 1 : term.shape().dim(axis);
            if (axis >= 0) {
                present.append(labels.charAt(i));
            }
        }
        int[] order = present.chars().map(c -> term.labels().indexOf(c)).toArray();
        boolean same = present.toString().equals(term.labels());
        Tensor permuted = same ? term.tensor() : term.tensor().permute(order);
        return permuted.reshape(Shape.of(dims));
    }

    // ---- two operands

    // The product of two terms, summed over what neither `kept` nor anybody else needs.
    private Term product(Term a, Term b, String kept) {
        Term left = summed(a, kept + b.labels());
        Term right = summed(b, kept + a.labels());
        StringBuilder batch = new StringBuilder();
        StringBuilder inner = new StringBuilder();
        StringBuilder rows = new StringBuilder();
        StringBuilder columns = new StringBuilder();
        for (char c : left.labels().toCharArray()) {
            boolean shared = right.labels().indexOf(c) >= 0;
            (!shared ? rows : kept.indexOf(c) >= 0 ? batch : inner).append(c);
        }
        for (char c : right.labels().toCharArray()) {
            if (left.labels().indexOf(c) < 0) {
                columns.append(c);
            }
        }
        String labels = batch.toString() + rows + columns;
        if (inner.isEmpty()) {
            return new Term(arranged(left, labels).mul(arranged(right, labels)), labels);
        }
        Tensor p = matrix(left, batch.toString(), rows.toString(), inner.toString());
        Tensor q = matrix(right, batch.toString(), inner.toString(), columns.toString());
        Tensor product = p.matmul(q);
        int[] dims =
                labels.chars()
                        .map(c -> Math.max(size(left, (char) c), size(right, (char) c)))
                        .toArray();
        for (int i = 0; i < batch.length(); i++) {
            dims[i] = product.shape().dim(i);
        }
        return new Term(product.reshape(Shape.of(dims)), labels);
    }

    private static int size(Term term, char label) {
        int axis = term.labels().indexOf(label);
        return axis < 0 ? 0 : term.shape().dim(axis);
    }

    // [batch .., all of first, all of second]; contracted dimensions of size 1 are repeated.
    private Tensor matrix(Term term, String batch, String first, String second) {
        Tensor all = arranged(term, batch + first + second);
        int[] wide = all.shape().dims();
        for (int i = batch.length(); i < wide.length; i++) {
            char c = (batch + first + second).charAt(i);
            wide[i] = contracted(c, first, second, wide[i]);
        }
        Tensor even = all.expand(Shape.of(wide));
        int[] dims = Arrays.copyOf(wide, batch.length() + 2);
        dims[batch.length()] = 1;
        dims[batch.length() + 1] = 1;
        for (int i = 0; i < first.length(); i++) {
            dims[batch.length()] *= wide[batch.length() + i];
        }
        for (int i = 0; i < second.length(); i++) {
            dims[batch.length() + 1] *= wide[batch.length() + first.length() + i];
        }
        return even.reshape(Shape.of(dims));
    }

    private int contracted(char c, String first, String second, int own) {
        return own == 1 && (first + second).indexOf(c) >= 0 ? sizes.getOrDefault(c, own) : own;
    }

    // ---- more operands

    private Term contract(List<Term> terms, String output) {
        List<Term> left = new ArrayList<>(terms);
        if (terms.size() > 2 && terms.size() <= SEARCHED) {
            return new Search(terms, output).run();
        }
        while (left.size() > 1) {
            int bestA = 0;
            int bestB = 1;
            for (int a = 0; a < left.size(); a++) {
                for (int b = a + 1; b < left.size(); b++) {
                    if (cost(left.get(a), left.get(b)) < cost(left.get(bestA), left.get(bestB))) {
                        bestA = a;
                        bestB = b;
                    }
                }
            }
            Term second = left.remove(bestB);
            Term first = left.remove(bestA);
            String others = left.stream().map(Term::labels).collect(Collectors.joining());
            left.add(product(first, second, others + output));
        }
        return left.getFirst();
    }

    private double cost(Term a, Term b) {
        return volume(a.labels() + b.labels());
    }

    private double volume(String labels) {
        return labels.chars()
                .distinct()
                .mapToDouble(c -> sizes.get((char) c))
                .reduce(1, (x, y) -> x * y);
    }

    /// The cheapest order of contractions: for each set of operands, how it splits in two.
    private final class Search {
        private final List<Term> terms;
        private final String output;
        private final double[] costs;
        private final int[] splits;

        Search(List<Term> terms, String output) {
            this.terms = terms;
            this.output = output;
            this.costs = new double[1 << terms.size()];
            this.splits = new int[costs.length];
        }

        Term run() {
            for (int set = 1; set < costs.length; set++) {
                if (Integer.bitCount(set) > 1) {
                    costs[set] = Double.POSITIVE_INFINITY;
                    for (int part = (set - 1) & set; part > 0; part = (part - 1) & set) {
                        int rest = set ^ part;
                        double cost =
                                costs[part] + costs[rest] + volume(needed(part) + needed(rest));
                        if (part > rest && cost < costs[set]) {
                            costs[set] = cost;
                            splits[set] = part;
                        }
                    }
                }
            }
            return term(costs.length - 1);
        }

        // The labels of the product of `set`: those that others or the result need.
        private String needed(int set) {
            String outside = labels(costs.length - 1 ^ set) + output;
            SequencedSet<Character> all = new LinkedHashSet<>();
            for (char c : labels(set).toCharArray()) {
                if (outside.indexOf(c) >= 0) {
                    all.add(c);
                }
            }
            return all.stream().map(String::valueOf).collect(Collectors.joining());
        }

        private String labels(int set) {
            StringBuilder all = new StringBuilder();
            for (int i = 0; i < terms.size(); i++) {
                if ((set >> i & 1) == 1) {
                    all.append(terms.get(i).labels());
                }
            }
            return all.toString();
        }

        private Term term(int set) {
            if (Integer.bitCount(set) == 1) {
                return terms.get(Integer.numberOfTrailingZeros(set));
            }
            int part = splits[set];
            return product(term(part), term(set ^ part), needed(set));
        }
    }
}

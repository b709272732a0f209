package org.gemel.bench.workloads;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Guesses what a mistyped name was meant to be.
public final class Spelling {
    private Spelling() {}

    /// The nearest of `known`, if it is near enough to be meant.
    public static Optional<String> nearest(String typed, List<String> known) {
        return known.stream()
                .min(Comparator.comparingInt(name -> distance(typed, name)))
                .filter(name -> distance(typed, name) <= Math.max(2, name.length() / 3));
    }

    // Levenshtein's: insertions, deletions and substitutions of a letter.
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int substituted = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(substituted, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[b.length()];
    }
}
